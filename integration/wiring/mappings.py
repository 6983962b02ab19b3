"""Mapping versions of a pair, compiled once per process and version."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from integration.canonical.values import Side
from integration.errors import ConfigurationFault, Retryable
from integration.mapping import (
    CompiledMapping,
    Document,
    compile_mapping,
    default_documents,
    load_documents,
    parse_documents,
)
from integration.ports import Clock, Stores
from integration.settings import PolicySettings
from integration.wiring.field_facts import FieldFacts, fields_of

LOOK_MS = 5_000
"""How long a version may be live before this process asks for it."""


class MappingVersions:
    """`ports.Mappings`. Safe for threads.

    `version` is asked inside units of work and calls no system: where it would have to, it raises Retryable,
    and the next `live`, which is called outside of them, makes up for it.
    """

    def __init__(
        self,
        pair_id: int,
        stores: Stores,
        facts: FieldFacts,
        key_fields: Mapping[Side, str],
        clock: Clock,
        base: Callable[[int], list[Document]],
    ) -> None:
        self._pair_id = pair_id
        self._stores = stores
        self._facts = facts
        self._key_fields = key_fields
        self._clock = clock
        self._base = base
        self._compiled: dict[int, CompiledMapping] = {}
        self._absent: dict[int, Mapping[str, frozenset[str]]] = {}
        self._live: CompiledMapping | None = None
        self._looked_at = 0
        # Two locks, because whoever compiles may hold a unit of work, for which asking the systems waits.
        self._asking = threading.Lock()
        self._compiling = threading.Lock()

    def version(self, number: int) -> CompiledMapping:
        """That version. Raises Retryable while an organisation must be asked about fields it names."""
        found = self._compiled.get(number)
        if found is not None:
            return found
        self._looked_at = 0
        return self._compile(number)

    def live(self) -> CompiledMapping:
        """The newest version; asks both systems what it must know of them, so not inside a unit of work."""
        with self._asking:
            now = self._clock.now_ms()
            if self._live is None or not self._looked_at <= now < self._looked_at + LOOK_MS:
                with self._stores.reading(self._pair_id) as uow:
                    number = uow.pairs.state().mapping_version
                self._live = self._refreshed(number)
                self._looked_at = now
            return self._live

    def compiled(self) -> CompiledMapping:
        """The version this process knows as the newest. Raises Retryable before there is one."""
        if self._live is None:
            raise _not_loaded()
        return self._live

    def _refreshed(self, number: int) -> CompiledMapping:
        named = compile_mapping(self._documents(number), version=number, absent={})
        self._facts.ask(fields_of(named, self._key_fields))
        if self._absent.get(number) != self._facts.remembered(fields_of(named, self._key_fields)):
            self._compiled.pop(number, None)
        return self._compiled.get(number) or self._compile(number)

    def _compile(self, number: int) -> CompiledMapping:
        with self._compiling:
            if number in self._compiled:
                return self._compiled[number]
            documents = self._documents(number)
            named = compile_mapping(documents, version=number, absent={})
            absent = self._facts.remembered(fields_of(named, self._key_fields))
            if absent is None:
                raise _not_loaded()
            self._absent[number] = absent
            self._compiled[number] = compile_mapping(documents, version=number, absent=absent)
            return self._compiled[number]

    def _documents(self, number: int) -> list[Document]:
        documents = self._base(number)
        if number:
            with self._stores.reading(self._pair_id) as uow:
                text = uow.pairs.mapping(number)
            documents += parse_documents(text, f"version {number}")
        return documents


def _not_loaded() -> Retryable:
    return Retryable("mapping.not_loaded", "the organisations were not asked yet which fields they have")


class MappedFields(Mapping[str, Sequence[str]]):
    """What to read of each entity of one side, by the newest mapping, our key included.

    Raises Retryable before a mapping was loaded: a record read with no fields would look empty.
    """

    def __init__(self, side: Side, key_field: str) -> None:
        self._side = side
        self._key_field = key_field
        self._mappings: MappingVersions | None = None

    def follow(self, mappings: MappingVersions) -> None:
        """Take the fields from there; connections are built before there are mappings."""
        self._mappings = mappings

    def _compiled(self) -> CompiledMapping:
        if self._mappings is None:
            raise _not_loaded()
        return self._mappings.compiled()

    def __getitem__(self, entity: str) -> Sequence[str]:
        mapping = self._compiled()
        if entity not in mapping.native_entities(self._side):
            raise KeyError(entity)
        return tuple(dict.fromkeys([*mapping.native_fields(self._side, entity), self._key_field]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._compiled().native_entities(self._side))

    def __len__(self) -> int:
        return len(self._compiled().native_entities(self._side))


def base_documents(policies: PolicySettings) -> Callable[[int], list[Document]]:
    """What a version is laid over: the shipped mapping, and before the first one was applied the YAML files
    the settings name.
    """

    def documents(number: int) -> list[Document]:
        found = default_documents() + _active_field(policies.active_field)
        return found if number else found + load_documents(_files(policies))

    return documents


def _files(policies: PolicySettings) -> list[Path]:
    files = sorted(policies.mapping_dir.glob("*.yaml")) if policies.mapping_dir else []
    if policies.mapping_dir and not files:
        raise ConfigurationFault(
            "mapping.no_files",
            "there are no .yaml files",
            where=str(policies.mapping_dir),
            advice="Correct mapping_dir, or leave it out to use the shipped mapping.",
        )
    return [*files, *([policies.ownership_file] if policies.ownership_file else [])]


def _active_field(name: str) -> list[Document]:
    """The checkbox that mirrors Zoho's status, where it has another name than the shipped one."""
    if name == PolicySettings().active_field:
        return []
    text = (
        "record: salesforce_account\nrules:\n"
        f"  is_active: {{canonical: is_active, field: {name}}}\n"
        "---\nrecord: salesforce_contact\nrules:\n"
        f"  is_active: {{roles: [individual], canonical: is_active, field: {name}}}\n"
    )
    return parse_documents(text, "active_field")
