"""Write canonical fields by the rules of a role: canonical -> native."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from integration.canonical.values import Json, Value, is_blank
from integration.mapping.conversions import as_text, from_json, length
from integration.mapping.lookups import Lookups
from integration.mapping.rules import Code, FieldProblem, NativePatch, RolePlan, Rule, ValueMistakeError

Pieces = list[tuple[str, Json]]


@dataclass
class _Draft:
    """A patch being made.

    `by` tells which rule gave each native field; `settled` are those a joined text and its parts agree on.
    """

    fields: dict[str, Json] = field(default_factory=dict)
    by: dict[str, Rule] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    carried: set[str] = field(default_factory=set)
    problems: list[FieldProblem] = field(default_factory=list)


def update_patch(
    plan: RolePlan, changed: Collection[str], desired: Mapping[str, Value], lookups: Lookups
) -> NativePatch:
    """Native fields for canonical fields that must change; `desired` is the complete record as it should be.

    Raises DependencyMissing when a look-up names a record that is not bound on this side.
    """
    draft = _Draft()
    for rule in plan.writers:
        if any(name in changed for name in rule.canonical) and _holds(rule, desired):
            _write(draft, rule, desired, lookups)
            draft.carried.update(name for name in rule.canonical if name in changed)
    _complete_objects(draft, plan, desired, lookups)
    _check(draft, draft.fields.keys())
    return NativePatch(draft.fields, tuple(draft.problems), frozenset(draft.carried))


def create_patch(plan: RolePlan, desired: Mapping[str, Value], lookups: Lookups) -> NativePatch:
    """All native fields of a new record: what is desired and not blank, and what a create always says."""
    draft = _Draft()
    rules = [rule for rule in plan.writers if rule.on_create and _holds(rule, desired)]
    for rule in rules:
        if any(not is_blank(desired.get(name)) for name in rule.canonical):
            _write(draft, rule, desired, lookups)
            draft.carried.update(name for name in rule.canonical if name in desired)
    mandatory = {name: rule for rule in rules for name in rule.required}
    for native, rule in mandatory.items():
        draft.by.setdefault(native, rule)
    _check(draft, [*draft.fields, *(name for name in mandatory if name not in draft.fields)])
    sent = {name: value for name, value in draft.fields.items() if value not in (None, "")}
    return NativePatch({**plan.create, **sent}, tuple(draft.problems), frozenset(draft.carried))


def _holds(rule: Rule, desired: Mapping[str, Value]) -> bool:
    return rule.when_writing is None or rule.when_writing.test(desired)


def _write(draft: _Draft, rule: Rule, desired: Mapping[str, Value], lookups: Lookups) -> None:
    try:
        pieces = _pieces(rule, desired, lookups)
    except ValueMistakeError as mistake:
        draft.problems.append(rule.problem(mistake.code, rule.native[0], mistake.text, mistake.advice))
        return
    if _is_settled(rule, desired):
        draft.settled.update(rule.native)
    for native, value in pieces:
        if rule.join is None and native in draft.fields and (native in draft.settled or value in (None, "")):
            continue  # a joined text has said this part already, and a blank never takes away what it says
        draft.fields[native] = value
        draft.by[native] = rule


def _pieces(rule: Rule, desired: Mapping[str, Value], lookups: Lookups) -> Pieces:
    if rule.join is None:
        return [(rule.native[0], rule.outward(desired.get(rule.canonical[0]), lookups))]
    if rule.splits:
        text = rule.join.join(_texts(rule.canonical, desired))
        return [(rule.native[0], rule.outward(text or None, lookups))]
    text = as_text(from_json(rule.outward(desired.get(rule.canonical[0]), lookups)))
    parts = _texts(rule.join.prefer, desired)
    lacking = any(
        native in rule.required and not part for native, part in zip(rule.native, parts, strict=False)
    )
    if not parts or lacking or rule.join.join(parts) != text:
        parts = rule.join.cut(text)
    return [(native, part or None) for native, part in zip(rule.native, parts, strict=True)]


def _is_settled(rule: Rule, desired: Mapping[str, Value]) -> bool:
    """Whether a text and the canonical parts it is made of say the same."""
    if rule.join is None or not rule.join.prefer:
        return False
    return rule.join.join(_texts(rule.join.prefer, desired)) == as_text(desired.get(rule.canonical[0]))


def _texts(names: Sequence[str], desired: Mapping[str, Value]) -> list[str]:
    return [as_text(desired.get(name)) for name in names]


def _complete_objects(draft: _Draft, plan: RolePlan, desired: Mapping[str, Value], lookups: Lookups) -> None:
    """Nested objects travel whole: whether the target keeps or blanks a left-out key of one is not
    documented.
    """
    begun = [prefix for prefix in plan.whole if any(name.startswith(f"{prefix}.") for name in draft.fields)]
    for rule in plan.writers:
        missing = [name for name in rule.native if name not in draft.fields]
        inside = any(name.startswith(f"{prefix}.") for prefix in begun for name in missing)
        if inside and all(name in desired for name in rule.canonical) and _holds(rule, desired):
            _write(draft, rule, desired, lookups)


def _check(draft: _Draft, natives: Collection[str]) -> None:
    for native in natives:
        rule, value = draft.by[native], draft.fields.get(native)
        if value in (None, ""):
            if native in rule.required:
                advice = "Give the record a value, or map another field to it."
                problem = rule.problem(Code.MISSING, native, "the target demands a value", advice)
                draft.problems.append(problem)
            continue
        limit = rule.limits[rule.native.index(native)] if rule.limits else None
        if limit is not None and isinstance(value, str) and length(value) > limit:
            advice = "Shorten it at its source, or add `truncate` to a rule of direction out."
            text = f"{length(value)} characters where {limit} fit"
            draft.problems.append(rule.problem(Code.TOO_LONG, native, text, advice))
