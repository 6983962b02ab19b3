"""What the organisation is set up with: locations, taxes, users, accounts."""
