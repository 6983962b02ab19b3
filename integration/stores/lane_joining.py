"""Records that change lanes: joining two lanes, merging two bindings, moving or dropping one.

The caller holds the locks of the lanes. Rows are taken away before others get what they held, so that the
unique constraints hold after every statement.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.sql.util import ClauseAdapter

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.stores import bulk
from integration.stores.columns import among, equals
from integration.stores.lane_memory import LaneMemory
from integration.stores.lane_saving import recount_dirty
from integration.stores.ranks import RANK, rank_at
from integration.stores.tables_line import (
    bindings,
    changes,
    inbox_events,
    intents,
    lanes,
    match_keys,
    outbox_writes,
    snapshots,
)
from integration.stores.tables_people import dead_letters, exceptions, overrides, waits
from integration.stores.transaction import Transaction

_ROW_IDS = {Side.SALESFORCE: ("salesforce_entity", "salesforce_id"), Side.ZOHO: ("zoho_entity", "zoho_id")}


class Joining:
    """Statements that move rows between lanes and bindings of one unit of work."""

    def __init__(self, tx: Transaction, memory: LaneMemory) -> None:
        self._tx = tx
        self._memory = memory

    def join(self, winner: int, loser: int) -> None:
        """Everything of `loser` goes to `winner`, which has to decide anew. Raises ClaimLost when both are
        sending.
        """
        self._tx.flush()
        self._drop_plans(loser)
        self._move_writes(winner, loser)
        for table in (bindings, inbox_events, waits, dead_letters, exceptions, changes):
            self._tx.execute(sa.update(table).where(table.c.lane_id == loser).values(lane_id=winner))
        # Lanes joined into the loser earlier lead straight to the winner, so that one look is enough.
        self._tx.execute(sa.update(lanes).where(lanes.c.joined_into == loser).values(joined_into=winner))
        lost = {"joined_into": winner, "ready": False, "dirty": False, "lease_until": 0}
        self._tx.execute(sa.update(lanes).where(lanes.c.id == loser).values(lost))
        self._wake(winner)
        self._memory.locked.discard(loser)

    def _drop_plans(self, lane_id: int) -> None:
        """What was planned for a lane alone is decided anew together."""
        self._tx.execute(
            sa.delete(changes).where(changes.c.lane_id == lane_id, equals(changes.c.state, "planned"))
        )
        waiting = sa.delete(outbox_writes).where(
            outbox_writes.c.lane_id == lane_id, equals(outbox_writes.c.state, "waiting")
        )
        self._tx.execute(waiting)

    def _move_writes(self, winner: int, loser: int) -> None:
        sending = self._tx.rows(
            sa.select(outbox_writes.c.lane_id).where(
                self._tx.one_of(outbox_writes.c.lane_id, [winner, loser]),
                equals(outbox_writes.c.state, "sending"),
            )
        )
        if len(sending) > 1:
            raise ClaimLost(
                "lanes.both_sending", "both lanes have a call under way; they are joined after it"
            )
        self._tx.execute(
            sa.update(outbox_writes).where(outbox_writes.c.lane_id == loser).values(lane_id=winner)
        )

    def _wake(self, lane_id: int) -> None:
        self._tx.execute(
            sa.update(lanes)
            .where(lanes.c.id == lane_id)
            .values(ready=True, not_before=0, rank_at=rank_at(self._tx.now, RANK[WorkClass.EVENT]))
        )
        recount_dirty(self._tx, [lane_id])
        self._memory.woken.add(lane_id)
        self._memory.changed.add(lane_id)

    def merge_bindings(self, keep: int, drop: int) -> None:
        """The dropped binding's record ids and snapshots go to the kept one. Raises ClaimLost when they
        share a side.
        """
        self._tx.flush()
        rows = {
            row.id: row
            for row in self._tx.rows(sa.select(bindings).where(self._tx.one_of(bindings.c.id, [keep, drop])))
        }
        if len(rows) != 2:
            raise ClaimLost("bindings.gone", "one of the bindings is not there any more")
        taken = self._sides_to_take(rows[keep], rows[drop])
        self._tx.execute(sa.delete(bindings).where(bindings.c.id == drop))
        self._take_sides(keep, drop, rows[drop], taken)
        self._follow(keep, drop, [rows[keep].lane_id, rows[drop].lane_id])
        self._memory.forget(keep)
        self._memory.forget(drop)
        self._memory.intents.pop(drop, None)
        self._memory.changed |= {rows[keep].lane_id, rows[drop].lane_id}

    def _sides_to_take(self, keep: Row[Any], drop: Row[Any]) -> list[Side]:
        taken = [side for side, (_, record_id) in _ROW_IDS.items() if getattr(drop, record_id) is not None]
        if any(getattr(keep, _ROW_IDS[side][1]) is not None for side in taken):
            raise ClaimLost(
                "bindings.share_side", "both bindings have a record on the same side; they cannot be one"
            )
        return taken

    def _take_sides(self, keep: int, drop: int, dropped: Row[Any], taken: list[Side]) -> None:
        ids = {name: getattr(dropped, name) for side in taken for name in _ROW_IDS[side]}
        if ids:
            self._tx.execute(sa.update(bindings).where(bindings.c.id == keep).values(ids))
        sides = [side.value for side in taken]
        for table in (snapshots, match_keys):
            self._tx.execute(sa.delete(table).where(table.c.binding_id == keep, table.c.side.in_(sides)))
            self._tx.execute(
                sa.update(table)
                .where(table.c.binding_id == drop, table.c.side.in_(sides))
                .values(binding_id=keep)
            )
            self._tx.execute(sa.delete(table).where(table.c.binding_id == drop))

    def _follow(self, keep: int, drop: int, lane_ids: list[int]) -> None:
        """Everything that names the dropped binding names the kept one; of two open ones of a kind the kept
        one's stands.
        """
        self._close_intents(drop)
        self._tx.execute(sa.update(bindings).where(bindings.c.alias_of == drop).values(alias_of=keep))
        self._end_doubled(
            waits,
            keep,
            drop,
            ("side", "record_id"),
            equals(waits.c.state, "open"),
            {"state": "released", "ended_at": self._tx.now},
        )
        self._end_doubled(
            dead_letters,
            keep,
            drop,
            ("digest",),
            equals(dead_letters.c.state, "open"),
            {"state": "superseded", "closed_at": self._tx.now},
        )
        self._end_doubled(
            exceptions,
            keep,
            drop,
            ("kind", "digest"),
            equals(exceptions.c.state, "open"),
            {"state": "superseded", "closed_at": self._tx.now},
        )
        self._end_doubled(
            overrides, keep, drop, ("field",), overrides.c.ended_at.is_(None), {"ended_at": self._tx.now}
        )
        for table in (waits, dead_letters, exceptions, overrides, intents):
            self._tx.execute(sa.update(table).where(table.c.binding_id == drop).values(binding_id=keep))
        for table in (inbox_events, outbox_writes):
            of_lanes = self._tx.one_of(table.c.lane_id, lane_ids)
            self._tx.execute(
                sa.update(table).where(of_lanes, table.c.binding_id == drop).values(binding_id=keep)
            )

    def _end_doubled(
        self,
        table: sa.Table,
        keep: int,
        drop: int,
        same: tuple[str, ...],
        is_open: sa.ColumnElement[bool],
        end: dict[str, Any],
    ) -> None:
        kept = table.alias("kept")
        standing = sa.select(*(kept.c[name] for name in same)).where(
            kept.c.binding_id == keep, _on(is_open, kept)
        )
        mine = sa.tuple_(*(table.c[name] for name in same)) if len(same) > 1 else table.c[same[0]]
        self._tx.execute(
            sa.update(table).where(table.c.binding_id == drop, is_open, mine.in_(standing)).values(end)
        )

    def _close_intents(self, binding_id: int) -> None:
        closing = sa.update(intents).where(
            intents.c.binding_id == binding_id, equals(intents.c.state, "open")
        )
        self._tx.execute(closing.values(state="closed", closed_at=self._tx.now))

    def move_record(self, binding_id: int, lane_id: int | None, entity: str) -> int:
        """A binding goes with its Salesforce record only to a lane (None: a new one), provisional again."""
        self._tx.flush()
        row = self._tx.execute(sa.select(bindings).where(bindings.c.id == binding_id)).one_or_none()
        if row is None:
            raise ClaimLost("bindings.gone", "the binding is not there any more")
        target = lane_id if lane_id is not None else self._new_lane(entity)
        self._let_zoho_go(binding_id, target, entity)
        self._move_events(row, target)
        for table in (waits, dead_letters, exceptions):
            self._tx.execute(sa.update(table).where(table.c.binding_id == binding_id).values(lane_id=target))
        self._close_intents(binding_id)
        self._memory.forget(binding_id)
        self._memory.intents.pop(binding_id, None)
        self._memory.changed |= {row.lane_id, target}
        recount_dirty(self._tx, [target])
        return target

    def give(self, binding_ids: Collection[int], lane_id: int) -> None:
        """Bindings go whole to a lane, with what is told of their records and was not ended."""
        self._tx.flush()
        rows = self._tx.rows(sa.select(bindings).where(self._tx.one_of(bindings.c.id, binding_ids)))
        for row in rows:
            self._tx.execute(sa.update(bindings).where(bindings.c.id == row.id).values(lane_id=lane_id))
            self._move_events(row, lane_id)
            for table in (waits, dead_letters, exceptions):
                self._tx.execute(sa.update(table).where(table.c.binding_id == row.id).values(lane_id=lane_id))
            self._memory.forget(row.id)
        lane_ids = {row.lane_id for row in rows} | {lane_id}
        self._memory.changed |= lane_ids
        recount_dirty(self._tx, lane_ids)

    def _new_lane(self, aggregate: str) -> int:
        place = rank_at(self._tx.now, RANK[WorkClass.EVENT])
        row = {
            "pair_id": self._tx.pair_id,
            "aggregate": aggregate,
            "created_at": self._tx.now,
            "rank_at": place,
        }
        [lane_id] = bulk.insert(self._tx, lanes, [row])
        self._memory.locked.add(lane_id)
        return lane_id

    def _let_zoho_go(self, binding_id: int, lane_id: int, entity: str) -> None:
        self._tx.execute(
            sa.update(bindings)
            .where(bindings.c.id == binding_id)
            .values(
                lane_id=lane_id,
                entity=entity,
                state=BindingState.PROVISIONAL.value,
                zoho_entity="",
                zoho_id=None,
                base={},
                joined=False,
            )
        )
        for table in (snapshots, match_keys):
            self._tx.execute(
                sa.delete(table).where(table.c.binding_id == binding_id, table.c.side == Side.ZOHO.value)
            )

    def _move_events(self, row: Row[Any], target: int) -> None:
        of_record = sa.and_(
            inbox_events.c.side == Side.SALESFORCE.value,
            inbox_events.c.entity == row.salesforce_entity,
            inbox_events.c.record_id == row.salesforce_id,
        )
        self._tx.execute(
            sa.update(inbox_events)
            .where(
                inbox_events.c.lane_id == row.lane_id,
                among(inbox_events.c.state, "queued", "waiting"),
                sa.or_(inbox_events.c.binding_id == row.id, of_record),
            )
            .values(lane_id=target)
        )

    def drop_binding(self, binding_id: int) -> None:
        """Forget a provisional binding; its events stay in the lane without it."""
        self._tx.flush()
        lane_id = self._tx.execute(
            sa.select(bindings.c.lane_id).where(bindings.c.id == binding_id)
        ).scalar_one_or_none()
        self._tx.execute(sa.delete(bindings).where(bindings.c.id == binding_id))
        for table in (snapshots, match_keys):
            self._tx.execute(sa.delete(table).where(table.c.binding_id == binding_id))
        self._close_intents(binding_id)
        ending = sa.update(waits).where(waits.c.binding_id == binding_id, equals(waits.c.state, "open"))
        self._tx.execute(ending.values(state="released", ended_at=self._tx.now))
        self._memory.forget(binding_id)
        self._memory.intents.pop(binding_id, None)
        if lane_id is not None:
            events = sa.update(inbox_events).where(
                inbox_events.c.lane_id == lane_id, inbox_events.c.binding_id == binding_id
            )
            self._tx.execute(events.values(binding_id=None))
            self._memory.changed.add(lane_id)
            recount_dirty(self._tx, [lane_id])


def _on(condition: sa.ColumnElement[bool], alias: sa.FromClause) -> sa.ColumnElement[bool]:
    """The condition asked of an alias of the table."""
    return ClauseAdapter(alias).traverse(condition)
