"""What orders, packages, receives, invoices and bills ask of items and settings; the stock is in `stock`.

`org.items` is a Wares, `org.locations` Places and `org.stock` a `stock.Stock`. A document that is written
names its items by `stock.mention`, then says by `commit`, `ship`, ... how things stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from integration.sandbox.zoho.items.item import Item


class Location(NamedTuple):
    """A place where stock lies."""

    location_id: str
    name: str
    is_primary: bool = False
    is_active: bool = True


class Tax(NamedTuple):
    """A tax or a group of taxes with what it adds, in percent; `kind` is tax, compound_tax or tax_group."""

    tax_id: str
    name: str
    percentage: float
    kind: str = "tax"


class Wares(Protocol):
    """Items as lines of documents see them."""

    def for_sale(self, item_id: str) -> Item:
        """The item of a line of sale. :raises ApiError: there is none, it is inactive or not sold."""
        ...

    def for_purchase(self, item_id: str) -> Item:
        """The item of a line of purchase. :raises ApiError: there is none, it is inactive or not bought."""
        ...

    def ever(self, item_id: str) -> Item | None:
        """The item, alive or deleted."""
        ...


class Places(Protocol):
    """Locations as lines of documents see them."""

    def named(self, body: Mapping[str, Any], default: str = "") -> Location:
        """The location that a document or line names, else the default, else the primary one.

        The key is `location_id`, or `warehouse_id` in an organisation that still has warehouses.
        :raises ApiError: an unknown or inactive location, or the key of the other kind of organisation
        """
        ...

    def address(self, location_id: str) -> Mapping[str, str] | None:
        """The address of the location; None where there is none of that id."""
        ...

    def shown(self, location_id: str) -> dict[str, Any]:
        """The keys that tell the location of a document or line in answers."""
        ...

    def used_by(self, documents: Callable[[str], bool]) -> None:
        """Keep a location while `documents` says that it has it."""
        ...
