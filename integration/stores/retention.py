"""Takes out what ended long ago: a few rows in a unit, in order of id, so that no index is kept for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from integration.ports.retention import Cleared, RetentionStore, Shelf
from integration.stores.columns import among, equals
from integration.stores.tables_line import changes, inbox_events, intents, outbox_writes, write_attempts
from integration.stores.tables_operation import audit_log, audit_values, runs
from integration.stores.tables_people import dead_letters, exceptions, waits
from integration.stores.transaction import Transaction

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class _Place:
    """Where the rows of a shelf lie. `began` never decreases along `key`, but for the length of a unit."""

    table: sa.Table
    key: sa.ColumnElement[int]
    began: sa.ColumnElement[int]
    is_over: Callable[[Transaction, int], Condition]
    source: sa.FromClause


class SqlRetention(RetentionStore):
    """`RetentionStore` of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def clear(self, shelf: Shelf, before: int, after: int, limit: int) -> Cleared:
        """Look at the next `limit` rows in order of id, behind the id `after`; remove those over before then.

        Rows are locked without waiting for anybody: the line moves rows of many lanes in an order of its own,
        and two that wait for each other would cost it its work. What is skipped is there the next night.
        """
        place = PLACES[shelf]
        behind = sa.and_(self._tx.mine(place.table), place.key > after)
        looked_at = self._tx.rows(
            sa.select(place.key.label("id"), place.began.label("began"))
            .select_from(place.source)
            .where(behind)
            .order_by(place.key)
            .limit(limit)
        )
        if not looked_at:
            return Cleared(0, None)
        last: int = looked_at[-1].id
        over = (
            sa.select(place.key.label("id"))
            .select_from(place.source)
            .where(behind, place.key <= last, place.is_over(self._tx, before))
        )
        ids = [row.id for row in self._tx.lock(over, place.table, skip=True)]
        self._remove(place, ids)
        at_end = len(looked_at) < limit or min(row.began for row in looked_at) >= before
        return Cleared(len(ids), None if at_end else last)

    def _remove(self, place: _Place, ids: list[int]) -> None:
        if not ids:
            return
        if place.table is outbox_writes:
            attempts = sa.delete(write_attempts).where(self._tx.one_of(write_attempts.c.write_id, ids))
            self._tx.execute(attempts)
        self._tx.execute(sa.delete(place.table).where(self._tx.one_of(place.key, ids)))


def _events_over(tx: Transaction, before: int) -> Condition:
    """An open dead letter keeps the event it tells of: it is what a person looks at to decide."""
    told = sa.select(dead_letters.c.event_id).where(
        tx.mine(dead_letters), equals(dead_letters.c.state, "open"), dead_letters.c.event_id.is_not(None)
    )
    row = inbox_events.c
    return sa.and_(equals(row.state, "ended"), row.ended_at < before, row.id.not_in(told))


def _writes_over(_tx: Transaction, before: int) -> Condition:
    return sa.and_(among(outbox_writes.c.state, "done", "dead"), outbox_writes.c.ended_at < before)


def _changes_over(_tx: Transaction, before: int) -> Condition:
    """A row that is not sent yet, as in mode observe, keeps the change that says why it is there."""
    wanted = sa.select(outbox_writes.c.id).where(
        outbox_writes.c.lane_id == changes.c.lane_id,
        outbox_writes.c.change_id == changes.c.id,
        among(outbox_writes.c.state, "waiting", "sending"),
    )
    is_ended = sa.and_(equals(changes.c.state, "validated"), changes.c.ended_at < before)
    return sa.and_(is_ended, ~wanted.correlate(changes).exists())


def _closed(table: sa.Table, closed_at: sa.ColumnElement[int]) -> Callable[[Transaction, int], Condition]:
    """What is open no more, since before then."""
    return lambda _tx, before: sa.and_(table.c.state != "open", closed_at < before)


def _values_over(_tx: Transaction, before: int) -> Condition:
    return audit_log.c.at < before


def _runs_over(_tx: Transaction, before: int) -> Condition:
    """A run that never ended went with its worker; its slot has long passed, so nobody takes it up again."""
    return sa.and_(runs.c.started_at < before, runs.c.lease_until < before)


def _place(
    table: sa.Table, began: sa.ColumnElement[int], is_over: Callable[[Transaction, int], Condition]
) -> _Place:
    return _Place(table, table.c.id, began, is_over, table)


PLACES = {
    Shelf.EVENTS: _place(inbox_events, inbox_events.c.received_at, _events_over),
    Shelf.WRITES: _place(outbox_writes, outbox_writes.c.created_at, _writes_over),
    Shelf.CHANGES: _place(changes, changes.c.created_at, _changes_over),
    Shelf.INTENTS: _place(intents, intents.c.opened_at, _closed(intents, intents.c.closed_at)),
    Shelf.WAITS: _place(waits, waits.c.created_at, _closed(waits, waits.c.ended_at)),
    Shelf.DEAD_LETTERS: _place(
        dead_letters, dead_letters.c.created_at, _closed(dead_letters, dead_letters.c.closed_at)
    ),
    Shelf.EXCEPTIONS: _place(
        exceptions, exceptions.c.created_at, _closed(exceptions, exceptions.c.closed_at)
    ),
    Shelf.RUNS: _place(runs, runs.c.started_at, _runs_over),
    Shelf.AUDIT_VALUES: _Place(
        audit_values,
        audit_values.c.audit_id,
        audit_log.c.at,
        _values_over,
        audit_values.join(audit_log, audit_log.c.id == audit_values.c.audit_id),
    ),
}
