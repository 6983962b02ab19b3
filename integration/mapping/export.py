"""Show a mapping as one YAML text: all its documents laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import yaml

from integration.mapping.documents import Document, Tree
from integration.mapping.drafts import CanonicalDraft, RecordDraft, lay
from integration.mapping.mapping import CompiledMapping
from integration.mapping.mistakes import MappingFault


class _Dumper(yaml.SafeDumper):
    """Writes what `documents` reads."""


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))


_Dumper.add_representer(Decimal, _decimal)


def export_mapping(mapping: CompiledMapping | Sequence[Document]) -> str:
    """The mapping as YAML documents that mean the same when they are loaded. Raises MappingFault on
    mistakes.
    """
    documents = mapping.documents if isinstance(mapping, CompiledMapping) else mapping
    drafts = lay(documents)
    if drafts.mistakes:
        raise MappingFault(drafts.mistakes)
    trees = [_canonical(draft) for draft in drafts.canonicals.values()]
    trees += [_record(draft) for draft in drafts.records.values()]
    return yaml.dump_all(
        trees, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, explicit_start=True
    )


def _canonical(draft: CanonicalDraft) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"canonical": draft.name, "kinds": list(draft.kinds)}
    for section in draft.defaults:
        tree.update({word: section.tree[word] for word in ("owner", "first_contact") if word in section.tree})
    fields: dict[str, Tree] = {}
    for name, sections in draft.fields.items():
        fields[name] = {key: value for section in sections for key, value in section.tree.items()}
    tree["fields"] = fields
    tree["composed"] = {name: section.tree for name, section in draft.composed.items()}
    return {key: value for key, value in tree.items() if value not in ([], {})}


def _record(draft: RecordDraft) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"record": draft.name, "side": draft.side, "entity": draft.entity}
    tree["whole"] = list(draft.whole)
    for part, entries in draft.parts.items():
        tree[part] = {name: section.tree for name, section in entries.items()}
    return {key: value for key, value in tree.items() if value not in ([], {})}
