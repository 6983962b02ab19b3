"""Values of a native image: one JSON form for what REST and the event stream tell in different ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from integration.canonical.values import Json, decode_value, encode_value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATETIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")


def number(value: Decimal) -> Json:
    """A number as JSON: whole ones as int, others as tagged decimal without trailing zeros. Raises
    ValueError.
    """
    if not value.is_finite():
        raise ValueError("not a finite number")
    if value == value.to_integral_value():
        return int(value)
    return encode_value(value.normalize())


def time_of(epoch_ms: int) -> datetime:
    """An instant from epoch milliseconds, without going through a float."""
    return _EPOCH + timedelta(milliseconds=epoch_ms)


def epoch_ms(text: str) -> int:
    """Epoch milliseconds of an instant as Salesforce writes it. Raises ValueError on other text."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def instant_text(epoch_ms: int) -> str:
    """An instant as REST answers it: `2018-10-27T15:00:00.000+0000`."""
    instant = time_of(epoch_ms)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}+0000"


def soql_instant(epoch_ms: int) -> str:
    """An instant as a SOQL literal, with a `Z` because a plus sign is easily lost in a URL."""
    instant = time_of(epoch_ms)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def from_rest(value: object) -> Json:
    """A field value of a REST answer (numbers parsed as int or Decimal) as it stands in the image."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, str) and _DATETIME.match(value):
        return instant_text(epoch_ms(value))
    if value is None or isinstance(value, str | bool | int):
        return value
    raise ValueError(f"not a field value: {type(value).__name__}")


def from_stream(value: object, kind: str) -> Json:
    """A field value of a change event as it stands in the image.

    `kind` is the type the schema's annotation or describe names; without one a long stays a number. Raises
    ValueError.
    """
    if isinstance(value, list):
        return ";".join(str(item) for item in value)  # multi-select picklists, joined as REST does
    if isinstance(value, float):
        return number(Decimal(repr(value)))  # repr is the shortest text that means this double
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_long(value, kind.lower())
    if value is None or isinstance(value, str | bool):
        return value
    raise ValueError(f"not a field value: {type(value).__name__}")


def _from_long(value: int, kind: str) -> Json:
    if kind == "datetime":
        return instant_text(value)
    if kind in {"dateonly", "date"}:
        return time_of(value).date().isoformat()
    if kind in {"timeonly", "time"}:
        return f"{time_of(value):%H:%M:%S}.{value % 1000:03d}Z"
    return value


def for_body(fields: Mapping[str, Json]) -> dict[str, object]:
    """Fields of a write as JSON for a request body: tags become numbers, dates and instants."""
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Json) -> object:
    decoded = decode_value(value)
    if isinstance(decoded, Decimal):
        # Salesforce keeps numbers as doubles; the nearest double prints as the same digits.
        return int(decoded) if decoded == decoded.to_integral_value() else float(decoded)
    if isinstance(decoded, datetime):
        return instant_text(epoch_ms(decoded.isoformat()))
    if isinstance(decoded, date):
        return decoded.isoformat()
    return decoded
