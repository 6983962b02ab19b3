"""How an adjustment looks in answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integration.sandbox.zoho.adjustments.adjustment import VALUE, Adjustment, AdjustmentLine
from integration.sandbox.zoho.custom_fields import CustomFields
from integration.sandbox.zoho.settings.setup import Setup

Json = dict[str, Any]


class AdjustmentShown:
    """Answers about adjustments of one organisation."""

    def __init__(self, setup: Setup, custom_fields: CustomFields, time: Callable[[int], str]) -> None:
        self._setup, self._custom, self._time = setup, custom_fields, time

    def row(self, adjustment: Adjustment) -> Json:
        """A list row: no lines."""
        return {
            "inventory_adjustment_id": adjustment.record_id, "date": adjustment.date,
            "reason": adjustment.reason, "reason_id": self._setup.reasons.id_of(adjustment.reason),
            "description": adjustment.description, "reference_number": adjustment.reference_number,
            "adjustment_type": adjustment.kind, "status": adjustment.status, "total": adjustment.total,
            "custom_fields": self._custom.array(adjustment.custom),
            "created_time": self._time(adjustment.created),
            "last_modified_time": self._time(adjustment.modified),
            **self._custom.flat(adjustment.custom),
        }  # fmt: skip

    def detail(self, adjustment: Adjustment) -> Json:
        """What GET of one adjustment and webhooks show."""
        lines = [self._line(line, adjustment.kind) for line in adjustment.lines]
        place = self._setup.locations.shown(adjustment.location_id)
        flat = self._custom.flat(adjustment.custom)
        shown = {key: value for key, value in self.row(adjustment).items() if key not in flat}
        return {**shown, **place, "line_items": lines, "custom_field_hash": flat}

    def _line(self, line: AdjustmentLine, kind: str) -> Json:
        amount = {"value_adjusted": line.value} if kind == VALUE else {"quantity_adjusted": line.quantity}
        return {
            "line_item_id": line.line_item_id, "item_id": line.item_id, "name": line.name,
            "description": line.description, **amount, "item_total": line.total, "unit": line.unit,
            "is_combo_product": False, "adjustment_account_id": line.account_id,
            "adjustment_account_name": self._setup.accounts.name_of(line.account_id),
            **self._setup.locations.shown(line.location_id), "serial_numbers": [], "batches": [],
            "storages": [],
        }  # fmt: skip
