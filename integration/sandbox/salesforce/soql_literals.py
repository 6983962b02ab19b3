"""Literals of a query as values of a field, with the org's checks of types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.schema import NUMBER_TYPES, VIRTUAL_TYPES, FieldDef, Value
from integration.sandbox.salesforce.soql_dates import Viewer, span_of
from integration.sandbox.salesforce.soql_errors import QueryError, invalid_field, invalid_operator, malformed
from integration.sandbox.salesforce.soql_tokens import unescape
from integration.sandbox.salesforce.soql_tree import Literal
from integration.sandbox.salesforce.values import read_date, read_datetime, read_time

_LONGEST_FILTERABLE = 255


@dataclass(frozen=True)
class Span:
    """A range of days: from `start` to before `end`, both as the field stores them."""

    start: Any
    end: Any


@dataclass(frozen=True)
class Money:
    """An amount in the corporate currency, written with another one's code."""

    amount: float


Wanted: TypeAlias = "Value | Span | Money"


def kind_of(field: FieldDef) -> str:
    """How the field is filtered: text, multi, id, number, boolean, date, datetime, time, or none at all."""
    if field.type in VIRTUAL_TYPES or field.type == "encryptedstring":
        return "none"
    if field.type == "textarea" and field.length > _LONGEST_FILTERABLE:
        return "none"
    if field.type in {"id", "reference"}:
        return "id"
    if field.type in NUMBER_TYPES:
        return "number"
    if field.type in {"boolean", "date", "datetime", "time"}:
        return field.type
    return "multi" if field.type == "multipicklist" else "text"


def sortable(field: FieldDef) -> bool:
    return kind_of(field) not in {"none", "multi"}


def countable(field: FieldDef) -> bool:
    """Whether COUNT(field) takes it."""
    return kind_of(field) not in {"none", "multi", "boolean"}


_TAKES = {
    "text": frozenset({"string"}),
    "multi": frozenset({"string"}),
    "id": frozenset({"string"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "span"}),
    "datetime": frozenset({"datetime", "span"}),
    "time": frozenset({"time"}),
}
_TYPE_NAMES = {"currency": "double", "percent": "double", "datetime": "dateTime"}


class Literals:
    """Reads literals for one asker; `rates` are those of a multi-currency org, else empty."""

    def __init__(self, asking: Viewer, rates: Mapping[str, float]) -> None:
        self._asking = asking
        self._rates = rates

    def value(self, field: FieldDef, literal: Literal, at: int) -> Wanted:
        """The literal as a stored value. Raises INVALID_FIELD where types do not fit; `at` is the field's."""
        if literal.kind == "null":
            return None
        kind = kind_of(field)
        if literal.kind == "currency" and field.type == "currency" and self._rates:
            return self._money(literal)
        if literal.kind not in _TAKES[kind]:
            raise _wrong_type(field, kind, at)
        if kind == "boolean":
            return literal.text == "TRUE"
        if kind == "number":
            return _number(literal)
        if kind in {"text", "multi", "id"}:
            text = unescape(literal.text, literal.at)
            return _id_value(text, literal.at) if kind == "id" else text
        return self._moment(kind, literal)

    def _money(self, literal: Literal) -> Money:
        code = literal.text[:3].upper()
        if code not in self._rates:
            raise malformed(f"Invalid currency code: {code}", literal.at)
        return Money(float(literal.text[3:]) / self._rates[code])

    def _moment(self, kind: str, literal: Literal) -> Wanted:
        if literal.kind == "span":
            return self._span(kind, literal)
        read = {"date": read_date, "datetime": read_datetime, "time": read_time}[kind]
        found = read(literal.text)
        if found is None:
            raise malformed(f"Invalid {kind}: {literal.text}", literal.at)
        return found

    def _span(self, kind: str, literal: Literal) -> Span:
        try:
            start, end = span_of(literal.text, self._asking)
            if kind == "date":
                return Span(start.isoformat(), end.isoformat())
            return Span(self._asking.midnight(start), self._asking.midnight(end))
        except (OverflowError, ValueError):
            raise malformed(f"Invalid date literal: {literal.text[:40]}", literal.at) from None


def _number(literal: Literal) -> Value:
    digits = literal.text.lstrip("+-")
    return int(literal.text) if digits.isdigit() and len(digits) < 19 else float(literal.text)


def _id_value(text: str, at: int) -> str:
    long_id = ids.to_long(text)
    if text and long_id is None:
        raise invalid_operator(f"invalid ID field: {text}", at)
    return long_id or ""


def _wrong_type(field: FieldDef, kind: str, at: int) -> QueryError:
    quoted = kind in {"text", "multi", "id"}
    name = "string" if quoted else _TYPE_NAMES.get(field.type, field.type)
    form = "should be enclosed in quotes" if quoted else "should not be enclosed in quotes"
    return invalid_field(
        f"value of filter criterion for field '{field.name}' must be of type {name} and {form}", at
    )
