"""Everything that the organisation is set up with, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.settings.accounts import Accounts
from integration.sandbox.zoho.settings.locations import Locations
from integration.sandbox.zoho.settings.name_list import NameList, numbered
from integration.sandbox.zoho.settings.taxes import TaxBook

_FIRST_UNIT, _FIRST_REASON = 50_001, 60_001
_UNITS = ("pcs", "box", "kg", "m")
_REASONS = ("Stock count", "Damaged", "Lost", "Found")


class Setup:
    """Locations, taxes, accounts and the names that get ids when they are used."""

    def __init__(self, premises: Premises) -> None:
        self.locations, self.taxes = Locations(premises), TaxBook(premises)
        self.accounts = Accounts(premises.profile)
        self.units = NameList(premises.next_id, numbered(premises, _FIRST_UNIT, _UNITS))
        self.reasons = NameList(premises.next_id, numbered(premises, _FIRST_REASON, _REASONS))
        self.brands, self.manufacturers = NameList(premises.next_id), NameList(premises.next_id)

    def clear(self) -> None:
        """As it was at the start."""
        for part in self._parts().values():
            part.clear()

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {name: part.dump() for name, part in self._parts().items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """The settings of a dump instead of the present ones."""
        for name, part in self._parts().items():
            part.load(state[name])

    def _parts(self) -> dict[str, Locations | TaxBook | NameList]:
        return {
            "locations": self.locations, "taxes": self.taxes, "units": self.units, "reasons": self.reasons,
            "brands": self.brands, "manufacturers": self.manufacturers,
        }  # fmt: skip
