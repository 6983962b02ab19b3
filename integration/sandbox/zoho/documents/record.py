"""What every document keeps, and what those with amounts keep beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Self

from integration.sandbox.zoho.documents.keeping import kept, read_back
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.money import NO_DISCOUNT, Discount, Terms

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""Shared by all documents that have none: an empty dictionary for each would not be small."""


@dataclass(frozen=True, slots=True)
class Document:
    """State of one document; a change makes a new one in its place.

    Times are seconds since 1970; `custom` holds the custom fields by api_name.
    """

    record_id: str
    created: int
    modified: int
    source: str
    number: str
    custom: Mapping[str, Any] = field(default_factory=lambda: NOTHING, kw_only=True)
    deleted: bool = field(default=False, kw_only=True)

    def changed(self, **values: Any) -> Self:
        """The document with these values instead."""
        return replace(self, **values)

    def dump(self) -> list[Any]:
        """As JSON, without names of columns."""
        return kept(self)

    @classmethod
    def load(cls, row: list[Any]) -> Self:
        """From a dump."""
        return cls(**cls.read(read_back(cls, row)))

    @classmethod
    def read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a dump as the fields hold them; kinds with more than plain values say how."""
        return {key: value or NOTHING if value == {} else value for key, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedDocument(Document):
    """One with lines and amounts; `total` is kept because lists sort by it.

    `values` holds what few documents have, by its key in the API.
    """

    lines: tuple[Line, ...] = ()
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    discount: Discount = NO_DISCOUNT
    discount_type: str = "entity_level"
    is_discount_before_tax: bool = True
    is_inclusive_tax: bool = False
    shipping_charge: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)
    exchange_rate: Decimal = Decimal(1)
    tax_rounding: str = "entity_level"
    total: Decimal = Decimal(0)
    currency_id: str = ""

    def terms(self, decimals: int, base_decimals: int) -> Terms:
        """What the amounts are computed by."""
        return Terms(
            self.discount, self.discount_type, self.is_discount_before_tax, self.is_inclusive_tax,
            self.shipping_charge, self.adjustment, self.exchange_rate, self.tax_rounding, decimals,
            base_decimals,
        )  # fmt: skip

    def line(self, line_item_id: str) -> Line | None:
        """The line of that id."""
        return next((line for line in self.lines if line.line_item_id == line_item_id), None)


def progress_read(kind: Any, kept_rows: Mapping[str, list[str]]) -> dict[str, Any]:
    """Progress of lines, by line id, as a dump keeps it; `kind` is made of its numbers."""
    return {line_id: kind(*(Decimal(text) for text in row)) for line_id, row in kept_rows.items()}
