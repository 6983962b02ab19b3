"""Compile what a rule does to one value into two plain functions: inward (native to canonical) and
outward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from integration.canonical.values import Json, Side, Value, is_blank
from integration.errors import DependencyMissing
from integration.mapping.conversions import (
    CONVERSIONS,
    TYPES,
    UnconvertibleError,
    as_text,
    cut,
    from_json,
    is_email,
    places,
    to_json,
)
from integration.mapping.documents import Tree
from integration.mapping.lookups import Lookups
from integration.mapping.mistakes import Section
from integration.mapping.rules import Code, Inward, Outward, ValueMistakeError

Otherwise = Literal["error", "keep", "blank"]
Step = Callable[[Value, Lookups], Value]


@dataclass(frozen=True)
class ValueSpec:
    """What a rule says about single values."""

    native_type: str
    canonical_type: str
    zone: tzinfo = UTC
    inward: tuple[str, ...] = ()
    outward: tuple[str, ...] = ()
    places: int | None = None
    to_canonical: Mapping[str, Value] | None = None
    to_native: Mapping[str, Value] | None = None
    otherwise: Otherwise = "error"
    entity: str = ""
    record: str = ""
    table: str = ""
    truncate: str | None = None
    limit: int | None = None


def value_spec(section: Section, canonical_type: str, limit: int | None) -> ValueSpec:
    """Read the value part of a rule; mistakes are noted at the section."""
    types = tuple(TYPES)
    both = section.words("convert", CONVERSIONS)
    lookup = section.child("lookup")
    if lookup is not None:
        lookup.only(["entity", "record", "table"])
        if ("entity" in lookup.tree) == ("table" in lookup.tree):
            advice = "Write `{entity: customer, record: Account}` or `{table: name}`."
            lookup.mistake("a look-up names an entity or a table", advice)
    to_canonical, to_native = _value_maps(section)
    otherwise = section.word("otherwise", ("error", "keep", "blank"), "error")
    return ValueSpec(
        native_type=section.word("type", types, canonical_type),
        canonical_type=canonical_type,
        zone=_zone(section),
        inward=both + section.words("convert_in", CONVERSIONS),
        outward=section.words("convert_out", CONVERSIONS) + both,
        places=section.number("places"),
        to_canonical=to_canonical,
        to_native=to_native,
        otherwise="keep" if otherwise == "keep" else "blank" if otherwise == "blank" else "error",
        entity=lookup.text("entity") if lookup else "",
        record=lookup.text("record") if lookup else "",
        table=lookup.text("table") if lookup else "",
        truncate=section.text("truncate") if "truncate" in section.tree else None,
        limit=limit,
    )


def _zone(section: Section) -> tzinfo:
    if "timezone" not in section.tree:
        return UTC
    name = section.text("timezone")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; with odd characters; the name of a folder
        section.mistake(f"time zone `{name}` is not known", "Use a name like Europe/Berlin.", "timezone")
        return UTC


def _value_maps(section: Section) -> tuple[Mapping[str, Value] | None, Mapping[str, Value] | None]:
    values = section.child("values")
    if values is None:
        return None, None
    inward: dict[str, Value] = {}
    outward: dict[str, Value] = {}
    for native, canonical in values.tree.items():
        if isinstance(canonical, list | dict):
            values.mistake(
                f"`{native}` must stand for one value", "Write `native value: canonical value`.", native
            )
            continue
        inward[native] = canonical
        outward.setdefault(as_text(canonical), native)
    return inward, outward


def compile_inward(spec: ValueSpec, side: Side) -> Inward:
    """Native JSON to canonical value. It raises ValueMistakeError, and DependencyMissing for a look-up."""
    steps: list[Step] = [_coerce(spec.native_type, spec.zone), *map(_named, spec.inward)]
    if spec.places is not None:
        steps.append(_plain(places(spec.places)))
    if spec.to_canonical is not None:
        steps.append(_mapped(spec.to_canonical, spec.otherwise))
    if spec.entity:
        steps.append(_to_reference(spec.entity, side, spec.record or spec.entity))
    if spec.table:
        steps.append(_through_table(spec.table, spec.otherwise, inverse=False))
    steps.append(_coerce(spec.canonical_type, spec.zone))

    def inward(value: Json, lookups: Lookups) -> Value:
        with_type = _guarded(from_json, value)
        for step in steps:
            with_type = step(with_type, lookups)
        return with_type

    return inward


def compile_outward(spec: ValueSpec, side: Side) -> Outward:
    """Canonical value to native JSON. It raises ValueMistakeError, and DependencyMissing for a look-up."""
    steps: list[Step] = [_coerce(spec.canonical_type, spec.zone)]
    if spec.entity:
        steps.append(_to_native_id(spec.entity, side, spec.record or spec.entity))
    if spec.table:
        steps.append(_through_table(spec.table, spec.otherwise, inverse=True))
    if spec.to_native is not None:
        steps.append(_mapped(spec.to_native, spec.otherwise))
    steps += map(_named, spec.outward)
    steps.append(_coerce(spec.native_type, spec.zone))
    if spec.places is not None:
        steps.append(_plain(places(spec.places)))
    if spec.native_type == "email":
        steps.append(_plain(_valid_email))
    if spec.truncate is not None and spec.limit is not None:
        steps.append(_plain(_cutting(spec.limit, spec.truncate)))

    def outward(value: Value, lookups: Lookups) -> Json:
        for step in steps:
            value = step(value, lookups)
        return to_json(value, spec.zone)

    return outward


def _guarded(convert: Callable[[Json], Value], value: Json) -> Value:
    try:
        return convert(value)
    except UnconvertibleError as error:
        raise ValueMistakeError(Code.UNCONVERTIBLE, str(error), UNCONVERTIBLE_ADVICE) from error


UNCONVERTIBLE_ADVICE = "Correct the value at its source, or give the rule another `type`."


def _coerce(kind: str, zone: tzinfo) -> Step:
    coerce = TYPES[kind]

    def step(value: Value, _lookups: Lookups) -> Value:
        try:
            return coerce(value, zone)
        except UnconvertibleError as error:
            raise ValueMistakeError(Code.UNCONVERTIBLE, str(error), UNCONVERTIBLE_ADVICE) from error

    return step


def _plain(convert: Callable[[Value], Value]) -> Step:
    return lambda value, _lookups: convert(value)


def _named(name: str) -> Step:
    return _plain(CONVERSIONS[name])


def _mapped(table: Mapping[str, Value], otherwise: Otherwise) -> Step:
    def step(value: Value, _lookups: Lookups) -> Value:
        key = as_text(value)
        if key in table:
            return table[key]
        if not key or otherwise == "keep":
            return value
        if otherwise == "blank":
            return None
        advice = "Add it to `values` of the rule, or set `otherwise: keep` or `otherwise: blank`."
        raise ValueMistakeError(Code.UNKNOWN_CHOICE, "a value the rule does not list", advice)

    return step


def _to_reference(entity: str, side: Side, record: str) -> Step:
    def step(value: Value, lookups: Lookups) -> Value:
        if is_blank(value):
            return None
        reference = lookups.reference(entity, record, side, str(value))
        if reference is None:
            text = f"the {entity} it refers to is not bound"
            raise DependencyMissing("lookup.unbound", text, side=side, entity=record, record_id=str(value))
        return reference

    return step


def _to_native_id(entity: str, side: Side, record: str) -> Step:
    def step(value: Value, lookups: Lookups) -> Value:
        if is_blank(value):
            return None
        native = lookups.native(entity, side, str(value))
        if native is None:
            text = f"the {entity} it refers to has no record there yet"
            raise DependencyMissing("lookup.unbound", text, side=side, entity=record, record_id=str(value))
        return native

    return step


def _through_table(table: str, otherwise: Otherwise, *, inverse: bool) -> Step:
    def step(value: Value, lookups: Lookups) -> Value:
        if is_blank(value):
            return None
        found = lookups.table(table, as_text(value), inverse)
        if found is not None or otherwise == "blank":
            return found
        if otherwise == "keep":
            return value
        advice = f"Add it to the table {table} in the target, or correct the value at its source."
        raise ValueMistakeError(Code.NOT_IN_TABLE, f"not in the table {table}", advice)

    return step


def _valid_email(value: Value) -> Value:
    if isinstance(value, str) and not is_email(value):
        raise ValueMistakeError(
            Code.BAD_EMAIL, "not an e-mail address", "Correct the e-mail address at its source."
        )
    return value


def _cutting(limit: int, marker: str) -> Callable[[Value], Value]:
    return lambda value: cut(value, limit, marker) if isinstance(value, str) else value


def literal(value: Tree) -> Json:
    """A value written in YAML as native JSON."""
    return to_json(value) if not isinstance(value, list | dict) else None
