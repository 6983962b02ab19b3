"""Row locks on lanes, in id order, and where joined lanes lead."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from integration.stores.lane_memory import LaneMemory
from integration.stores.tables_line import lanes
from integration.stores.transaction import Transaction


class LaneLocks:
    """The lanes one unit of work holds."""

    def __init__(self, tx: Transaction, memory: LaneMemory) -> None:
        self._tx = tx
        self._memory = memory

    def claim(self, statement: sa.Select[Any]) -> list[int]:
        """Lock the lanes a select of ids finds, without waiting for those another unit holds."""
        found = [row.id for row in self._tx.lock(statement, lanes, skip=True)]
        self._memory.locked |= set(found)
        return found

    def lock(self, lane_ids: Collection[int], *, skip: bool) -> list[int]:
        """Lock these lanes in id order, without joined ones, and with `skip` those another unit holds."""
        if not lane_ids:
            return []
        statement = (
            sa.select(lanes.c.id)
            .where(
                self._tx.mine(lanes),
                self._tx.one_of(lanes.c.id, set(lane_ids)),
                lanes.c.joined_into.is_(None),
            )
            .order_by(lanes.c.id)
        )
        found = [row.id for row in self._tx.lock(statement, lanes, skip=skip)]
        self._memory.locked |= set(found)
        return found

    def settled(self, lane_ids: Collection[int]) -> dict[int, int]:
        """Lock these lanes, or the ones they were joined into: asked id → locked, living id."""
        leads = {lane_id: lane_id for lane_id in lane_ids}
        while unknown := set(leads.values()) - self._memory.locked:
            statement = (
                sa.select(lanes.c.id, lanes.c.joined_into)
                .where(self._tx.mine(lanes), self._tx.one_of(lanes.c.id, unknown))
                .order_by(lanes.c.id)
            )
            forward = {row.id: row.joined_into or row.id for row in self._tx.lock(statement, lanes)}
            self._memory.locked |= {lane_id for lane_id, target in forward.items() if lane_id == target}
            leads = {
                asked: forward.get(lead, lead)
                for asked, lead in leads.items()
                if lead in forward or lead not in unknown
            }
        return leads
