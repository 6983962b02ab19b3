"""Compile mapping documents into what the flows apply."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from integration.mapping.canonical_parser import compile_canonical, with_custom_types
from integration.mapping.documents import Document
from integration.mapping.drafts import Drafts, lay
from integration.mapping.lookups import Lookups
from integration.mapping.mapping import CompiledMapping
from integration.mapping.mistakes import MappingFault
from integration.mapping.record_parser import compile_record
from integration.mapping.rules import RecordPlan, SkippedRule

__all__ = ["CompiledMapping", "Lookups", "compile_mapping"]


def compile_mapping(
    documents: Sequence[Document], *, version: int, absent: Mapping[str, Collection[str]]
) -> CompiledMapping:
    """Compile documents, later ones laid over earlier ones line by line.

    `absent`: by native entity, the fields this organisation does not have. Raises MappingFault (a
    ConfigurationFault) that lists every mistake with file, line, rule and advice.
    """
    drafts = lay(documents)
    canonicals = {name: compile_canonical(draft) for name, draft in drafts.canonicals.items()}
    canonicals = {name: with_custom_types(plan, drafts) for name, plan in canonicals.items()}
    records: list[RecordPlan] = []
    skipped: list[SkippedRule] = []
    for draft in drafts.records.values():
        record, left_out = compile_record(draft, canonicals, frozenset(absent.get(draft.entity, ())))
        skipped += left_out
        if record is not None:
            records.append(record)
    _check_records(drafts, records)
    if drafts.mistakes:
        raise MappingFault(dict.fromkeys(drafts.mistakes))
    return CompiledMapping(version, tuple(skipped), tuple(records), canonicals, tuple(documents))


def _check_records(drafts: Drafts, records: Sequence[RecordPlan]) -> None:
    entities: dict[tuple[str, str], str] = {}
    roles: dict[tuple[str, str, str], str] = {}
    for record in records:
        head = drafts.records[record.name].head
        other = entities.setdefault((record.side, record.entity), record.name)
        if other != record.name:
            head.mistake(
                f"{record.entity} is described by record `{other}` already", "Write the rules there."
            )
        for role in record.roles:
            known = roles.setdefault((record.side, role.canonical, role.kind), record.name)
            if known != record.name:
                text = f"{role.canonical} {role.kind} is kept in record `{known}` already"
                head.mistake(
                    text.replace("  ", " "), "Only one record of a side can be written for it.", "roles"
                )
