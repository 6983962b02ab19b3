"""Values from JSON to a type, from one type to another, and back to JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from integration.canonical.values import Json, Value, decode_value

MOST_DIGITS = 30
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\.]+(\.[^\s@<>(),;:\"\[\]\\.]+)+")
_EMAIL_SUFFIX = re.compile(r"(?:\s*\([^\s()@]+@[^\s()@]+\))+\s*$")
_TRUTH: Mapping[str, bool] = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


class UnconvertibleError(ValueError):
    """A value has no form in the asked type; the text says why and never shows the value."""


def from_json(value: Json) -> Value:
    """A native JSON value as a Value. Raises UnconvertibleError on lists and objects."""
    if isinstance(value, float):
        return Decimal(str(value))
    try:
        return decode_value(value)
    except (ValueError, InvalidOperation) as error:
        raise UnconvertibleError("neither a text nor a number") from error


def to_json(value: Value, zone: tzinfo = UTC) -> Json:
    """A value as the systems take it: whole numbers as such, other decimals tagged, times with their
    offset.
    """
    if isinstance(value, Decimal):
        whole = value.to_integral_value()
        return int(whole) if whole == value else {"$decimal": format(value, "f")}
    if isinstance(value, datetime):
        local = value.astimezone(zone).isoformat(timespec="seconds")
        return local[:-3] + local[-2:]  # +02:00 -> +0200: the one form both systems are known to read
    if isinstance(value, date):
        return value.isoformat()
    return value


def clean(text: str) -> str:
    """A text every part of the line can store: no control characters, no half of a surrogate pair, LF at line
    ends.
    """
    if text.isprintable():
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def as_text(value: Value) -> str:
    """Any value as a trimmed text, empty when there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return clean(value).strip() if isinstance(value, str) else str(value)


def is_email(text: str) -> bool:
    """Whether both systems would take this for an e-mail address; stricter than the standard, as they are."""
    return bool(_EMAIL.fullmatch(text)) and len(text) <= 254 and ".." not in text and not text.startswith(".")


def _text(value: Value, _zone: tzinfo) -> Value:
    return as_text(value) or None


def _line(value: Value, _zone: tzinfo) -> Value:
    return " ".join(as_text(value).split()) or None


def _lines(value: Value, _zone: tzinfo) -> Value:
    return "\n".join(line.strip() for line in as_text(value).split("\n") if line.strip()) or None


def _email(value: Value, _zone: tzinfo) -> Value:
    return as_text(value).lower() or None


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool):
        raise UnconvertibleError("true or false is not a number")
    if isinstance(value, datetime | date):
        raise UnconvertibleError("a date is not a number")
    text = as_text(value)
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise UnconvertibleError("not a number") from error
    if not number.is_finite() or not text.isascii() or "_" in text:
        raise UnconvertibleError("not a number")
    if number and (abs(number.adjusted()) > MOST_DIGITS or len(number.as_tuple().digits) > 2 * MOST_DIGITS):
        raise UnconvertibleError("a number with too many digits")
    return number


def _decimal(value: Value, _zone: tzinfo) -> Value:
    return _number(value)


def _integer(value: Value, _zone: tzinfo) -> Value:
    number = _number(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise UnconvertibleError("not a whole number")
    return int(number)


def _boolean(value: Value, _zone: tzinfo) -> Value:
    # A check box cannot be empty in Salesforce, and an unset one is left out by Zoho: empty is "no".
    if isinstance(value, bool):
        return value
    text = as_text(value).lower()
    if not text:
        return False
    if text not in _TRUTH:
        raise UnconvertibleError("neither true nor false")
    return _TRUTH[text]


def _datetime(value: Value, zone: tzinfo) -> Value:
    moment = _moment(value, zone)
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise UnconvertibleError("a time outside of the calendar") from error


def _moment(value: Value, zone: tzinfo) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    text = as_text(value) if isinstance(value, str) else ""
    if not text and value in (None, ""):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise UnconvertibleError("not a date and time") from error


def _date(value: Value, zone: tzinfo) -> Value:
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise UnconvertibleError("not a date") from error
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    moment = _datetime(value, zone)
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else None


Coerce = Callable[[Value, tzinfo], Value]

TYPES: Mapping[str, Coerce] = {
    "text": _text,
    "line": _line,
    "lines": _lines,
    "email": _email,
    "phone": _line,
    "url": _line,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
"""text: trimmed; line: runs of white space are one space; lines: trimmed lines, no blank ones; email: in
small letters."""


def _on_text(change: Callable[[str], str]) -> Callable[[Value], Value]:
    def convert(value: Value) -> Value:
        return change(value) or None if isinstance(value, str) else value

    return convert


CONVERSIONS: Mapping[str, Callable[[Value], Value]] = {
    "trim": _on_text(str.strip),
    "squeeze": _on_text(lambda text: _SPACES.sub(" ", text).strip()),
    "upper": _on_text(str.upper),
    "lower": _on_text(str.lower),
    "digits": _on_text(lambda text: "".join(c for c in text if c.isdigit() or c == "+")),
    "drop_email_suffix": _on_text(lambda text: _EMAIL_SUFFIX.sub("", text) or text),
}
"""Named steps of a rule. drop_email_suffix: `Jane Doe (jane@example.org)` -> `Jane Doe`, the name given
where a name is taken."""


def places(digits: int) -> Callable[[Value], Value]:
    """Round decimals half up to a number of digits after the point."""
    step = Decimal(1).scaleb(-digits)

    def convert(value: Value) -> Value:
        return value.quantize(step, ROUND_HALF_UP) if isinstance(value, Decimal) else value

    return convert


def length(text: str) -> int:
    """Length as both systems count it: UTF-16 units, so most emoji count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int, marker: str) -> str:
    """A text of at most `most` units, ending in the marker when something was cut off."""
    if length(text) <= most:
        return text
    kept = text
    while kept and length(kept) + length(marker) > most:
        kept = kept[:-1]
    return kept.rstrip() + marker
