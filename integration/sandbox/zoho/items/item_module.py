"""Items as a module of the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.zoho.fields import clean_number
from integration.sandbox.zoho.items.item import Item
from integration.sandbox.zoho.items.item_book import ENTITY, ItemBook
from integration.sandbox.zoho.items.item_shown import ItemShown
from integration.sandbox.zoho.record_module import RetirableModule

Json = dict[str, Any]
PLANTED_BY = "user"


class ItemModule(RetirableModule[Item]):
    """Items with their stock."""

    _book: ItemBook

    def __init__(self, book: ItemBook, shown: ItemShown) -> None:
        super().__init__(ENTITY, "item_id", book, shown.detail)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        values = _translated(fields)
        status = values.pop("status", None)
        if record_id is None:
            record_id = self._book.create(values, source).record_id
        elif values:
            self._book.update(record_id, values, source)
        if status is not None:
            self.set_status(record_id, str(status), source)
        return self._book.get(record_id).record_id

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        return self._book.create(_translated(fields), PLANTED_BY, at=at).record_id


def _translated(fields: Mapping[str, Any]) -> Json:
    """A catalogue in the words of the API: `stock_on_hand` is opening stock, `cf_x` a custom field."""
    values = dict(fields)
    stock = values.pop("stock_on_hand", None)
    if stock is not None:
        values.setdefault("item_type", "inventory")
        # Refused under its own name, which whoever loads a file reads.
        values |= {
            "initial_stock": clean_number("stock_on_hand", stock),
            "initial_stock_rate": values.get("purchase_rate", 0),
        }
    custom = [{"api_name": key, "value": values.pop(key)} for key in [*values] if key.startswith("cf_")]
    if custom:
        values["custom_fields"] = [*values.get("custom_fields", []), *custom]
    return values
