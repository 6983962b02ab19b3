"""Between JSON values of the API and stored values, with the org's checks per field type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.api_errors import ApiError, bad_json, wrong_id
from integration.sandbox.salesforce.schema import TEXT_TYPES, FieldDef, ObjectDef, Value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@.<>(),;:\"\[\]\\]+(\.[^\s@.<>(),;:\"\[\]\\]+)+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?(?:\.(\d{1,9}))?Z?", re.ASCII)


def to_millis(moment: datetime) -> int:
    """Epoch milliseconds of an aware datetime, without a detour over floats."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


_FIRST_MILLIS = to_millis(datetime(1000, 1, 1, tzinfo=UTC))
_LAST_MILLIS = to_millis(datetime.max.replace(tzinfo=UTC))


def to_datetime(millis: int) -> datetime:
    return EPOCH + timedelta(milliseconds=millis)


def show_millis(millis: int) -> str:
    """`2018-10-27T15:00:00.000+0000`, the only form the API writes."""
    return to_datetime(millis).isoformat(timespec="milliseconds")[:23] + "+0000"


def read_datetime(text: str) -> int | None:
    """Epoch milliseconds of an ISO 8601 text with offset, or None."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    day, time, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if offset == 'Z' else offset}")
    except ValueError:
        return None
    millis = to_millis(moment) + int((fraction or "0").ljust(3, "0")[:3])
    # An offset may lead out of the years that can be written with four digits.
    return millis if _FIRST_MILLIS <= millis <= _LAST_MILLIS else None


def read_date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def read_time(text: str) -> int | None:
    """Milliseconds of the day of a time text, or None."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((match[4] or "0").ljust(3, "0")[:3])


def render(field: FieldDef, value: Value) -> Any:
    """The stored value as REST writes it."""
    if value is None:
        return None
    if field.type == "datetime":
        return show_millis(int(value))
    if field.type == "time":
        seconds, millis = divmod(int(value), 1000)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{millis:03d}Z"
    return value


def render_compound(definition: ObjectDef, field: FieldDef, values: Mapping[str, Value]) -> Any:
    """A compound address as REST writes it: lower-camel parts, or null where every part is empty."""
    parts = {str(part.part): values.get(part.name) for part in definition.parts(field.name)}
    if all(value is None for value in parts.values()):
        return None
    return {name[0].lower() + name[1:]: value for name, value in sorted(parts.items())}


class ValueReader:
    """Turns one JSON value into a stored value, or raises the error the org answers."""

    def __init__(self, *, trim: bool) -> None:
        self._trim = trim
        self._readers: dict[str, Callable[[ObjectDef, FieldDef, Any], Value]] = {
            "boolean": self._boolean,
            "int": self._number,
            "double": self._number,
            "currency": self._number,
            "percent": self._number,
            "datetime": self._datetime,
            "date": self._date,
            "time": self._time,
            "reference": self._reference,
            "id": self._reference,
        }

    def read(self, definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        """Raises ApiError as the org does for a value of the wrong type, length, range or vocabulary."""
        if raw is None or raw == "":
            return self._empty(field)
        if isinstance(raw, (dict, list)):
            start = "START_OBJECT" if isinstance(raw, dict) else "START_ARRAY"
            raise bad_json(f"Cannot deserialize instance of {_json_type(field)} from {start} value")
        if field.type in TEXT_TYPES:
            return self._text(definition, field, raw)
        return self._readers[field.type](definition, field, raw)

    @staticmethod
    def _empty(field: FieldDef) -> Value:
        if field.type == "boolean":
            raise ApiError(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                f"{field.shown_label}: value not of required type: ",
                fields=[field.name],
            )
        return None

    def _text(self, _definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        if not isinstance(raw, str):
            raise _wrong_type(field, raw)
        text = raw.strip() if self._trim else raw
        if not text:
            return None
        if len(text) > field.length:
            # The label of a name field already says which object it names.
            message = f"{field.shown_label}: data value too large: {text} (max length={field.length})"
            raise ApiError("STRING_TOO_LONG", message, fields=[field.name])
        if field.type == "email" and not _EMAIL.fullmatch(text):
            message = f"{field.shown_label}: invalid email address: {text}"
            raise ApiError("INVALID_EMAIL_ADDRESS", message, fields=[field.name])
        return self._listed(field, text)

    @staticmethod
    def _listed(field: FieldDef, text: str) -> str:
        if not field.restricted:
            return text
        values = text.split(";") if field.type == "multipicklist" else [text]
        for value in values:
            if value not in field.picklist:
                raise ApiError(
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    f"{field.shown_label}: bad value for restricted picklist field: {value}",
                    fields=[field.name],
                )
        return text

    @staticmethod
    def _boolean(_definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw.lower() in {"true", "false"}:
            return raw.lower() == "true"
        raise _wrong_type(field, raw)

    @staticmethod
    def _number(_definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        text = str(raw).strip()
        if not _NUMBER.fullmatch(text):
            raise _wrong_type(field, raw)
        number = Decimal(text)
        digits = field.precision - field.scale if field.precision else 18
        if abs(number) >= Decimal(10) ** digits:
            message = f"{field.shown_label}: value outside of valid range on numeric field: {raw}"
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[field.name])
        if field.type == "int":
            if number != number.to_integral_value():
                raise _wrong_type(field, raw)
            return int(number)
        # Adding nothing takes the sign from a negative zero.
        return float(round(number, field.scale)) + 0.0

    @staticmethod
    def _datetime(_definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        millis = read_datetime(raw) if isinstance(raw, str) else None
        if millis is None:
            raise _wrong_type(field, raw)
        return millis

    @staticmethod
    def _date(_definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        # A datetime is accepted too; its day in UTC is taken.
        text = raw if isinstance(raw, str) else ""
        millis = read_datetime(text)
        day = read_date(text) if millis is None else to_datetime(millis).date().isoformat()
        if day is None:
            raise _wrong_type(field, raw)
        return day

    @staticmethod
    def _time(_definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        millis = read_time(raw) if isinstance(raw, str) else None
        if millis is None:
            raise _wrong_type(field, raw)
        return millis

    @staticmethod
    def _reference(_definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        long_id = ids.to_long(raw) if isinstance(raw, str) else None
        if long_id is None:
            raise wrong_id(field.shown_label, str(raw), field.name)
        return long_id


def _json_type(field: FieldDef) -> str:
    return "string" if field.type in TEXT_TYPES else field.type


def _wrong_type(field: FieldDef, raw: Any) -> ApiError:
    kind, shown = _json_token(raw)
    return bad_json(
        f"Cannot deserialize instance of {_json_type(field)} from {kind} value {shown}"
        " or request may be missing a required field"
    )


def _json_token(raw: Any) -> tuple[str, str]:
    if isinstance(raw, bool):
        return f"VALUE_{str(raw).upper()}", str(raw).lower()
    if isinstance(raw, int):
        return "VALUE_NUMBER_INT", str(raw)
    if isinstance(raw, float):
        return "VALUE_NUMBER_FLOAT", str(raw)
    return "VALUE_STRING", str(raw)
