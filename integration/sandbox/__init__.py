"""Stand-ins for Salesforce and Zoho Inventory; no code is shared with the product, so no mistake hides."""
