"""A unit of work: saves that are undone together, and what change events tell of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.tables import Row, Store


@dataclass(frozen=True)
class Actor:
    """Who saves, and what change events say about the road it came by."""

    user_id: str
    origin: str


@dataclass(frozen=True)
class Change:
    """One record's way through a transaction: before (None: new), after, and the first kind of change."""

    definition: ObjectDef
    kind: str
    before: Row | None
    after: Row


@dataclass
class Transaction:
    """Applies rows at once and keeps what it replaced; `stamp` is the commit time in epoch milliseconds."""

    store: Store
    actor: Actor
    stamp: int
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    told: list[Mapping[str, Any]] = field(default_factory=list)
    """Headers of the events that were written when it was committed."""
    _undo: list[tuple[ObjectDef, str, Row | None]] = field(default_factory=list)
    _first: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By record: the kind and the origin of its first change."""

    def put(self, definition: ObjectDef, row: Row, kind: str) -> None:
        """Saves the row. The first kind of change to a record is the one its event names."""
        table = self.store.table(definition.name)
        self._undo.append((definition, row.id, table.get(row.id)))
        self._first.setdefault(row.id, (kind, self.actor.origin))
        table.put(row)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what was saved inside when a record is refused."""
        mark = len(self._undo)
        try:
            yield
        except ApiError:
            self.roll_back(mark)
            raise

    @contextmanager
    def part(self, actor: Actor) -> Iterator[Transaction]:
        """Saves of another actor inside this transaction: undone alone, committed with the rest."""
        mark, own = len(self._undo), self.actor
        self.actor = actor
        try:
            yield self
        except BaseException:
            self.roll_back(mark)
            raise
        finally:
            self.actor = own

    def roll_back(self, mark: int = 0) -> None:
        if len(self._undo) > mark:
            kept = {record_id for _, record_id, _ in self._undo[:mark]}
            undone = {record_id for _, record_id, _ in self._undo[mark:]}
            for record_id in undone - kept:
                del self._first[record_id]
        while len(self._undo) > mark:
            definition, record_id, previous = self._undo.pop()
            table = self.store.table(definition.name)
            if previous is None:
                table.drop(record_id)
            else:
                table.put(previous)

    def changes(self) -> list[Change]:
        """One change per record in order of first touch, as finally left."""
        first: dict[str, tuple[ObjectDef, Row | None]] = {}
        for definition, record_id, previous in self._undo:
            first.setdefault(record_id, (definition, previous))
        found = []
        for record_id, (definition, before) in first.items():
            after = self.store.table(definition.name).get(record_id)
            # What changes within the recycle bin is nobody's business, nor what came and went at once.
            if after is None or (after.deleted and (before is None or before.deleted)):
                continue
            found.append(Change(definition, self._kind(record_id, after), before, after))
        return found

    def origin_of(self, record_id: str) -> str:
        """The road by which the record's first change in this transaction came."""
        return self._first[record_id][1]

    def _kind(self, record_id: str, after: Row) -> str:
        # Updated and then deleted in one transaction: only the deletion is left to tell.
        return "DELETE" if after.deleted else self._first[record_id][0]
