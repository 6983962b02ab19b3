"""Sales of one organisation: orders and the packages, shipments and invoices that carry them out."""
