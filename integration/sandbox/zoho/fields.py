"""Values as calls bring them: each is what its key says it is, or an error that names the key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.faults import invalid_value, too_long

_LARGEST_INTEGER = 2**31 - 1
_LARGEST_NUMBER = 10**13
RATE_DECIMALS = 6


def clean_text(key: str, value: object, limit: int | None) -> str:
    """A text within its length; null clears like an empty text does."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid_value(key)
    if limit is not None and len(value) > limit:
        raise too_long(key, limit)
    return value


def clean_integer(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_INTEGER:
        raise invalid_value(key)
    return value


def clean_number(key: str, value: object, *, as_text: bool = False) -> float:
    """A number with up to six decimals; `as_text`: this key is also taken as a numeric text."""
    if as_text and isinstance(value, str):
        value = _number_in(key, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_value(key)
    if value != value or abs(value) >= _LARGEST_NUMBER:  # noqa: PLR0124 - only NaN differs from itself
        raise invalid_value(key)
    return float(round(Decimal(str(value)), RATE_DECIMALS))


def clean_flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise invalid_value(key)
    return value


def clean_choice(key: str, value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise invalid_value(key)
    return value


def clean_date(key: str, value: object) -> str:
    """`YYYY-MM-DD`, or an empty text."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not is_date(value):
        raise invalid_value(key)
    return value


def clean_list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise invalid_value(key)
    return value


def clean_id(key: str, value: object) -> str:
    """An id: a decimal text; a plain number is taken, too, as older clients send it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise invalid_value(key)
    return value


def is_date(text: str) -> bool:
    """Whether the text is a day as the API writes it."""
    try:
        # Other forms that Python reads, such as weeks, do not come back the same.
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _number_in(key: str, text: str) -> int | float:
    # Python reads underscores and the digits of every script.
    if "_" in text or not text.isascii():
        raise invalid_value(key)
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError as error:
        raise invalid_value(key) from error
