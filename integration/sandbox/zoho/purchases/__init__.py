"""Purchases of one organisation: orders to vendors and the receives and bills that carry them out."""
