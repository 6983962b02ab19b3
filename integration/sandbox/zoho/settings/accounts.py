"""The few accounts of the books that items and adjustments name."""

from __future__ import annotations

from integration.sandbox.zoho.faults import invalid_value
from integration.sandbox.zoho.profile import Profile

SALES, PURCHASES, INVENTORY = "Sales", "Cost of Goods Sold", "Inventory Asset"
_NAMES = (SALES, PURCHASES, INVENTORY, "General Income", "Shrinkage")
_FIRST_NUMBER = 401


class Accounts:
    """Accounts by id; they are the same for as long as the organisation lives."""

    def __init__(self, profile: Profile) -> None:
        self._names = {
            f"{profile.id_prefix}{_FIRST_NUMBER + 2 * number:012d}": name
            for number, name in enumerate(_NAMES)
        }
        self._ids = {name: account_id for account_id, name in self._names.items()}

    def id_of(self, name: str) -> str:
        """The id of the account of that name."""
        return self._ids[name]

    def name_of(self, account_id: str) -> str:
        """Its name; empty where there is none."""
        return self._names.get(account_id, "")

    def check(self, account_id: str, key: str) -> None:
        """:raises ApiError: the key names an account that does not exist."""
        if account_id and account_id not in self._names:
            raise invalid_value(key)
