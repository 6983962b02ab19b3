"""Stand-in for Zoho Inventory: OAuth server, REST API v1 for contacts, webhooks."""

from integration.sandbox.zoho.accounts import accounts_routes
from integration.sandbox.zoho.api import routes
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.profile import Limits, Profile

__all__ = ["Limits", "Profile", "ZohoOrg", "accounts_routes", "routes"]
