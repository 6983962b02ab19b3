"""Read a native image by the rules of a role: native -> canonical."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from integration.canonical.values import Fields, Json, Value
from integration.mapping.conversions import UnconvertibleError, as_text, from_json
from integration.mapping.lookups import Lookups
from integration.mapping.rules import Code, FieldProblem, Reading, RolePlan, Rule, ValueMistakeError
from integration.mapping.value_rules import UNCONVERTIBLE_ADVICE


def read_image(
    plan: RolePlan,
    image: Mapping[str, Json],
    touched: Collection[str] | None,
    absent: Collection[str],
    lookups: Lookups,
    names: Collection[str] | None = None,
) -> Reading:
    """The canonical fields an image tells, all or those of `names`.

    `touched` limits reading to fields that depend on one of these native fields; a canonical field is left
    out when the image does not know everything it depends on. `absent` native fields count as known and
    blank. Raises DependencyMissing when a look-up names a record that is not bound.
    """
    known = image.keys() | set(absent)
    asked = None if touched is None else set(touched)
    fields: Fields = {}
    problems: list[FieldProblem] = []
    for name, rules in plan.readers.items():
        if names is not None and name not in names:
            continue
        if asked is not None and not any(rule.inputs & asked for rule in rules):
            continue
        rule = _deciding(rules, image, known)
        if rule is None:
            continue
        try:
            fields[name] = _read(rule, name, image, lookups)
        except ValueMistakeError as mistake:
            problems.append(rule.problem(mistake.code, rule.native[0], mistake.text, mistake.advice))
    return Reading(fields, tuple(problems))


def _deciding(rules: tuple[Rule, ...], image: Mapping[str, Json], known: Collection[str]) -> Rule | None:
    """The last rule whose condition holds; None when that cannot be known from this image, or none holds."""
    for rule in reversed(rules):
        condition = rule.when_reading
        if condition is not None:
            if any(name not in known for name in condition.fields):
                return None
            if not condition.test(image):
                continue
        return rule if all(name in known for name in rule.native) else None
    return None


def _read(rule: Rule, name: str, image: Mapping[str, Json], lookups: Lookups) -> Value:
    if rule.join is None:
        return rule.inward(image.get(rule.native[0]), lookups)
    if rule.splits:
        text = as_text(rule.inward(image.get(rule.native[0]), lookups))
        return rule.join.cut(text)[rule.canonical.index(name)] or None
    joined = rule.join.join([_part(image.get(native)) for native in rule.native])
    return rule.inward(joined or None, lookups)


def _part(value: Json) -> str:
    try:
        return as_text(from_json(value))
    except UnconvertibleError as error:
        raise ValueMistakeError(Code.UNCONVERTIBLE, str(error), UNCONVERTIBLE_ADVICE) from error
