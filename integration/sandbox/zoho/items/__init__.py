"""Items of one organisation: what is bought, kept and sold."""
