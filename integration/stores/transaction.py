"""One open transaction: its pair, its time, and the ways in which the two engines differ."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection, CursorResult, Row

from integration.stores.json_text import dumps

NOW_POSTGRES = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
NOW = {
    "postgresql": sa.text(f"SELECT {NOW_POSTGRES}"),
    "sqlite": sa.text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
}
"""The database's own clock in epoch milliseconds."""

_LOCK_NAMES = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS listed(key)")
_LOCK = "WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(CAST(:key AS bigint)))"
_LOCK_ALONE = sa.text(f"{_LOCK} SELECT {NOW_POSTGRES} FROM held")  # noqa: S608 - both are our own

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Transaction:
    """What the stores of one unit share. `now` is read when the unit begins, and by `lock_alone`: leases and
    times are taken from it.

    Waiting for a lock makes it old, never new, so that a lease can only seem to run longer to others than it
    does to us.
    """

    def __init__(
        self, connection: Connection, pair_id: int, settle_ms: int, clock: Callable[[], int] | None = None
    ) -> None:
        self.connection = connection
        self.ending = connection.begin()
        self.pair_id = pair_id
        self.settle_ms = settle_ms
        self.is_postgres = connection.dialect.name == "postgresql"
        self._clock = clock
        self.now: int = clock() if clock else connection.execute(NOW[connection.dialect.name]).scalar_one()
        self._unsent: list[Callable[[], None]] = []

    def execute(self, statement: sa.Executable, parameters: Parameters = None) -> CursorResult[Any]:
        """Run one statement."""
        return self.connection.execute(statement, parameters)

    def rows(self, statement: sa.Executable) -> Sequence[Row[Any]]:
        """All rows of a statement."""
        return self.connection.execute(statement).all()

    def mine(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """The rows of this unit's pair."""
        return table.c.pair_id == self.pair_id

    def one_of(self, column: sa.ColumnElement[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
        """`column IN values` as one parameter, so that any number of values is one and the same statement."""
        if self.is_postgres:
            kind = sa.Text() if isinstance(column.type, sa.types.TypeDecorator) else sa.BigInteger()
            return column == sa.any_(sa.bindparam(None, list(values), type_=ARRAY(kind), unique=True))
        listed = sa.func.json_each(sa.literal(_json_list(values), sa.Text())).table_valued("value")
        return column.in_(sa.select(listed.c.value))

    def lock(self, statement: sa.Select[Any], *tables: sa.Table, skip: bool = False) -> Sequence[Row[Any]]:
        """Run a select that locks its rows (of these tables); SQLite has locked everything at BEGIN
        IMMEDIATE.
        """
        return self.rows(statement.with_for_update(of=tables or None, skip_locked=skip))

    def lock_names(self, names: Collection[str]) -> None:
        """Hold locks on things that may have no row yet, until the unit ends."""
        if self.is_postgres and names:
            keys = sorted(_lock_key(f"{self.pair_id}:{name}") for name in names)
            self.execute(_LOCK_NAMES, {"keys": keys})

    def lock_alone(self, name: str) -> None:
        """Hold such a lock, and go by the time at which it was got: later than all its former holders did."""
        if not self.is_postgres:
            return
        got: int = self.execute(_LOCK_ALONE, {"key": _lock_key(f"{self.pair_id}:{name}")}).scalar_one()
        self.now = self._clock() if self._clock else got

    def later(self, send: Callable[[], None]) -> None:
        """Register rows collected in memory: they are sent by `flush`."""
        self._unsent.append(send)

    def flush(self) -> None:
        """Send what was collected; called before the commit."""
        for send in self._unsent:
            send()


def _json_list(values: Collection[Any]) -> str:

    return dumps(list(values))


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
