"""Compile a system record: its roles, what is out of scope, and its rules for each role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integration.canonical.values import Json, Side
from integration.mapping.conditions import compile_condition
from integration.mapping.drafts import RecordDraft
from integration.mapping.mistakes import Section, nearest
from integration.mapping.rule_parser import compile_rule
from integration.mapping.rules import CanonicalPlan, RecordPlan, RolePlan, Rule, Scope, SkippedRule
from integration.mapping.value_rules import literal

ROLE_WORDS = ("canonical", "kind", "when", "create", "parent", "remove")


def compile_record(
    draft: RecordDraft, canonicals: Mapping[str, CanonicalPlan], absent: frozenset[str]
) -> tuple[RecordPlan | None, list[SkippedRule]]:
    """Compile a record; mistakes are noted at its sections, and shipped rules the organisation cannot serve
    are skipped.
    """
    if not draft.side or not draft.entity or not draft.parts["roles"]:
        draft.head.mistake("a record needs `side`, `entity` and `roles`", "Add what is missing.")
        return None, []
    side = Side(draft.side)
    roles = [
        role
        for name, section in draft.parts["roles"].items()
        if (role := _role(name, section, draft, side, canonicals)) is not None
    ]
    skipped: dict[str, SkippedRule] = {}
    full = tuple(_with_rules(role, draft, canonicals, absent, skipped) for role in roles)
    scopes = tuple(
        s for section in draft.parts["out_of_scope"].values() if (s := _scope(section, draft)) is not None
    )
    return RecordPlan(draft.name, side, draft.entity, full, scopes, absent), list(skipped.values())


def _role(
    name: str, section: Section, draft: RecordDraft, side: Side, canonicals: Mapping[str, CanonicalPlan]
) -> RolePlan | None:
    section.only(ROLE_WORDS)
    canonical = section.text("canonical")
    if canonical not in canonicals:
        section.mistake(f"`{canonical}` is no canonical entity", nearest(canonical, canonicals), "canonical")
        return None
    kind = section.word("kind", (*canonicals[canonical].kinds, ""), "")
    parent = section.child("parent")
    if parent is not None:
        parent.only(["entity", "field"])
    return RolePlan(
        side=side,
        entity=draft.entity,
        name=name,
        canonical=canonical,
        kind=kind,
        when=compile_condition(section.child("when")),
        create=_constants(section.child("create")),
        parent_entity=parent.text("entity") if parent else "",
        parent_field=parent.text("field") if parent else "",
        rules=(),
        whole=draft.whole,
    )


def _constants(section: Section | None) -> Mapping[str, Json]:
    return {name: literal(value) for name, value in section.tree.items()} if section else {}


def _scope(section: Section, draft: RecordDraft) -> Scope | None:
    section.only(["when", "reason", "roles", "remove"])
    condition = compile_condition(section.child("when"))
    roles = frozenset(section.words("roles", draft.parts["roles"]) or draft.parts["roles"])
    reason = section.text("reason")
    if condition is None or not reason:
        section.mistake("needs `when` and `reason`", "Say under which condition, and why people are told.")
        return None
    return Scope(condition, reason, roles)


def _with_rules(
    role: RolePlan,
    draft: RecordDraft,
    canonicals: Mapping[str, CanonicalPlan],
    absent: frozenset[str],
    skipped: dict[str, SkippedRule],
) -> RolePlan:
    rules: list[Rule] = []
    for rule_id, section in draft.parts["rules"].items():
        known = draft.parts["roles"]
        if role.name not in (section.words("roles", known) if "roles" in section.tree else known):
            continue
        rule = compile_rule(section, role.side, canonicals[role.canonical])
        if rule is None:
            continue
        missing = next((native for native in sorted(rule.inputs) if native in absent), None)
        if missing is None:
            rules.append(rule)
        elif rule.is_default:
            skipped[rule_id] = SkippedRule(draft.name, rule_id, missing, rule.where)
        else:
            advice = (
                f"Make the field in {draft.side}, correct its name, or write `remove: true` for this rule."
            )
            section.mistake(f"{draft.entity} has no field `{missing}` in this organisation", advice)
    _check_doubles(role, rules, draft)
    return replace(role, rules=tuple(rules), readers=_readers(rules))


def _readers(rules: list[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    readers: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        if rule.reads:
            for name in rule.canonical:
                readers[name] = (*readers.get(name, ()), rule)
    return readers


def _check_doubles(role: RolePlan, rules: list[Rule], draft: RecordDraft) -> None:
    """Two plain rules for one field would take turns: only a condition may say which of them speaks."""
    read: dict[str, str] = {}
    written: dict[str, str] = {}
    for rule in rules:
        section = draft.parts["rules"][rule.id]
        if rule.reads and rule.when_reading is None:
            for name in rule.canonical:
                _once(read, name, rule, section, f"reads `{name}`, as does")
        if rule.writes and rule.when_writing is None and rule.join is None:
            for name in rule.native:
                _once(written, name, rule, section, f"writes `{name}` of {role.entity}, as does")


def _once(seen: dict[str, str], name: str, rule: Rule, section: Section, text: str) -> None:
    other = seen.setdefault(name, rule.id)
    if other != rule.id:
        advice = "Remove one of them, set `direction`, or add `when_reading` or `when_writing`."
        section.mistake(f"{text} rule `{other}`", advice)
