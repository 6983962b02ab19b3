"""The built-in fields that GET /settings/fields tells of, by entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integration.sandbox.zoho.contact_fields import FLAGS, TEXTS


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
}
