"""Packages and shipments as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from integration.sandbox.zoho.documents.keeping import kept, read_back
from integration.sandbox.zoho.sales.order import NOTHING


class PackedLine(NamedTuple):
    """So much of a line of the order is in the package."""

    line_item_id: str
    so_line_item_id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Package:
    """Goods of one order put together; `shipment_id` is empty until they leave the house."""

    record_id: str
    created: int
    modified: int
    source: str
    number: str
    order_id: str
    customer_id: str
    date: str
    packed: tuple[PackedLine, ...] = ()
    notes: str = ""
    custom: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    shipment_id: str = ""
    status: str = "not_shipped"
    deleted: bool = False

    def changed(self, **values: Any) -> Package:
        """The package with these values instead."""
        return replace(self, **values)

    def dump(self) -> list[Any]:
        """As JSON, without names of columns."""
        return kept(self)

    @classmethod
    def load(cls, row: list[Any]) -> Package:
        """From a dump."""
        values = read_back(cls, row)
        values["packed"] = tuple(
            PackedLine(line_id, so_line_id, Decimal(text)) for line_id, so_line_id, text in values["packed"]
        )
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Shipment:
    """Packages of one order on their way; `values` holds what the carrier needs, by its key in the API."""

    record_id: str
    created: int
    modified: int
    source: str
    number: str
    order_id: str
    customer_id: str
    date: str
    package_ids: tuple[str, ...] = ()
    status: str = "shipped"
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    deleted: bool = False

    def changed(self, **values: Any) -> Shipment:
        """The shipment with these values instead."""
        return replace(self, **values)

    def dump(self) -> list[Any]:
        """As JSON, without names of columns."""
        return kept(self)

    @classmethod
    def load(cls, row: list[Any]) -> Shipment:
        """From a dump."""
        return cls(**read_back(cls, row))
