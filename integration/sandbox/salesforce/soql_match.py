"""Conditions of a query as functions over rows, with the org's checks of field and literal types."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import (
    NUMBER_TYPES,
    TEXT_TYPES,
    VIRTUAL_TYPES,
    FieldDef,
    ObjectDef,
    Value,
)
from integration.sandbox.salesforce.soql_parse import Comparison, Condition, Group, Literal, Not
from integration.sandbox.salesforce.soql_tokens import characters, unescape
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.values import read_date, read_datetime

Test: TypeAlias = Callable[[Row], bool]
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_DEEPEST_PATH = 5


@dataclass(frozen=True)
class Path:
    """A field, maybe of a parent: the look-ups to follow and the field at their end."""

    text: str
    steps: tuple[FieldDef, ...]
    definition: ObjectDef
    field: FieldDef


def invalid_field(path: str, definition: ObjectDef) -> ApiError:
    message = (
        f"\nSELECT {path} FROM {definition.name}\n       ^\nERROR at Row:1:Column:8\n"
        f"No such column '{path}' on entity '{definition.name}'. If you are attempting to use a custom field,"
        " be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe"
        " call for the appropriate names."
    )
    return ApiError("INVALID_FIELD", message)


class Paths:
    """Resolves field paths and reads them from rows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def resolve(self, definition: ObjectDef, text: str) -> Path:
        """Raises INVALID_FIELD for an unknown field or relationship."""
        *relations, last = text.split(".")
        if (
            relations
            and relations[0].lower() == definition.name.lower()
            and not definition.relationship(relations[0])
        ):
            relations = relations[1:]
        steps: list[FieldDef] = []
        owner = definition
        for relation in relations:
            step = owner.relationship(relation)
            target = None if step is None else self._store.schema.find(step.reference_to[0])
            if step is None or target is None or len(steps) == _DEEPEST_PATH:
                message = (
                    f"Didn't understand relationship '{relation}' in field path. If you are attempting to use"
                    " a custom relationship, be sure to append the '__r' after the custom relationship name."
                )
                raise ApiError("INVALID_FIELD", message)
            steps.append(step)
            owner = target
        field = owner.find(last)
        if field is None:
            raise invalid_field(last, owner)
        return Path(text, tuple(steps), owner, field)

    def end(self, path: Path, row: Row) -> Row | None:
        """The row at the end of the look-ups, or None where one is empty."""
        for step in path.steps:
            parent_id = row.values.get(step.name)
            found = None if parent_id is None else self._store.get(str(parent_id))
            if found is None:
                return None
            row = found[1]
        return row

    def value(self, path: Path, row: Row) -> Value:
        end = self.end(path, row)
        return None if end is None else end.values.get(path.field.name)


class Matcher:
    """Compiles conditions. Comparing text ignores case, as the org does."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def compile(self, definition: ObjectDef, condition: Condition) -> Test:
        if isinstance(condition, Not):
            inner = self.compile(definition, condition.inner)
            return lambda row: not inner(row)
        if isinstance(condition, Group):
            tests = [self.compile(definition, member) for member in condition.members]
            if condition.word == "AND":
                return lambda row: all(test(row) for test in tests)
            return lambda row: any(test(row) for test in tests)
        return self._comparison(definition, condition)

    def _comparison(self, definition: ObjectDef, comparison: Comparison) -> Test:
        path = self._paths.resolve(definition, comparison.path)
        field = path.field
        if field.type in VIRTUAL_TYPES or (field.type == "textarea" and field.length > 255):
            raise ApiError("INVALID_FIELD", f"field '{comparison.path}' can not be filtered in a query call")
        read = self._reader(path)
        if comparison.sign == "LIKE":
            return _like(field, comparison, read)
        wanted = [literal_value(field, literal) for literal in comparison.values]
        return _compare(field, comparison.sign, wanted, read)

    def _reader(self, path: Path) -> Callable[[Row], Value]:
        if path.steps:
            return lambda row: comparable(path.field, self._paths.value(path, row))
        name = path.field.name
        if path.field.type in TEXT_TYPES or path.field.type == "personname":
            return lambda row: comparable(path.field, row.values.get(name))
        return lambda row: row.values.get(name)


def comparable(field: FieldDef, value: Value) -> Value:
    """Text as it is compared and sorted."""
    if isinstance(value, str) and field.type not in {"id", "reference", "date"} and not field.case_sensitive:
        return value.casefold()
    return value


def _compare(field: FieldDef, sign: str, wanted: list[Value], read: Callable[[Row], Value]) -> Test:
    keys = [comparable(field, value) for value in wanted]
    if sign in {"IN", "NOT IN"}:
        chosen = set(keys)
        return (lambda row: read(row) in chosen) if sign == "IN" else (lambda row: read(row) not in chosen)
    key = keys[0]
    if sign == "=":
        return lambda row: read(row) == key
    if sign == "!=":
        return lambda row: read(row) != key
    if field.type == "boolean" or key is None:
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.type} field")
    compare = _ORDER[sign]

    def ordered(row: Row) -> bool:
        value = read(row)
        return value is not None and bool(compare(value, key))

    return ordered


def _like(field: FieldDef, comparison: Comparison, read: Callable[[Row], Value]) -> Test:
    literal = comparison.values[0]
    if field.type not in TEXT_TYPES | {"personname"} or literal.kind != "string":
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.type} field")
    parts = []
    for character, escaped in characters(literal.text):
        wild = {"%": ".*", "_": "."}.get(character)
        parts.append(re.escape(character.casefold()) if escaped or wild is None else wild)
    pattern = re.compile("".join(parts), re.DOTALL)

    def like(row: Row) -> bool:
        value = read(row)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return like


def literal_value(field: FieldDef, literal: Literal) -> Value:
    """The literal as a stored value of the field. Raises INVALID_FIELD where the types do not fit."""
    if literal.kind == "null":
        return None
    kind, quoted = _expected(field)
    if literal.kind != kind and not (kind == "number" and literal.kind == "number"):
        form = " and should be enclosed in quotes" if quoted else " and should not be enclosed in quotes"
        message = f"value of filter criterion for field '{field.name}' must be of type {field.type}{form}"
        raise ApiError("INVALID_FIELD", message)
    if field.type in {"id", "reference"}:
        return _id_value(unescape(literal.text))
    if kind == "string":
        return unescape(literal.text)
    if kind == "boolean":
        return literal.text == "TRUE"
    if kind == "number":
        return (
            float(literal.text)
            if field.type != "int" or not literal.text.lstrip("+-").isdigit()
            else int(literal.text)
        )
    return read_datetime(literal.text) if kind == "datetime" else read_date(literal.text)


def _expected(field: FieldDef) -> tuple[str, bool]:
    if field.type in TEXT_TYPES | {"personname", "id", "reference"}:
        return "string", True
    if field.type in NUMBER_TYPES:
        return "number", False
    return field.type, False


def _id_value(text: str) -> str:
    long_id = ids.to_long(text)
    if text and long_id is None:
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return long_id or ""
