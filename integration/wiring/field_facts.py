"""Which native fields the two organisations do not have, asked of them and remembered in SQL.

What is remembered lets a process start, or a command run, while a system cannot be reached.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace

import structlog

from integration.canonical.values import Json, Side
from integration.errors import Ambiguous, Retryable, Throttled, Unauthorized
from integration.mapping import CompiledMapping
from integration.ports import Clock, Cursor, Gateway, Stores

CURSOR = "absent fields"
FRESH_MS = 600_000
"""A field made in one of the systems is noticed within this time."""
UNREACHABLE = (Retryable, Ambiguous, Throttled, Unauthorized)

Known = dict[str, dict[str, bool]]
"""Per native entity and field asked for: whether it is absent."""

log = structlog.get_logger(__name__)


class FieldFacts:
    """Safe for threads. `ask` calls the systems, `remembered` never does."""

    def __init__(self, pair_id: int, stores: Stores, gateways: Mapping[Side, Gateway], clock: Clock) -> None:
        self._pair_id = pair_id
        self._stores = stores
        self._gateways = gateways
        self._clock = clock
        self._known: dict[Side, Known] = {}
        self._asked_at: dict[Side, int] = {}
        self._lock = threading.Lock()

    def ask(self, wanted: Mapping[Side, Mapping[str, Collection[str]]]) -> None:
        """Find out about these fields of these entities, where what is known is missing or old.

        A system that cannot be reached is believed to be as it was; raises its fault when it was never asked.
        """
        with self._lock:
            for side, entities in wanted.items():
                if not self._is_fresh(side, entities):
                    self._ask(side, entities)

    def remembered(
        self, wanted: Mapping[Side, Mapping[str, Collection[str]]]
    ) -> Mapping[str, frozenset[str]] | None:
        """Absent fields per entity; None when some of the fields were never asked about."""
        absent: dict[str, frozenset[str]] = {}
        for side, entities in wanted.items():
            known = self._load(side)
            for entity, fields in entities.items():
                facts = known.get(entity, {})
                if not facts.keys() >= set(fields):
                    return None
                absent[entity] = frozenset(name for name in fields if facts[name])
        return absent

    def _is_fresh(self, side: Side, entities: Mapping[str, Collection[str]]) -> bool:
        known = self._known.get(side, {})
        complete = all(known.get(entity, {}).keys() >= set(fields) for entity, fields in entities.items())
        return complete and self._clock.now_ms() - self._asked_at.get(side, 0) < FRESH_MS

    def _ask(self, side: Side, entities: Mapping[str, Collection[str]]) -> None:
        known = {entity: dict(facts) for entity, facts in self._load(side).items()}
        try:
            for entity, fields in entities.items():
                absent = set(self._gateways[side].absent_fields(entity, sorted(fields)))
                known.setdefault(entity, {}).update({name: name in absent for name in fields})
        except UNREACHABLE as fault:
            if self.remembered({side: entities}) is None:
                raise
            log.warning("fields not asked for", side=side.value, error_code=fault.code)
        self._asked_at[side] = self._clock.now_ms()
        if known != self._known.get(side):
            self._store(side, known)

    def _load(self, side: Side) -> Known:
        if side not in self._known:
            with self._stores.reading(self._pair_id) as uow:
                cursor = uow.cursors.get(side, CURSOR)
            self._known[side] = _decoded(cursor.run) if cursor else {}
        return self._known[side]

    def _store(self, side: Side, known: Known) -> None:
        run: dict[str, Json] = {entity: dict[str, Json](facts) for entity, facts in known.items()}
        with self._stores.begin(self._pair_id, "wiring.fields") as uow:
            cursor = uow.cursors.get(side, CURSOR) or Cursor(CURSOR, side)
            uow.cursors.put(replace(cursor, watermark=uow.now, run=run))
        self._known[side] = known


def _decoded(run: Mapping[str, Json]) -> Known:
    return {
        entity: {name: bool(absent) for name, absent in facts.items()}
        for entity, facts in run.items()
        if isinstance(facts, dict)
    }


def fields_of(mapping: CompiledMapping, key_fields: Mapping[Side, str]) -> dict[Side, dict[str, set[str]]]:
    """Every native field a mapping names, and our key on the roots, by side and entity."""
    found = {
        side: {entity: set(mapping.native_fields(side, entity)) for entity in mapping.native_entities(side)}
        for side in Side
    }
    for side, entities in found.items():
        for entity in entities:
            if key_fields[side] and entity != "contact_person":
                entities[entity].add(key_fields[side])
    return found
