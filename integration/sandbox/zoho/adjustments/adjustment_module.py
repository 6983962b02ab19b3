"""Inventory adjustments as a module of the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.adjustments.adjustment import Adjustment
from integration.sandbox.zoho.adjustments.adjustment_book import ENTITY, AdjustmentBook
from integration.sandbox.zoho.adjustments.adjustment_shown import AdjustmentShown
from integration.sandbox.zoho.record_module import RecordModule

Json = dict[str, Any]
_BUTTONS = {"pending_approval": "submit", "adjusted": "approve", "rejected": "reject"}


class AdjustmentModule(RecordModule[Adjustment]):
    """Adjustments; their effect on stock is kept with the items."""

    _book: AdjustmentBook

    def __init__(self, book: AdjustmentBook, shown: AdjustmentShown) -> None:
        super().__init__(ENTITY, "inventory_adjustment_id", book, shown.detail)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is None:
            return self._book.create(fields, source).record_id
        return self._book.update(record_id, fields, source).record_id

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status not in _BUTTONS:
            raise BadInstructionError(f"status is one of {[*_BUTTONS]}, not {status!r}")
        self._book.act(record_id, _BUTTONS[status], source)

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        return self._book.create(fields, "user", at=at).record_id

    def clear(self) -> None:
        self._register.clear()
