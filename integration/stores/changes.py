"""Decisions on their way to the outbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from integration.ports.rows import PlannedChange
from integration.stores import bulk
from integration.stores.columns import equals
from integration.stores.lane_locks import LaneLocks
from integration.stores.tables_line import changes, lanes, outbox_writes
from integration.stores.transaction import Transaction


class SqlChanges:
    """`ChangeStore` of one unit of work."""

    def __init__(self, tx: Transaction, locks: LaneLocks) -> None:
        self._tx = tx
        self._locks = locks

    def replace(self, changes: Sequence[PlannedChange], lane_ids: Collection[int]) -> None:
        """Each lane's open change is replaced by the new one (or by none); waiting writes of those lanes are
        deleted.
        """
        lane_ids = {*lane_ids, *(change.lane_id for change in changes)}
        if not lane_ids:
            return
        self._forget_plans(lane_ids)
        ids = bulk.insert(self._tx, _TABLE, [self._row(change) for change in changes])
        for change, number in zip(changes, ids, strict=True):
            change.id = number

    def _forget_plans(self, lane_ids: Collection[int]) -> None:
        planned = self._tx.one_of(_TABLE.c.lane_id, lane_ids), equals(_TABLE.c.state, "planned")
        self._tx.execute(sa.delete(_TABLE).where(*planned))
        waiting = self._tx.one_of(outbox_writes.c.lane_id, lane_ids), equals(outbox_writes.c.state, "waiting")
        self._tx.execute(sa.delete(outbox_writes).where(*waiting))

    def _row(self, change: PlannedChange) -> dict[str, object]:
        return {
            "pair_id": self._tx.pair_id,
            "lane_id": change.lane_id,
            "steps": change.steps,
            "decisions": change.decisions,
            "mapping_version": change.mapping_version,
            "correlation_id": change.correlation_id,
            "created_at": self._tx.now,
        }

    def lock_planned(self, limit: int) -> list[PlannedChange]:
        """Planned changes, oldest first, of lanes this unit could lock."""
        held = self._locks.claim(
            sa.select(lanes.c.id)
            .join(_TABLE, _TABLE.c.lane_id == lanes.c.id)
            .where(self._tx.mine(_TABLE), equals(_TABLE.c.state, "planned"))
            .order_by(_TABLE.c.id)
            .limit(limit)
        )
        if not held:
            return []
        # Read under the locks: another worker may have finished one between looking and locking.
        statement = sa.select(_TABLE).where(
            self._tx.one_of(_TABLE.c.lane_id, held), equals(_TABLE.c.state, "planned")
        )
        return [
            PlannedChange(
                row.lane_id, row.steps, row.decisions, row.mapping_version, row.correlation_id, row.id
            )
            for row in self._tx.rows(statement.order_by(_TABLE.c.id))
        ]

    def validated(self, change_ids: Collection[int]) -> None:
        """They became outbox rows, or nothing."""
        if change_ids:
            ending = sa.update(_TABLE).where(self._tx.one_of(_TABLE.c.id, change_ids))
            self._tx.execute(ending.values(state="validated", ended_at=self._tx.now))


_TABLE = changes
