"""The outbox: `waiting → sending → done | dead`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.outcome import WorkClass, WriteState
from integration.canonical.values import Side
from integration.policy.state import Write
from integration.ports.rows import RecentHarm, WriteEnd
from integration.stores import bulk
from integration.stores.columns import equals
from integration.stores.depths import is_claimable, is_expired
from integration.stores.lane_counts import LaneCounts
from integration.stores.lane_locks import LaneLocks
from integration.stores.lane_rows import RowValues, write_of, write_row
from integration.stores.ranks import RANK, rank_at
from integration.stores.sent_window import SentWindows, counted
from integration.stores.tables_line import lanes, outbox_writes, write_attempts
from integration.stores.transaction import Transaction

_ROW = outbox_writes.c
REPLACED = "replaced"
"""Code of a row that ended because a newer waiting row carries what it did not send."""


class SqlOutbox:
    """`OutboxStore` of one unit of work."""

    def __init__(self, tx: Transaction, locks: LaneLocks, counts: LaneCounts, sent: SentWindows) -> None:
        self._tx = tx
        self._locks = locks
        self._counts = counts
        self._sent = sent

    def put(self, lane_id: int, write: Write, work: WorkClass) -> int:
        """Insert a waiting row (replacing the lane's waiting row for that side); returns its id."""
        return self.put_all([(lane_id, write, work)])[0]

    def put_all(self, rows: Sequence[tuple[int, Write, WorkClass]]) -> list[int]:
        """`put` for many rows (lane id, write, class) in one statement; ids in their order."""
        stored = bulk.upsert(
            self._tx,
            outbox_writes,
            [self._new_row(*row) for row in rows],
            ("lane_id", "side"),
            where="state = 'waiting'",
            keep=("rank_at", "created_at"),
            returning=("id", "lane_id", "side"),
        )
        ids = {(row.lane_id, row.side): row.id for row in stored}
        return [ids[lane_id, write.side.value] for lane_id, write, _ in rows]

    def _new_row(self, lane_id: int, write: Write, work: WorkClass) -> RowValues:
        return {
            **write_row(write),
            "pair_id": self._tx.pair_id,
            "lane_id": lane_id,
            "work": RANK[work],
            "rank_at": rank_at(self._tx.now, RANK[work]),
            "created_at": self._tx.now,
            "state": WriteState.WAITING.value,
            "epoch": 0,
            "unknown": False,
        }

    def claim_alone(self, side: Side) -> None:
        """One claim of a side at a time until this unit ends: the brake counts what others are about to
        send.

        First in its unit, before any lane is locked; what it reads afterwards others have committed, and
        what it sends is sent later than theirs.
        """
        self._tx.lock_alone(f"claim:{side.value}")

    def claimable(self, side: Side, limit: int) -> dict[int, Write]:
        """Most urgent due waiting rows by lane id, their lanes locked, none of a lane that is dirty, read or
        sending.
        """
        return self._claim(is_claimable(self._tx, side), sa.asc(_ROW.rank_at), limit)

    def expired(self, side: Side, limit: int) -> dict[int, Write]:
        """Sending rows whose lease and settle time ran out, or that are unknown and settled; lanes locked."""
        return self._claim(is_expired(self._tx, side), sa.asc(_ROW.not_before), limit)

    def _claim(
        self, conditions: Sequence[sa.ColumnElement[bool]], order: sa.ColumnElement[Any], limit: int
    ) -> dict[int, Write]:
        joined = lanes.join(outbox_writes, _ROW.lane_id == lanes.c.id)
        held = self._locks.claim(
            sa.select(lanes.c.id).select_from(joined).where(*conditions).order_by(order, _ROW.id).limit(limit)
        )
        if not held:
            return {}
        # Asked again under the locks: another worker may have claimed a row between looking and locking.
        still = (
            sa.select(outbox_writes)
            .select_from(joined)
            .where(self._tx.one_of(_ROW.lane_id, held), *conditions)
        )
        return {row.lane_id: write_of(row) for row in self._tx.rows(still.order_by(order, _ROW.id))}

    def sending(self, write_ids: Collection[int], lease_ms: int) -> dict[int, int]:
        """Mark rows as sending under a new lease; returns write id → epoch."""
        if not write_ids:
            return {}
        claiming = (
            sa.update(outbox_writes)
            .where(self._tx.one_of(_ROW.id, write_ids))
            .values(
                state=WriteState.SENDING.value,
                epoch=_ROW.epoch + 1,
                lease_until=self._tx.now + lease_ms,
                unknown=False,
                attempts=_ROW.attempts + 1,
                sent_at=self._tx.now,
            )
            .returning(_ROW.id, _ROW.epoch)
        )
        return {row.id: row.epoch for row in self._tx.rows(claiming)}

    def mine(self, epochs: Mapping[int, int]) -> dict[int, Write]:
        """Lock the lanes of these rows and return, by lane id, those still claimed under that epoch."""
        rows: Sequence[Row[Any]] = self._sending_rows(epochs)
        held: set[int] = set()
        while unheld := {row.lane_id for row in rows} - held:
            held |= set(self._locks.lock(unheld, skip=False)) | unheld
            # Read again under the locks: the claim may have been lost, or the lane joined into another.
            rows = self._sending_rows(epochs)
        return {row.lane_id: write_of(row) for row in rows}

    def _sending_rows(self, epochs: Mapping[int, int]) -> list[Row[Any]]:
        statement = sa.select(outbox_writes).where(
            self._tx.one_of(_ROW.id, epochs), equals(_ROW.state, "sending")
        )
        return [row for row in self._tx.rows(statement.order_by(_ROW.id)) if row.epoch == epochs[row.id]]

    def still_mine(self, epochs: Mapping[int, int]) -> set[int]:
        """Rows whose claim still stands and whose lease has not run out, asked just before sending (no
        lock).
        """
        return {row.id for row in self._sending_rows(epochs) if row.lease_until > self._tx.now}

    def end(self, ends: Sequence[WriteEnd]) -> None:
        """Store ends; each adds a write_attempts row.

        A row that goes back to waiting while a newer one waits for the same lane and side ends as replaced:
        the newer one carries all that is unsent, and takes over the time to wait for and the attempts made.
        """
        if not ends:
            return
        self._uncount([end.write_id for end in ends if not end.counts])
        newer = self._newer_waiting([end.write_id for end in ends if end.state == WriteState.WAITING.value])
        self._end_as(ends, newer)
        self._hand_over(ends, newer)
        self._add_attempts(ends)

    def _uncount(self, write_ids: Collection[int]) -> None:
        if write_ids:
            row = sa.update(outbox_writes).where(self._tx.one_of(_ROW.id, write_ids))
            self._tx.execute(row.values(attempts=_ROW.attempts - 1))

    def _newer_waiting(self, write_ids: Collection[int]) -> dict[int, tuple[int, int]]:
        """Row to end → (its newer waiting sibling, attempts made)."""
        if not write_ids:
            return {}
        newer = outbox_writes.alias("newer")
        statement = sa.select(_ROW.id, _ROW.attempts, newer.c.id.label("newer_id")).where(
            self._tx.one_of(_ROW.id, write_ids),
            newer.c.lane_id == _ROW.lane_id,
            newer.c.side == _ROW.side,
            newer.c.id != _ROW.id,
            equals(newer.c.state, "waiting"),
        )
        return {row.id: (row.newer_id, row.attempts) for row in self._tx.rows(statement)}

    def _end_as(self, ends: Sequence[WriteEnd], newer: Mapping[int, object]) -> None:
        finished: list[RowValues] = []
        named: list[RowValues] = []
        open_rows: list[RowValues] = []
        for end in ends:
            if end.write_id in newer:
                done = {"state": WriteState.DONE.value, "code": REPLACED}
                finished.append({"id": end.write_id, **done, "ended_at": self._tx.now, "unknown": False})
            elif end.state in (WriteState.DONE.value, WriteState.DEAD.value):
                told = {"state": end.state, "code": end.code, "ended_at": self._tx.now, "unknown": False}
                if end.record_id:
                    named.append({"id": end.write_id, **told, "record_id": end.record_id})
                else:
                    finished.append({"id": end.write_id, **told})
            else:
                unknown = end.state == "unknown"
                state = (WriteState.SENDING if unknown else WriteState.WAITING).value
                open_rows.append(
                    {
                        "id": end.write_id,
                        "state": state,
                        "code": end.code,
                        "not_before": end.not_before,
                        "unknown": unknown,
                        "lease_until": 0,
                    }
                )
        for rows in (finished, named, open_rows):
            bulk.update(self._tx, outbox_writes, rows)

    def _hand_over(self, ends: Sequence[WriteEnd], newer: Mapping[int, tuple[int, int]]) -> None:
        for end in ends:
            if end.write_id in newer:
                sibling, attempts = newer[end.write_id]
                later = sa.case((_ROW.not_before < end.not_before, end.not_before), else_=_ROW.not_before)
                more = sa.case((_ROW.attempts < attempts, attempts), else_=_ROW.attempts)
                self._tx.execute(
                    sa.update(outbox_writes).where(_ROW.id == sibling).values(not_before=later, attempts=more)
                )

    def _add_attempts(self, ends: Sequence[WriteEnd]) -> None:
        epochs = sa.select(_ROW.id, _ROW.epoch).where(
            self._tx.one_of(_ROW.id, [end.write_id for end in ends])
        )
        epoch_of = {row.id: row.epoch for row in self._tx.rows(epochs)}
        bulk.add(
            self._tx,
            write_attempts,
            [
                {
                    "pair_id": self._tx.pair_id,
                    "write_id": end.write_id,
                    "epoch": epoch_of.get(end.write_id, 0),
                    "state": end.state,
                    "code": end.code,
                    "at": self._tx.now,
                }
                for end in ends
            ],
        )

    def recent_harm(self, side: Side, since: int, rows: Mapping[int, Write]) -> RecentHarm:
        """What was sent to a side since then, and what these rows, by lane, would add."""
        window = self._sent.of(self._tx, side, since)
        harm = sum(harm for _, harm in window.harm.values())
        adding = counted(self._tx, rows, since) - window.lanes.keys()
        return RecentHarm(harm, len(window.lanes), self._counts.lanes(self._tx), frozenset(adding))
