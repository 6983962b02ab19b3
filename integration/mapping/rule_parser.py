"""Compile one rule of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integration.canonical.values import Side
from integration.mapping.conditions import compile_condition
from integration.mapping.mistakes import Section, nearest
from integration.mapping.rules import CanonicalPlan, Join, Rule
from integration.mapping.value_rules import compile_inward, compile_outward, value_spec

RULE_WORDS = (
    *("roles", "canonical", "field", "concatenate", "split", "direction", "remove"),
    *("type", "timezone", "convert", "convert_in", "convert_out", "places", "values", "otherwise", "lookup"),
    *("when_reading", "when_writing", "required", "max_length", "truncate", "facet", "on_create"),
)
FACETS = ("main", "status", "primary_person", "primary")
CUSTOM = re.compile(r"custom\.[A-Za-z0-9_]{1,80}")
_NATIVE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")


@dataclass(frozen=True)
class _Shape:
    """Which fields a rule joins on both sides."""

    canonical: tuple[str, ...]
    native: tuple[str, ...]
    join: Join | None = None
    splits: bool = False


def compile_rule(section: Section, side: Side, canonical: CanonicalPlan) -> Rule | None:
    """Compile a rule of one side; mistakes are noted at the section, and a rule without its fields gives
    None.
    """
    section.only(RULE_WORDS)
    shape = _shape(section)
    if shape is None:
        return None
    _check_names(section, shape, canonical)
    direction = section.word("direction", ("both", "in", "out"), "both")
    limits = _limits(section, shape)
    spec = value_spec(section, canonical.field(shape.canonical[0]).type, limits[0] if limits else None)
    if spec.truncate is not None and (direction != "out" or not limits):
        advice = "A cut value would come back as a change: use `direction: out`, with `max_length`."
        section.mistake("`truncate` does not fit here", advice, "truncate")
    return Rule(
        id=section.rule,
        where=section.where(),
        canonical=shape.canonical,
        native=shape.native,
        reads=direction != "out",
        writes=direction != "in",
        inward=compile_inward(spec, side),
        outward=compile_outward(spec, side),
        join=shape.join,
        splits=shape.splits,
        when_reading=compile_condition(section.child("when_reading")),
        when_writing=compile_condition(section.child("when_writing")),
        required=_required(section, shape),
        limits=limits,
        facet=section.word("facet", FACETS, "main"),
        on_create=section.flag("on_create", default=True),
        is_default=section.document.is_default,
    )


def _shape(section: Section) -> _Shape | None:
    kinds = [word for word in ("field", "concatenate", "split") if word in section.tree]
    if len(kinds) != 1:
        advice = "Give one of `field: X`, `concatenate: {fields: [X, Y]}`, `split: {field: X, into: [x, y]}`."
        section.mistake("a rule needs exactly one of `field`, `concatenate`, `split`", advice)
        return None
    if kinds == ["split"]:
        return _split(section)
    name = section.text("canonical")
    if not name:
        section.mistake("a rule without `canonical`", "Name the canonical field, or `custom.<name>`.")
        return None
    if kinds == ["concatenate"]:
        return _concatenation(section, name)
    native = section.text("field")
    return _Shape((name,), (native,)) if native else None


def _concatenation(section: Section, name: str) -> _Shape | None:
    inner = section.child("concatenate")
    if inner is None:
        return None
    inner.only(["fields", "separator", "at", "prefer"])
    native = inner.texts("fields")
    join = _join(inner)
    if len(native) != 2 and (len(native) < 2 or section.tree.get("direction") != "in"):
        advice = "Name two fields; more only with `direction: in`, because a text is split in two."
        inner.mistake("a concatenation of other than two fields", advice, "fields")
        return None
    if join.prefer and len(join.prefer) != len(native):
        inner.mistake(
            "`prefer` and `fields` differ in length",
            "Name one canonical field for each native one.",
            "prefer",
        )
        return None
    return _Shape((name,), native, join)


def _split(section: Section) -> _Shape | None:
    inner = section.child("split")
    if inner is None:
        return None
    inner.only(["field", "into", "separator", "at"])
    native, into = inner.text("field"), inner.texts("into")
    if not native or len(into) != 2:
        advice = "Write `split: {field: X, into: [first, second]}`."
        inner.mistake("a split needs one native field and two canonical ones", advice)
        return None
    return _Shape(into, (native,), _join(inner), splits=True)


def _join(inner: Section) -> Join:
    separator = inner.tree.get("separator", " ")
    if not isinstance(separator, str) or not separator:
        inner.mistake("`separator` must be a text", 'Write it in quotes, like ", ".', "separator")
        separator = " "
    return Join(separator, inner.word("at", ("first", "last"), "first"), inner.texts("prefer"))


def _check_names(section: Section, shape: _Shape, canonical: CanonicalPlan) -> None:
    prefer = shape.join.prefer if shape.join else ()
    for name in (*shape.canonical, *prefer):
        if name not in canonical.fields and not CUSTOM.fullmatch(name):
            text = f"`{name}` is no field of {canonical.name}"
            section.mistake(text, _advice(name, canonical), "canonical")
    for name in shape.native:
        if not _NATIVE.fullmatch(name):
            section.mistake(f"`{name}` cannot be a field name", "Use the API name of the field.", "field")


def _advice(name: str, canonical: CanonicalPlan) -> str:
    return f"{nearest(name, canonical.fields.keys())} Other fields are named `custom.<name>`."


def _required(section: Section, shape: _Shape) -> tuple[str, ...]:
    value = section.tree.get("required", False)
    if isinstance(value, bool):
        return shape.native if value else ()
    return section.words("required", shape.native)


def _limits(section: Section, shape: _Shape) -> tuple[int | None, ...]:
    value = section.tree.get("max_length")
    if isinstance(value, list):
        numbers = [
            item for item in value if isinstance(item, int) and not isinstance(item, bool) and item > 0
        ]
        if len(numbers) == len(value) == len(shape.native):
            return tuple(numbers)
        section.mistake(
            "`max_length` does not fit the fields", "Give one number for each native field.", "max_length"
        )
        return ()
    limit = section.number("max_length")
    return () if limit is None else (limit,) * len(shape.native)
