"""Taxes of the organisation in the form in which amounts are computed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

from integration.sandbox.zoho.documents.money import TaxRate
from integration.sandbox.zoho.settings.taxes import TaxBook, TaxRecord


class TaxRates:
    """Looks taxes and groups of taxes up as they are now."""

    def __init__(self, taxes: TaxBook) -> None:
        self._taxes = taxes

    def used_by(self, documents: Callable[[Collection[str]], bool]) -> None:
        """Keep taxes as they are while `documents` says that it has one of them."""
        self._taxes.used_by(documents)

    def rate(self, tax_id: str) -> TaxRate | None:
        """The tax or group, None where there is none."""
        found = self._taxes.find(tax_id)
        if found is None:
            return None
        record = self._taxes.get(tax_id, group=found.kind == "tax_group")
        parts = tuple(_rate(member) for member in self._taxes.members(record))
        return TaxRate(tax_id, found.name, Decimal(str(found.percentage)), parts=parts)


def _rate(record: TaxRecord) -> TaxRate:
    return TaxRate(
        record.tax_id, record.tax_name, Decimal(str(record.tax_percentage)),
        compound=record.tax_type == "compound_tax",
    )  # fmt: skip
