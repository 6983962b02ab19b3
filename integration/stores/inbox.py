"""The inbox: what arrived, and how each event ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.outcome import EventState, Outcome
from integration.canonical.values import Side
from integration.ports.rows import EventEnd, StoredEvent
from integration.stores import bulk
from integration.stores.accepting import add_events
from integration.stores.columns import among, equals
from integration.stores.lane_locks import LaneLocks
from integration.stores.lane_rows import RowValues
from integration.stores.tables_line import changes, inbox_events, outbox_writes
from integration.stores.tables_people import waits
from integration.stores.transaction import Transaction

_ROW = inbox_events.c


class SqlInbox:
    """`InboxStore` of one unit of work. Ends are collected and sent together; every method here sees them."""

    def __init__(self, tx: Transaction, locks: LaneLocks) -> None:
        self._tx = tx
        self._locks = locks
        self._ends: dict[int, RowValues] = {}
        tx.later(self._send_ends)

    def add(self, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]) -> tuple[list[int], int]:
        """Insert; returns the ids of new rows in order and how many were repeats (their `seen` is counted
        up).
        """
        return add_events(self._tx, events, correlation_ids)

    def received(self, limit: int) -> list[StoredEvent]:
        """Oldest unrouted events, locked against other routers."""
        statement = (
            sa.select(inbox_events)
            .where(self._tx.mine(inbox_events), equals(_ROW.state, "received"))
            .order_by(_ROW.id)
            .limit(limit)
        )
        return [stored_event(row) for row in self._tx.lock(statement, inbox_events, skip=True)]

    def assign(self, lanes: Mapping[int, int]) -> None:
        """Give events (id → lane id) to lanes, or to those they were joined into: state `queued`."""
        if not lanes:
            return
        leads = self._locks.settled(set(lanes.values()))
        self._send_ends()
        bulk.update(
            self._tx,
            inbox_events,
            [
                {"id": event_id, "lane_id": leads[lane_id], "state": EventState.QUEUED.value}
                for event_id, lane_id in lanes.items()
            ],
        )

    def queued(self, lane_ids: Collection[int]) -> dict[int, list[StoredEvent]]:
        """Events waiting to be folded, per lane, in order of id."""
        self._send_ends()
        found: dict[int, list[StoredEvent]] = {}
        statement = (
            sa.select(inbox_events)
            .where(self._tx.one_of(_ROW.lane_id, lane_ids), equals(_ROW.state, "queued"))
            .order_by(_ROW.id)
        )
        for row in self._tx.rows(statement):
            found.setdefault(row.lane_id, []).append(stored_event(row))
        return found

    def finish(self, ends: Sequence[EventEnd]) -> None:
        """Store how events ended, or that they wait for the lane's writes (state `waiting`)."""
        for end in ends:
            hint = end.detail.get("hint", "")
            self._ends[end.event_id] = {
                "id": end.event_id,
                "state": (EventState.ENDED if end.outcome else EventState.WAITING).value,
                "outcome": end.outcome.value if end.outcome else None,
                "reason": end.reason,
                "detail": dict(end.detail),
                "hint": hint if isinstance(hint, str) else "",
                "folded_into": end.folded_into,
                "binding_id": end.binding_id if end.binding_id and end.binding_id > 0 else None,
                "ended_at": self._tx.now if end.outcome else None,
            }

    def _send_ends(self) -> None:
        ends, self._ends = self._ends, {}
        bulk.update(self._tx, inbox_events, list(ends.values()))

    def touch(self, lane_id: int, binding_ids: Collection[int] | None, write_id: int) -> None:
        """A write was done: waiting events of these bindings (None: of the lane) belong to it."""
        self.touch_all([(lane_id, binding_ids, write_id)])

    def touch_all(self, touches: Sequence[tuple[int, Collection[int] | None, int]]) -> None:
        """`touch` for many writes (lane id, binding ids, write id), no lane twice."""
        self._send_ends()
        waiting = "inbox_events.state = 'waiting'"
        of_lane = [{"lane_id": lane, "write_id": write} for lane, ids, write in touches if ids is None]
        of_binding = [
            {"lane_id": lane, "binding_id": binding, "write_id": write}
            for lane, ids, write in touches
            for binding in ids or ()
        ]
        bulk.update(self._tx, inbox_events, of_lane, ("lane_id",), where=waiting)
        bulk.update(self._tx, inbox_events, of_binding, ("lane_id", "binding_id"), where=waiting)

    def _waiting(self, lane_ids: Collection[int]) -> sa.ColumnElement[bool]:
        return sa.and_(self._tx.one_of(_ROW.lane_id, lane_ids), equals(_ROW.state, "waiting"))

    def conclude(self, lane_ids: Collection[int]) -> int:
        """End the waiting events of those lanes that have no planned change, no write under way and no open
        wait.

        Outcome: the hint when there is one, else written when a write touched them, else unchanged.
        """
        if not lane_ids:
            return 0
        self._send_ends()
        outcome = sa.case(
            (_ROW.hint != "", _ROW.hint),
            (_ROW.write_id.is_not(None), Outcome.WRITTEN.value),
            else_=Outcome.UNCHANGED.value,
        )
        reason = sa.case(
            (_ROW.reason != "", _ROW.reason),
            *((outcome == of.value, why) for of, why in CONCLUSIONS.items()),
            else_="",
        )
        result = self._tx.execute(
            sa.update(inbox_events)
            .where(self._waiting(lane_ids), *_nothing_left())
            .values(state=EventState.ENDED.value, outcome=outcome, reason=reason, ended_at=self._tx.now)
        )
        return result.rowcount

    def end_waiting(
        self, lane_id: int, binding_ids: Collection[int] | None, outcome: Outcome, reason: str
    ) -> int:
        """End the waiting events of a lane (of those bindings) with one outcome; returns how many."""
        self._send_ends()
        statement = sa.update(inbox_events).where(self._waiting([lane_id]))
        if binding_ids is not None:
            statement = statement.where(self._tx.one_of(_ROW.binding_id, binding_ids))
        result = self._tx.execute(
            statement.values(
                state=EventState.ENDED.value, outcome=outcome.value, reason=reason, ended_at=self._tx.now
            )
        )
        return result.rowcount

    def causes(self, lane_ids: Collection[int]) -> dict[int, str]:
        """Correlation id of the newest event of each lane that waits for the lane's writes."""
        self._send_ends()
        newest = sa.select(sa.func.max(_ROW.id)).where(self._waiting(lane_ids)).group_by(_ROW.lane_id)
        statement = sa.select(_ROW.lane_id, _ROW.correlation_id).where(_ROW.id.in_(newest))
        return {row.lane_id: row.correlation_id for row in self._tx.rows(statement)}

    def move(self, from_lane: int, to_lane: int) -> None:
        """A lane was joined into another."""
        self._send_ends()
        self._tx.execute(sa.update(inbox_events).where(_ROW.lane_id == from_lane).values(lane_id=to_lane))

    def outcomes(self) -> dict[str, int]:
        """Events per outcome; not ended ones under their state."""
        self._send_ends()
        name = sa.func.coalesce(_ROW.outcome, _ROW.state)
        statement = sa.select(name.label("name"), sa.func.count().label("events")).where(
            self._tx.mine(inbox_events)
        )
        return {row.name: row.events for row in self._tx.rows(statement.group_by(name))}

    def oldest_unended(self) -> int | None:
        """Arrival time of the oldest event that has not ended."""
        self._send_ends()
        statement = sa.select(sa.func.min(_ROW.received_at)).where(
            self._tx.mine(inbox_events), among(_ROW.state, "received", "queued", "waiting")
        )
        oldest: int | None = self._tx.execute(statement).scalar()
        return oldest


