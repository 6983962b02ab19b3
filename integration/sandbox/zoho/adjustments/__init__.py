"""Inventory adjustments: the one way to say that there is more or less of an item than the books think."""
