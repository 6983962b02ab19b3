"""Lay mapping documents over each other, line by line, before anything is compiled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from integration.canonical.values import Side
from integration.mapping.documents import Document
from integration.mapping.mistakes import Mistake, Section, nearest, whole

RECORD_WORDS = ("record", "side", "entity", "whole", "roles", "out_of_scope", "rules")
CANONICAL_WORDS = ("canonical", "kinds", "owner", "first_contact", "fields", "composed")
SIDES = tuple(side.value for side in Side)


@dataclass
class RecordDraft:
    """A system record as its documents together describe it; later documents replace entries of the same
    id.
    """

    name: str
    head: Section
    side: str = ""
    entity: str = ""
    whole: tuple[str, ...] = ()
    parts: dict[str, dict[str, Section]] = field(
        default_factory=lambda: {"roles": {}, "out_of_scope": {}, "rules": {}}
    )


@dataclass
class CanonicalDraft:
    """A canonical entity; of a field that several documents declare, each later one changes what it says."""

    name: str
    head: Section
    kinds: tuple[str, ...] = ()
    defaults: list[Section] = field(default_factory=list)
    fields: dict[str, list[Section]] = field(default_factory=dict)
    composed: dict[str, Section] = field(default_factory=dict)


@dataclass
class Drafts:
    """All drafts of one mapping and the mistakes met on the way."""

    records: dict[str, RecordDraft] = field(default_factory=dict)
    canonicals: dict[str, CanonicalDraft] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def lay(documents: Iterable[Document]) -> Drafts:
    """Overlay documents in their order."""
    drafts = Drafts()
    for document in documents:
        section = whole(document, drafts.mistakes)
        if "record" in document.tree:
            _lay_record(drafts, section)
        elif "canonical" in document.tree:
            _lay_canonical(drafts, section)
        else:
            section.mistake(
                "neither `record` nor `canonical`", "Begin with `record: <name>` or `canonical: <name>`."
            )
    return drafts


def _lay_record(drafts: Drafts, section: Section) -> None:
    section.only(RECORD_WORDS)
    name = section.text("record")
    draft = drafts.records.get(name)
    if draft is None:
        if not {"side", "entity"} <= section.tree.keys():
            advice = nearest(name, drafts.records) + " A new record needs `side` and `entity`."
            section.mistake(f"record `{name}` is not known", advice, "record")
            return
        draft = drafts.records[name] = RecordDraft(name, section)
    if "side" in section.tree:
        draft.side = section.word("side", SIDES, draft.side)
    draft.entity = section.text("entity", draft.entity)
    if "whole" in section.tree:
        draft.whole = section.texts("whole")
    for part, entries in draft.parts.items():
        _lay_entries(entries, section.children(part, are_rules=True))


def _lay_entries(entries: dict[str, Section], added: dict[str, Section]) -> None:
    for name, section in added.items():
        if not section.flag("remove"):
            # A line that says what is there already stays the shipped one: an exported mapping can be given
            # back whole.
            if name not in entries or entries[name].tree != section.tree:
                entries[name] = section
        elif name in entries:
            section.only(["remove"])
            del entries[name]
        else:
            section.mistake(f"there is no `{name}` to remove", nearest(name, entries))


def _lay_canonical(drafts: Drafts, section: Section) -> None:
    section.only(CANONICAL_WORDS)
    name = section.text("canonical")
    draft = drafts.canonicals.get(name)
    if draft is None:
        if not section.document.is_default:
            section.mistake(f"`{name}` is not known", nearest(name, drafts.canonicals), "canonical")
            return
        draft = drafts.canonicals[name] = CanonicalDraft(name, section)
    if "kinds" in section.tree:
        draft.kinds = section.texts("kinds")
    draft.defaults.append(section)
    for field_name, declared in section.children("fields").items():
        draft.fields.setdefault(field_name, []).append(declared)
    draft.composed.update(section.children("composed"))