CONCLUSIONS = {
    Outcome.WRITTEN: "carried to the other side",
    Outcome.UNCHANGED: "the other side has it already",
    Outcome.CONFLICT_KEPT: "what the other side says stands by rule; both values are kept",
}
"""Why events that waited for the lane's writes ended as they did, where nobody said more."""


def _nothing_left() -> list[sa.ColumnElement[bool]]:
    lane = _ROW.lane_id
    open_rows = (
        sa.select(changes.c.id).where(changes.c.lane_id == lane, equals(changes.c.state, "planned")),
        sa.select(outbox_writes.c.id).where(
            outbox_writes.c.lane_id == lane, among(outbox_writes.c.state, "waiting", "sending")
        ),
        sa.select(waits.c.id).where(waits.c.lane_id == lane, equals(waits.c.state, "open")),
    )
    return [~rows.correlate(inbox_events).exists() for rows in open_rows]


def stored_event(row: Row[Any]) -> StoredEvent:
    """An event from a row of `inbox_events`."""
    event = ArrivedEvent(
        Side(row.side),
        row.key,
        row.entity,
        row.record_id,
        EventKind(row.kind),
        Channel(row.channel),
        row.at,
        row.body,
        row.generation,
        row.arrival,
        row.author,
        row.origin,
    )
    return StoredEvent(
        row.id,
        event,
        EventState(row.state),
        row.received_at,
        row.correlation_id,
        row.lane_id,
        row.binding_id,
        Outcome(row.outcome) if row.outcome else None,
        row.reason,
        row.detail,
        row.write_id,
        row.seen,
    )
