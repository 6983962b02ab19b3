"""Compile the canonical documents: fields, their types, who owns them."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from integration.canonical.values import Side
from integration.mapping.conversions import TYPES
from integration.mapping.drafts import SIDES, CanonicalDraft, Drafts, RecordDraft
from integration.mapping.mistakes import Section, nearest
from integration.mapping.rule_parser import CUSTOM
from integration.mapping.rules import CanonicalField, CanonicalPlan, Composed, Join, Owner

FIELD_WORDS = ("type", "owner", "first_contact")
OWNERS = (*SIDES, "latest")


def compile_canonical(draft: CanonicalDraft) -> CanonicalPlan:
    """Compile a canonical entity; mistakes are noted at its sections."""
    other = CanonicalField()
    for section in draft.defaults:
        other = _declared(section, other)
    fields = {name: _field(sections, name, draft, other) for name, sections in draft.fields.items()}
    composed = tuple(_composed(name, section, draft) for name, section in draft.composed.items())
    return CanonicalPlan(draft.name, draft.kinds, fields, other, composed)


def _field(
    sections: list[Section], name: str, draft: CanonicalDraft, other: CanonicalField
) -> CanonicalField:
    declared = other
    if not sections[0].document.is_default and not CUSTOM.fullmatch(name):
        advice = f"{nearest(name, draft.fields.keys() - {name})} Other fields are named `custom.<name>`."
        sections[0].mistake(f"`{name}` is no field of {draft.name}", advice)
    for section in sections:
        section.only(FIELD_WORDS)
        declared = _declared(section, declared)
    return declared


def _declared(section: Section, known: CanonicalField) -> CanonicalField:
    kind = section.word("type", TYPES, known.type) if "type" in section.tree else known.type
    owner = section.word("owner", OWNERS, known.owner) if "owner" in section.tree else known.owner
    first = known.first_contact
    if "first_contact" in section.tree:
        first = Side(section.word("first_contact", SIDES, first))
    return CanonicalField(kind, cast("Owner", owner), first)


def _composed(name: str, section: Section, draft: CanonicalDraft) -> Composed:
    section.only(["kind", "parts", "separator", "at"])
    parts = section.texts("parts")
    unknown = [part for part in (name, *parts) if part not in draft.fields]
    if unknown:
        section.mistake(f"`{unknown[0]}` is no field of {draft.name}", nearest(unknown[0], draft.fields))
    if len(parts) != 2:
        section.mistake("a composed field has two parts", "Write `parts: [first, second]`.", "parts")
    separator = section.tree.get("separator", " ")
    join = Join(
        separator if isinstance(separator, str) else " ", section.word("at", ("first", "last"), "first")
    )
    return Composed(name, section.text("kind"), parts, join)


def with_custom_types(plan: CanonicalPlan, drafts: Drafts) -> CanonicalPlan:
    """Give `custom.*` fields that nobody declared the type their rules name, so that both sides mean the
    same value.
    """
    fields = dict(plan.fields)
    named: dict[str, tuple[str, Section]] = {}
    for draft in drafts.records.values():
        for section in draft.parts["rules"].values():
            name, kind = section.tree.get("canonical"), section.tree.get("type")
            if not isinstance(name, str) or not isinstance(kind, str) or kind not in TYPES or kind == "text":
                continue
            if name in plan.fields or "values" in section.tree or not _concerns(section, draft, plan.name):
                continue
            known, _ = named.setdefault(name, (kind, section))
            if known != kind:
                advice = f"Declare the type of `{name}` under `fields` of `canonical: {plan.name}`."
                section.mistake(f"`{name}` is {kind} here and {known} in another rule", advice, "type")
            fields[name] = replace(plan.other, type=known)
    return replace(plan, fields=fields)


def _concerns(section: Section, draft: RecordDraft, canonical: str) -> bool:
    roles = draft.parts["roles"]
    chosen = section.tree.get("roles", list(roles))
    names = chosen if isinstance(chosen, list) else [chosen]
    return any(roles[str(name)].tree.get("canonical") == canonical for name in names if str(name) in roles)
