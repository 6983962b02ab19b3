"""An inventory adjustment as it is kept, and what a write of one may contain."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, NamedTuple

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value
from integration.sandbox.zoho.fields import (
    clean_choice,
    clean_date,
    clean_id,
    clean_list,
    clean_number,
    clean_text,
)

QUANTITY, VALUE = "quantity", "value"
DRAFT, PENDING, REJECTED, ADJUSTED = "draft", "pending_approval", "rejected", "adjusted"
_PROJECTIONS = frozenset({
    "inventory_adjustment_id", "reason_id", "location_name", "warehouse_name", "total", "custom_field_hash",
    "created_time", "last_modified_time", "status", "line_items", "custom_fields", "location_id",
    "warehouse_id",
})  # fmt: skip
_LINE_PROJECTIONS = frozenset({
    "item_total", "is_combo_product", "adjustment_account_name", "location_name", "warehouse_name", "sku",
    "item_order", "location_id", "warehouse_id",
})  # fmt: skip
# Features that none of the items here have.
_LINE_FEATURES = frozenset({"serial_numbers", "batches", "storages"})


class AdjustmentLine(NamedTuple):
    """One item at one location; `quantity` is how much more there is, `value` how much more it is worth."""

    line_item_id: str
    item_id: str
    name: str
    description: str
    unit: str
    quantity: float
    value: float
    account_id: str
    location_id: str

    @property
    def total(self) -> float:
        """What the line is worth in the base currency."""
        return self.value


@dataclass(slots=True)
class Adjustment:
    """State of one adjustment; only in status `adjusted` does it move stock."""

    record_id: str
    created: int
    modified: int
    source: str
    date: str = ""
    reason: str = ""
    kind: str = QUANTITY
    description: str = ""
    reference_number: str = ""
    location_id: str = ""
    status: str = ADJUSTED
    lines: tuple[AdjustmentLine, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False

    @property
    def moves(self) -> bool:
        """Whether its lines count."""
        return self.status == ADJUSTED and self.kind == QUANTITY

    @property
    def total(self) -> float:
        """What all lines are worth."""
        return round(sum(line.total for line in self.lines), 2)

    def copy(self) -> Adjustment:
        """A draft to change; what it holds is replaced in it, never changed."""
        return copy.copy(self)

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        found = {column.name: getattr(self, column.name) for column in fields(self)}
        return {**found, "lines": [list(line) for line in self.lines]}

    @classmethod
    def load(cls, row: Mapping[str, Any]) -> Adjustment:
        """From a dump."""
        return cls(**{**row, "lines": tuple(AdjustmentLine(*line) for line in row["lines"])})


def clean_adjustment(body: Mapping[str, Any], switches: Switches) -> dict[str, Any]:
    """The values of a write by key, without lines, location and custom fields.

    :raises ApiError: an unknown key or a wrong value
    """
    return _cleaned(body, switches, _CHECKS, _PROJECTIONS)


def clean_line(entry: object, switches: Switches) -> dict[str, Any]:
    """The values of a line by key, without its location. :raises ApiError: as of an adjustment."""
    if not isinstance(entry, dict):
        raise invalid_value("line_items")
    for feature in _LINE_FEATURES:
        if clean_list(feature, entry.get(feature) or []):
            raise invalid_element(feature, switches)
    return _cleaned(entry, switches, _LINE_CHECKS, _LINE_PROJECTIONS | _LINE_FEATURES)


def _cleaned(
    body: Mapping[str, Any],
    switches: Switches,
    checks: Mapping[str, Callable[[str, Any], Any]],
    passed_over: frozenset[str],
) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for key, value in body.items():
        check = checks.get(key)
        if check is not None:
            cleaned[key] = check(key, value)
        elif key not in passed_over and not key.startswith("cf_") and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)
    return cleaned


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "date": clean_date,
    "reason": partial(clean_text, limit=None),
    "description": partial(clean_text, limit=None),
    "reference_number": partial(clean_text, limit=None),
    "adjustment_type": partial(clean_choice, choices=(QUANTITY, VALUE)),
}
_LINE_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "line_item_id": clean_id,
    "item_id": clean_id,
    "name": partial(clean_text, limit=None),
    "description": partial(clean_text, limit=None),
    "unit": partial(clean_text, limit=None),
    "quantity_adjusted": clean_number,
    "value_adjusted": clean_number,
    "adjustment_account_id": clean_id,
}
