"""Lanes: finding, claiming, loading and saving them. A lane's row is locked before anything of the lane is
written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from integration.canonical.outcome import WorkClass
from integration.canonical.values import Side
from integration.policy.state import LaneState
from integration.ports.rows import BoundRecord, NewRecord
from integration.stores import lane_loading
from integration.stores.columns import equals
from integration.stores.lane_adding import add_records
from integration.stores.lane_joining import Joining
from integration.stores.lane_locks import LaneLocks
from integration.stores.lane_memory import LaneMemory
from integration.stores.lane_questions import LaneQuestions
from integration.stores.lane_saving import LaneSaving
from integration.stores.ranks import RANK, rank_at
from integration.stores.tables_line import bindings, lanes, outbox_writes, snapshots
from integration.stores.transaction import Transaction


class SqlLanes(LaneQuestions):
    """`LaneStore` of one unit of work."""

    def __init__(self, tx: Transaction, memory: LaneMemory, locks: LaneLocks) -> None:
        super().__init__(tx)
        self._memory = memory
        self._locks = locks

    def add_records(self, records: Sequence[NewRecord]) -> dict[tuple[str, str], BoundRecord]:
        """Give provisional bindings (and lanes) to records; one that exists already is returned as it is."""
        wanted = {(r.side, r.native_entity, r.record_id): r for r in records}
        found = self._known(wanted)
        missing = [wanted[key] for key in sorted(wanted) if key not in found]
        if missing:
            add_records(self._tx, self._memory, self._locks, missing)
            found = self._known(wanted)
        return {(entity, record_id): bound for (_, entity, record_id), bound in found.items()}

    def _known(self, wanted: Collection[tuple[Side, str, str]]) -> dict[tuple[Side, str, str], BoundRecord]:
        found: dict[tuple[Side, str, str], BoundRecord] = {}
        for side in Side:
            ids = {record_id for s, _, record_id in wanted if s is side}
            for (entity, record_id), bound in self.by_record(side, ids).items():
                if (side, entity, record_id) in wanted:
                    found[side, entity, record_id] = bound
        return found

    def wake(self, lane_ids: Collection[int], work: WorkClass, not_before: int = 0) -> None:
        """Mark lanes as having something to decide; a joined lane's winner is woken instead."""
        live = set(self._locks.settled(lane_ids).values())
        if not live:
            return
        rank = RANK[work]
        place = rank_at(self._tx.now, rank)
        self._tx.execute(
            sa.update(lanes)
            .where(self._tx.one_of(lanes.c.id, live))
            .values(
                work=sa.case((lanes.c.ready & (lanes.c.work < rank), lanes.c.work), else_=rank),
                not_before=sa.case(
                    (lanes.c.ready & (lanes.c.not_before < not_before), lanes.c.not_before), else_=not_before
                ),
                rank_at=sa.case((lanes.c.ready & (lanes.c.rank_at < place), lanes.c.rank_at), else_=place),
                ready=True,
            )
        )
        self._memory.woken |= live

    def urge(self, lane_id: int, work: WorkClass) -> None:
        """What waits of a lane, and its waiting writes, are as urgent as that from now on, unless they are
        more so; a lane somebody works on this moment is left alone.
        """
        if not self._locks.lock([lane_id], skip=True):
            return
        rank, place = RANK[work], rank_at(self._tx.now, RANK[work])
        mine: tuple[tuple[sa.Table, sa.ColumnElement[bool]], ...] = (
            (lanes, lanes.c.id == lane_id),
            (outbox_writes, (outbox_writes.c.lane_id == lane_id) & equals(outbox_writes.c.state, "waiting")),
        )
        for table, where in mine:
            urgent = sa.update(table).where(where, table.c.work > rank)
            sooner = sa.case((table.c.rank_at < place, table.c.rank_at), else_=place)
            self._tx.execute(urgent.values(work=rank, rank_at=sooner))

    def lock_ready(self, limit: int) -> list[int]:
        """Lock lanes that are ready, due, not leased and not dirty, most urgent first."""
        found = self._locks.claim(
            sa.select(lanes.c.id)
            .where(lanes.c.ready, ~lanes.c.dirty, *self._free())
            .order_by(lanes.c.rank_at, lanes.c.id)
            .limit(limit)
        )
        self._memory.taken |= set(found)
        return found

    def claim_reads(self, limit: int, lease_ms: int) -> list[int]:
        """Claim dirty lanes without a sending row for a full read: epoch + 1, leased."""
        candidates = self._locks.claim(
            sa.select(lanes.c.id)
            .where(lanes.c.dirty, *self._free(), ~_has_sending())
            .order_by(lanes.c.rank_at, lanes.c.id)
            .limit(limit)
        )
        if not candidates:
            return []
        # Asked again under the locks: a row may have begun to be sent between looking and locking.
        still = sa.select(lanes.c.id).where(
            self._tx.one_of(lanes.c.id, candidates), lanes.c.dirty, *self._free(), ~_has_sending()
        )
        claimed = {row.id for row in self._tx.rows(still)}
        if claimed:
            leasing = sa.update(lanes).where(self._tx.one_of(lanes.c.id, claimed))
            self._tx.execute(leasing.values(epoch=lanes.c.epoch + 1, lease_until=self._tx.now + lease_ms))
        return [lane_id for lane_id in candidates if lane_id in claimed]

    def _free(self) -> list[sa.ColumnElement[bool]]:
        now = self._tx.now
        return [
            self._tx.mine(lanes),
            lanes.c.joined_into.is_(None),
            lanes.c.not_before <= now,
            lanes.c.lease_until <= now,
        ]

    def lock(self, lane_ids: Collection[int], *, wait: bool = True) -> list[int]:
        """Lock these lanes in id order; joined ones, and with wait=False those another unit holds, are left
        out.
        """
        return self._locks.lock(lane_ids, skip=not wait)

    def load(self, lane_ids: Collection[int]) -> dict[int, LaneState]:
        """Lanes with members, snapshots, open intents, overrides, waiting and sending writes."""
        return lane_loading.load(self._tx, self._memory, lane_ids)

    def save(self, lanes: Sequence[LaneState], *, ready: Collection[int] = ()) -> None:
        """Store what changed since `load`. Raises ClaimLost when a wanted record id belongs to another
        binding.
        """
        if lanes:
            LaneSaving(self._tx, self._memory, ready).save(lanes)

    def postpone(self, lane_ids: Collection[int], not_before: int) -> None:
        """Ready again at that time; the lease is given back, one more attempt is counted."""
        live = self._locks.settled(lane_ids).values()
        rows = self._tx.rows(
            sa.select(lanes.c.id, lanes.c.attempts).where(self._tx.one_of(lanes.c.id, set(live)))
        )
        for row in rows:
            # `save` may have set it back to 0 a moment ago, in this unit.
            attempts = max(row.attempts, self._memory.attempts.get(row.id, 0)) + 1
            self._memory.attempts[row.id] = attempts
            self._memory.woken.add(row.id)
            self._tx.execute(
                sa.update(lanes)
                .where(lanes.c.id == row.id)
                .values(ready=True, not_before=not_before, lease_until=0, attempts=attempts)
            )

    def join(self, winner: int, loser: int) -> None:
        """Move everything of `loser` to `winner`; the loser forwards. Load the winner again afterwards."""
        Joining(self._tx, self._memory).join(winner, loser)

    def merge_bindings(self, keep: int, drop: int) -> None:
        """Two provisional bindings are one record pair. Load the lane again afterwards."""
        Joining(self._tx, self._memory).merge_bindings(keep, drop)

    def move_record(self, binding_id: int, lane_id: int | None, entity: str) -> int:
        """Move a binding with its Salesforce record only to a lane (None: a new one); returns the lane it is
        in now.
        """
        return Joining(self._tx, self._memory).move_record(binding_id, lane_id, entity)

    def give(self, binding_ids: Collection[int], lane_id: int) -> None:
        """Move bindings whole, with their records on both sides and their open events, to another lane."""
        Joining(self._tx, self._memory).give(binding_ids, lane_id)

    def drop_binding(self, binding_id: int) -> None:
        """Forget a provisional binding with its snapshots and keys; its events stay in the lane."""
        Joining(self._tx, self._memory).drop_binding(binding_id)

    def dirty(self, binding_ids: Collection[int], side: Side) -> None:
        """Ask for a full read of these records; the lanes are locked first, and not to be saved from an
        older load.
        """
        owners = sa.select(bindings.c.id, bindings.c.lane_id).where(
            self._tx.mine(bindings), self._tx.one_of(bindings.c.id, binding_ids)
        )
        self._locks.settled({row.lane_id for row in self._tx.rows(owners)})
        # Read again under the locks: a join may have moved them.
        lane_ids = {row.lane_id for row in self._tx.rows(owners)}
        if not lane_ids:
            return
        self._tx.execute(
            sa.update(snapshots)
            .where(self._tx.one_of(snapshots.c.binding_id, binding_ids), snapshots.c.side == side.value)
            .values(dirty=snapshots.c.dirty + 1)
        )
        self._tx.execute(
            sa.update(lanes)
            .where(self._tx.one_of(lanes.c.id, lane_ids), ~lanes.c.dirty)
            .values(dirty=True, not_before=0, rank_at=rank_at(self._tx.now, RANK[WorkClass.EVENT]))
        )
        for binding_id in binding_ids:
            if (binding_id, side) in self._memory.snapshots:  # a state in memory does not know of this mark
                self._memory.marked[binding_id, side] = self._memory.marked.get((binding_id, side), 0) + 1


def _has_sending() -> sa.ColumnElement[bool]:
    sending = sa.select(outbox_writes.c.id).where(
        outbox_writes.c.lane_id == lanes.c.id, equals(outbox_writes.c.state, "sending")
    )
    return sending.correlate(lanes).exists()
