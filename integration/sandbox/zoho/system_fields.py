"""The built-in fields that GET /settings/fields tells of, by entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integration.sandbox.zoho.contact_fields import FLAGS, TEXTS
from integration.sandbox.zoho.items import item_fields


@dataclass(frozen=True)
class SystemField:
    """One built-in field."""

    name: str
    data_type: str = "string"
    max_length: int | None = None
    is_mandatory: bool = False


SYSTEM_FIELDS: Mapping[str, tuple[SystemField, ...]] = {
    "contact": (
        *(SystemField(name, "string", limit, name == "contact_name") for name, limit in TEXTS.items()),
        *(SystemField(name, "check_box") for name in sorted(FLAGS)),
    ),
    "item": (
        SystemField("name", "string", 100, is_mandatory=True),
        *(SystemField(name) for name in (*item_fields.TEXTS, "item_type", "product_type", "upc", "ean")),
        *(SystemField(name, "check_box") for name in item_fields.FLAGS),
        *(SystemField(name, "decimal") for name in ("rate", "purchase_rate", *item_fields.QUANTITIES)),
    ),
    "inventory_adjustment": (
        SystemField("date", "date", is_mandatory=True),
        SystemField("reason", is_mandatory=True),
        SystemField("adjustment_type", is_mandatory=True),
        SystemField("description"),
        SystemField("reference_number"),
    ),
}
