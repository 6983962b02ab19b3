"""A sales order as it is kept; amounts and statuses follow from it (see `order_view`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from integration.sandbox.zoho.documents.keeping import kept, read_back
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.money import NO_DISCOUNT, Discount, Terms
from integration.sandbox.zoho.documents.parties import PersonRef
from integration.sandbox.zoho.sales.statuses import DRAFT, Money, Progress

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SalesOrder:
    """State of one order; a change makes a new one in its place.

    `values` holds what few orders have, by its key in the API; `progress` is by line id and holds only lines
    that other documents touch; `total` is kept because lists sort by it.
    """

    record_id: str
    created: int
    modified: int
    source: str
    number: str
    customer_id: str
    currency_id: str
    date: str
    lines: tuple[Line, ...]
    stage: str = DRAFT
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    custom: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    billing_address: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    shipping_address: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    location_id: str = ""
    discount: Discount = NO_DISCOUNT
    discount_type: str = "entity_level"
    is_discount_before_tax: bool = True
    is_inclusive_tax: bool = False
    shipping_charge: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)
    exchange_rate: Decimal = Decimal(1)
    tax_rounding: str = "entity_level"
    persons: tuple[PersonRef, ...] = ()
    progress: Mapping[str, Progress] = field(default_factory=lambda: NOTHING)
    invoiced: Decimal = Decimal(0)
    balance: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    deleted: bool = False

    @property
    def money(self) -> Money:
        """What is invoiced and what of it is open."""
        return Money(self.invoiced, self.balance)

    def of(self, line: Line) -> Progress:
        """How far the line is."""
        return self.progress.get(line.line_item_id, Progress())

    def line(self, line_item_id: str) -> Line | None:
        """The line of that id."""
        return next((line for line in self.lines if line.line_item_id == line_item_id), None)

    def terms(self, decimals: int, base_decimals: int) -> Terms:
        """What the amounts are computed by."""
        return Terms(
            self.discount, self.discount_type, self.is_discount_before_tax, self.is_inclusive_tax,
            self.shipping_charge, self.adjustment, self.exchange_rate, self.tax_rounding, decimals,
            base_decimals,
        )  # fmt: skip

    def changed(self, **values: Any) -> SalesOrder:
        """The order with these values instead."""
        return replace(self, **values)

    def dump(self) -> list[Any]:
        """As JSON, without names of columns."""
        return kept(self)

    @classmethod
    def load(cls, row: list[Any]) -> SalesOrder:
        """From a dump."""
        values = read_back(cls, row)
        values["progress"] = {
            line_id: Progress(*(Decimal(text) for text in found))
            for line_id, found in values["progress"].items()
        }
        for key in ("values", "custom", "progress"):
            values[key] = values[key] or NOTHING
        return cls(**values)
