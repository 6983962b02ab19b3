"""Inventory adjustments as a module of the organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.adjustments.adjustment_book import ENTITY, AdjustmentBook
from integration.sandbox.zoho.adjustments.adjustment_shown import AdjustmentShown

Json = dict[str, Any]
_BUTTONS = {"pending_approval": "submit", "adjusted": "approve", "rejected": "reject"}


class AdjustmentModule:
    """Adjustments; their effect on stock is kept with the items."""

    entity, id_key = ENTITY, "inventory_adjustment_id"

    def __init__(self, book: AdjustmentBook, shown: AdjustmentShown) -> None:
        self._book, self._shown = book, shown

    def counts(self) -> Json:
        register = self._book.register
        return {"alive": len(register), "deleted": len(list(register.all(deleted=True)))}

    def ids(self) -> Iterable[str]:
        register = self._book.register
        return [each.record_id for each in (*register.all(), *register.all(deleted=True))]

    def detail(self, record_id: str) -> Json | None:
        found = self._book.register.ever(record_id)
        return None if found is None else self._shown.detail(found)

    def is_deleted(self, record_id: str) -> bool:
        return self._book.register.find(record_id) is None

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is None:
            return self._book.create(fields, source).record_id
        return self._book.update(record_id, fields, source).record_id

    def delete(self, record_id: str, source: str) -> None:
        self._book.delete(record_id, source)

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status not in _BUTTONS:
            raise BadInstructionError(f"status is one of {[*_BUTTONS]}, not {status!r}")
        self._book.act(record_id, _BUTTONS[status], source)

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        return self._book.create(fields, "user", at=at).record_id

    def dump(self) -> list[Json]:
        return self._book.dump()

    def load(self, state: list[Json]) -> None:
        self._book.load(state)

    def clear(self) -> None:
        self._book.register.clear()
