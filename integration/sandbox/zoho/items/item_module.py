"""Items, and the places where they lie, as modules of the organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.fields import clean_number
from integration.sandbox.zoho.items.item_book import ENTITY, ItemBook
from integration.sandbox.zoho.items.item_shown import ItemShown

Json = dict[str, Any]
PLANTED_BY = "user"


class ItemModule:
    """Items with their stock."""

    entity, id_key = ENTITY, "item_id"

    def __init__(self, book: ItemBook, shown: ItemShown) -> None:
        self._book, self._shown = book, shown

    def counts(self) -> Json:
        living = list(self._book.register.all())
        inactive = sum(item.status == "inactive" for item in living)
        gone = len(list(self._book.register.all(deleted=True)))
        return {"alive": len(living), "deleted": gone, "inactive": inactive}

    def ids(self) -> Iterable[str]:
        register = self._book.register
        return [item.record_id for item in (*register.all(), *register.all(deleted=True))]

    def detail(self, record_id: str) -> Json | None:
        item = self._book.ever(record_id)
        return None if item is None else self._shown.detail(item)

    def is_deleted(self, record_id: str) -> bool:
        return self._book.find(record_id) is None

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

    def delete(self, record_id: str, source: str) -> None:
        self._book.delete(record_id, source)

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status not in {"active", "inactive"}:
            raise BadInstructionError(f"status is active or inactive, not {status!r}")
        self._book.set_status(record_id, status, source)

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        return self._book.create(_translated(fields), PLANTED_BY, at=at).record_id

    def dump(self) -> Json:
        return self._book.dump()

    def load(self, state: Mapping[str, Any]) -> None:
        self._book.load(state)

    def clear(self) -> None:
        self._book.clear()


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
