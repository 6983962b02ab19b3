"""Places in the sources, and the roles (listener, poller) held by lease."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.values import Side
from integration.ports.rows import Cursor
from integration.stores import bulk
from integration.stores.tables_operation import cursors
from integration.stores.transaction import Transaction


class SqlCursors:
    """`CursorStore` of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def get(self, side: Side, name: str) -> Cursor | None:
        """The cursor, or None before its first use."""
        row = self._tx.execute(sa.select(cursors).where(*self._named(side, name))).one_or_none()
        return _cursor(row) if row is not None else None

    def all(self, side: Side) -> list[Cursor]:
        """All cursors of a side, by name."""
        statement = (
            sa.select(cursors)
            .where(self._tx.mine(cursors), cursors.c.side == side.value)
            .order_by(cursors.c.name)
        )
        return [_cursor(row) for row in self._tx.rows(statement)]

    def _named(self, side: Side, name: str) -> list[sa.ColumnElement[bool]]:
        return [self._tx.mine(cursors), cursors.c.side == side.value, cursors.c.name == name]

    def put(self, cursor: Cursor) -> None:
        """Insert or replace (position, watermark, numbers, run); leases are left alone."""
        told = {
            "position": cursor.position,
            "watermark": cursor.watermark,
            "generation": cursor.generation,
            "arrival": cursor.arrival,
            "run": dict(cursor.run),
        }
        self._make(cursor.side, cursor.name)
        self._tx.execute(sa.update(cursors).where(*self._named(cursor.side, cursor.name)).values(told))

    def _make(self, side: Side, name: str) -> None:
        if self._tx.execute(sa.select(cursors.c.id).where(*self._named(side, name))).first() is None:
            row = {"pair_id": self._tx.pair_id, "side": side.value, "name": name}
            bulk.insert_new(self._tx, cursors, [row], ("id",))

    def claim(self, side: Side, name: str, holder: str, lease_ms: int) -> int | None:
        """Take a role by lease: epoch, or None while another holds it."""
        self._make(side, name)
        claiming = (
            sa.update(cursors)
            .where(
                *self._named(side, name),
                sa.or_(cursors.c.lease_until <= self._tx.now, cursors.c.holder == holder),
            )
            .values(epoch=cursors.c.epoch + 1, holder=holder, lease_until=self._tx.now + lease_ms)
            .returning(cursors.c.epoch)
        )
        epoch: int | None = self._tx.execute(claiming).scalar()
        return epoch

    def hold(self, side: Side, name: str, epoch: int, lease_ms: int) -> bool:
        """Extend my lease; False when the epoch moved on. The row stays locked, so the unit's commit is
        fenced.
        """
        holding = sa.update(cursors).where(*self._named(side, name), cursors.c.epoch == epoch)
        return self._tx.execute(holding.values(lease_until=self._tx.now + lease_ms)).rowcount == 1

    def release(self, side: Side, name: str, epoch: int) -> None:
        """Give the role back."""
        releasing = sa.update(cursors).where(*self._named(side, name), cursors.c.epoch == epoch)
        self._tx.execute(releasing.values(lease_until=0, holder=""))


def _cursor(row: Row[Any]) -> Cursor:
    return Cursor(
        row.name,
        Side(row.side),
        row.position or b"",
        row.watermark,
        row.generation,
        row.arrival,
        row.run,
        row.epoch,
        row.lease_until,
    )
