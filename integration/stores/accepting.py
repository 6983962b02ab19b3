"""What arrived, as rows of the inbox: within a unit of work, or by one statement for which a sender waits.

A statement alone is a transaction by itself on PostgreSQL. It takes its own time, and goes past SQLAlchemy,
whose share of an answer of the receiver was a third.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy.engine import Engine

from integration.canonical.event import ArrivedEvent
from integration.stores import bulk
from integration.stores.engine import POSTGRES_LOCK_MS, translate_psycopg
from integration.stores.lane_rows import RowValues
from integration.stores.lane_saving import stored_key
from integration.stores.tables_line import inbox_events
from integration.stores.transaction import Transaction

KEY = ("pair_id", "side", "key")
TOLD = ("id", "side", "key", "seen")

Rows = Mapping[tuple[str, str], RowValues]
Added = tuple[list[int], int]
"""Ids of new rows in order, and how many events were repeats (their `seen` is counted up)."""


def add_events(tx: Transaction, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]) -> Added:
    """Insert within a unit of work."""
    rows = _rows(tx.pair_id, events, correlation_ids)
    for row in rows.values():
        row["received_at"] = tx.now
    keep = [name for row in list(rows.values())[:1] for name in row if name != "seen"]
    stored = bulk.upsert(
        tx, inbox_events, list(rows.values()), KEY, added=("seen",), keep=keep, returning=TOLD
    )
    return _added(rows, stored, len(events))


def _rows(
    pair_id: int, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]
) -> dict[tuple[str, str], RowValues]:
    rows: dict[tuple[str, str], RowValues] = {}
    for event, correlation_id in zip(events, correlation_ids, strict=True):
        key = (event.side.value, stored_key(event.key))
        if key in rows:
            rows[key]["seen"] += 1
        else:
            rows[key] = _row(pair_id, event, key[1], correlation_id)
    return rows


def _row(pair_id: int, event: ArrivedEvent, key: str, correlation_id: str) -> RowValues:
    return {
        "pair_id": pair_id,
        "side": event.side.value,
        "key": key,
        "entity": event.entity,
        "record_id": event.record_id,
        "kind": event.kind.value,
        "channel": event.channel.value,
        "at": event.at,
        "generation": event.generation,
        "arrival": event.arrival,
        "author": event.author,
        "origin": event.origin,
        "body": event.body,
        "correlation_id": correlation_id,
        "seen": 1,
    }


def _added(rows: Rows, stored: Sequence[Sequence[Any]], events: int) -> Added:
    new = sorted(number for number, side, key, seen in stored if seen == rows[side, key]["seen"])
    return new, events - len(new)


class Door:
    """Connections of this process for single statements, each with a cursor that stays; as many as
    threads that use them at once.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[psycopg.RawCursor[Any]] = []
        self._owner = os.getpid()

    def accept(self, pair_id: int, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]) -> Added:
        """Insert, in one statement. Raises Retryable when the database does not take it.

        Where an idle connection had died the statement is sent once more; had the first one been stored after
        all, the second is a repeat.
        """
        rows = _rows(pair_id, events, correlation_ids)
        if not rows:
            return [], 0
        had_idle = bool(self._idle)
        try:
            stored = self._run(rows)
        except psycopg.Error as error:
            if not had_idle or not isinstance(error, psycopg.OperationalError):
                raise translate_psycopg(error) from None
            stored = self._run_anew(rows)
        return _added(rows, stored, len(events))

    def close(self) -> None:
        """Let go of the connections; a later statement makes new ones."""
        idle, self._idle = self._idle, []
        if self._owner == os.getpid():
            for cursor in idle:
                cursor.connection.close()

    def _run_anew(self, rows: Rows) -> list[tuple[Any, ...]]:
        self.close()
        try:
            return self._run(rows)
        except psycopg.Error as error:
            raise translate_psycopg(error) from None

    def _run(self, rows: Rows) -> list[tuple[Any, ...]]:
        listed = list(rows.values())
        statement = bulk.adding_statement(inbox_events, tuple(listed[0]), KEY, "seen", TOLD, "received_at")
        with self._cursor() as cursor:
            return cursor.execute(statement, (bulk.encoded(inbox_events, listed),)).fetchall()

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.RawCursor[Any]]:
        cursor = self._idle.pop() if self._idle else self._connect()
        try:
            yield cursor
        except BaseException:
            cursor.connection.close()
            raise
        self._idle.append(cursor)

    def _connect(self) -> psycopg.RawCursor[Any]:
        _, options = self._engine.dialect.create_connect_args(self._engine.url)
        connection = psycopg.connect(**options, autocommit=True, connect_timeout=5)
        connection.execute(f"SET lock_timeout = {POSTGRES_LOCK_MS}")
        return psycopg.RawCursor(connection)
