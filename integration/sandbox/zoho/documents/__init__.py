"""What sales orders, purchase orders, invoices and the like have in common; nothing here knows HTTP."""
