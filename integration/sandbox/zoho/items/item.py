"""An item as it is kept: typed values, times as whole seconds since 1970; stock is kept in the ledger."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""Shared by all items that have none: fifty thousand empty dictionaries are not small."""
INVENTORY, SALES, PURCHASES, BOTH = "inventory", "sales", "purchases", "sales_and_purchases"


@dataclass(slots=True)
class Item:
    """State of one item. Once stored it is not changed: a change is made on a copy that takes its place.

    `rest` holds the values that few items have, by their key in the API; `custom` the custom fields by
    api_name. An empty text is an absent value; `reorder_level` None, too.
    """

    record_id: str
    created: int
    modified: int
    source: str
    name: str = ""
    sku: str = ""
    rate: float = 0.0
    purchase_rate: float = 0.0
    unit: str = ""
    description: str = ""
    purchase_description: str = ""
    brand: str = ""
    manufacturer: str = ""
    item_type: str = SALES
    product_type: str = "goods"
    tax_id: str = ""
    reorder_level: float | None = None
    is_taxable: bool = True
    status: str = "active"
    deleted: bool = False
    rest: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    custom: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def is_tracked(self) -> bool:
        """Whether stock is kept of it."""
        return self.item_type == INVENTORY

    @property
    def is_sold(self) -> bool:
        """Whether it may stand on sales orders and invoices."""
        return self.item_type != PURCHASES

    @property
    def is_bought(self) -> bool:
        """Whether it may stand on purchase orders and bills."""
        return self.item_type != SALES

    def copy(self) -> Item:
        """A draft to change; mappings are replaced in it, never changed."""
        return copy.copy(self)

    def dump(self) -> list[Any]:
        """As JSON, without names of columns; see `load`."""
        found = [getattr(self, name) for name in _COLUMNS]
        return [dict(value) if isinstance(value, Mapping) else value for value in found]

    @classmethod
    def load(cls, row: list[Any]) -> Item:
        """From a dump."""
        item = cls(*row)
        item.rest, item.custom = item.rest or NOTHING, item.custom or NOTHING
        return item


_COLUMNS = tuple(column.name for column in fields(Item))
