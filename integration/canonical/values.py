"""Values and fields that mean the same on both sides.

A canonical record is flat inside the line: `{"name": "…", "billing_address.city": "…", "custom.region":
"…"}`. A key that is missing is *absent* (nothing is known), `None` is *empty* (known to be blank), anything
else is a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | bool | int | Decimal | date | datetime | None
Fields: TypeAlias = dict[str, Value]
_PLAIN = (str, int, bool, type(None))
"""Values that are JSON as they are."""

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class Side(StrEnum):
    """One of the two systems of a pair."""

    SALESFORCE = "salesforce"
    ZOHO = "zoho"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.ZOHO if self is Side.SALESFORCE else Side.SALESFORCE


def encode_value(value: Value) -> Json:
    """A value as JSON; types JSON does not have are tagged."""
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    return {"$date": value.isoformat()}


def decode_value(value: Json) -> Value:
    """The inverse of `encode_value`. Raises ValueError on JSON it never makes."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, dict) and len(value) == 1:
        [(tag, text)] = value.items()
        if tag == "$decimal":
            return Decimal(str(text))
        if tag == "$time":
            return datetime.fromisoformat(str(text))
        if tag == "$date":
            return date.fromisoformat(str(text))
    if isinstance(value, dict | list | float):
        raise ValueError(f"not an encoded value: {type(value).__name__}")  # noqa: TRY004 - JSON of a wrong form
    return value


def encode_fields(fields: Mapping[str, Value]) -> dict[str, Json]:
    """Flat canonical fields as JSON."""
    return {n: v if v.__class__ in _PLAIN else encode_value(v) for n, v in fields.items()}


def decode_fields(fields: Mapping[str, Json]) -> Fields:
    """The inverse of `encode_fields`."""
    return {n: v if v.__class__ in _PLAIN else decode_value(v) for n, v in fields.items()}


def is_blank(value: Value) -> bool:
    """Empty for a person: nothing, or a text of spaces."""
    return value is None or (isinstance(value, str) and not value.strip())
