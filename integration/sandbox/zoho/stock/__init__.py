"""Stock of one organisation: what documents move, per item and location."""

from integration.sandbox.zoho.stock.ledger import Level, Movement, Opening, Stock

__all__ = ["Level", "Movement", "Opening", "Stock"]
