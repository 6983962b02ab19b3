"""Keeps a Salesforce org and a Zoho Inventory organisation saying the same thing."""
