"""Conditions of rules and records: a field, an operator, a value; joined by `all`, `any` and nothing
cleverer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal

from integration.canonical.values import Json, Value
from integration.mapping.conversions import TYPES, UnconvertibleError, as_text, from_json
from integration.mapping.documents import Tree
from integration.mapping.mistakes import Section, nearest

OPERATORS = ("eq", "ne", "in", "not_in", "blank", "present", "starts_with")
_ADVICE = "Write {field: name, op: eq, value: x}, or a list of such under `all` or `any`."

Record = Mapping[str, Json] | Mapping[str, Value]
Test = Callable[[Record], bool]


@dataclass(frozen=True)
class Condition:
    """A compiled condition and the fields it looks at; a missing field counts as blank."""

    test: Test
    fields: frozenset[str]


def compile_condition(section: Section | None) -> Condition | None:
    """Compile a condition; mistakes are noted at the section and give None."""
    if section is None:
        return None
    for word, join in (("all", all), ("any", any)):
        if word in section.tree:
            section.only([word])
            return _joined(section, word, join)
    return _single(section)


def _joined(section: Section, word: str, join: Callable[[list[bool]], bool]) -> Condition | None:
    items = section.tree[word]
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        section.mistake(f"`{word}` must list conditions", _ADVICE, word)
        return None
    parts = [
        compile_condition(
            Section(section.document, (*section.path, word, str(at)), item, section.mistakes, section.rule)
        )
        for at, item in enumerate(items)
        if isinstance(item, dict)
    ]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        return None
    fields = frozenset(name for part in whole for name in part.fields)
    return Condition(lambda record: join([part.test(record) for part in whole]), fields)


def _single(section: Section) -> Condition | None:
    section.only(["field", "op", "value"])
    field, operator = section.text("field"), section.text("op")
    if not field:
        section.mistake("a condition without `field`", _ADVICE)
        return None
    if operator not in OPERATORS:
        section.mistake(f"`op: {operator}` is not possible", nearest(operator, OPERATORS), "op")
        return None
    expected = section.tree.get("value")
    is_list = isinstance(expected, list)
    if (operator in ("in", "not_in")) != is_list or isinstance(expected, dict):
        section.mistake(
            f"`value` does not fit `op: {operator}`", "`in` and `not_in` take a list, the others one value."
        )
        return None
    test = _test(operator, expected)
    return Condition(lambda record: test(_value(record.get(field))), frozenset([field]))


def _value(value: Json | Value) -> Value:
    if isinstance(value, list | dict):
        try:
            return from_json(value)
        except UnconvertibleError:
            return str(value)  # present, and equal to nothing a mapping can say
    return Decimal(str(value)) if isinstance(value, float) else value


def _test(operator: str, expected: Tree) -> Callable[[Value], bool]:
    if operator == "blank":
        return lambda value: not as_text(value)
    if operator == "present":
        return lambda value: bool(as_text(value))
    if operator == "starts_with":
        prefix = str(expected)
        return lambda value: as_text(value).startswith(prefix)
    choices = expected if isinstance(expected, list) else [expected]
    wanted = operator in ("eq", "in")
    return lambda value: any(_equal(value, choice) for choice in choices) is wanted


def _equal(value: Value, expected: Tree) -> bool:
    if expected is None:
        return not as_text(value)
    kind = (
        "boolean" if isinstance(expected, bool) else "decimal" if isinstance(expected, int | Decimal) else ""
    )
    if not kind:
        return as_text(value) == expected
    try:
        return bool(TYPES[kind](value, UTC) == expected)
    except UnconvertibleError:
        return False
