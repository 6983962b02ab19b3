"""How much waits at each stage of the line."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.stores.columns import equals
from integration.stores.tables_line import changes, inbox_events, lanes, outbox_writes
from integration.stores.tables_operation import pairs
from integration.stores.transaction import Transaction


def may_write(tx: Transaction, side: Side) -> sa.ColumnElement[bool]:
    """Whether the pair is live for that side and not held."""
    is_salesforce = side is Side.SALESFORCE
    mode = pairs.c.mode_salesforce if is_salesforce else pairs.c.mode_zoho
    held = pairs.c.held_salesforce if is_salesforce else pairs.c.held_zoho
    return sa.select(pairs.c.id).where(pairs.c.id == tx.pair_id, mode == Mode.LIVE.value, held == "").exists()


def is_claimable(tx: Transaction, side: Side) -> list[sa.ColumnElement[bool]]:
    """Conditions on `outbox_writes` joined with `lanes`: waiting, due, and the lane neither dirty, read nor
    sending.
    """
    other = outbox_writes.alias("other")
    sending = sa.select(other.c.id).where(
        other.c.lane_id == outbox_writes.c.lane_id, equals(other.c.state, "sending")
    )
    return [
        tx.mine(outbox_writes),
        outbox_writes.c.side == side.value,
        equals(outbox_writes.c.state, "waiting"),
        outbox_writes.c.not_before <= tx.now,
        ~lanes.c.dirty,
        lanes.c.lease_until <= tx.now,
        ~sending.correlate(outbox_writes).exists(),
        may_write(tx, side),
    ]


def is_expired(tx: Transaction, side: Side) -> list[sa.ColumnElement[bool]]:
    """Conditions on `outbox_writes`: nobody will answer for this call any more, or it may be looked into
    now.
    """
    row = outbox_writes.c
    settled = sa.or_(
        sa.and_(row.unknown, row.not_before <= tx.now),
        sa.and_(~row.unknown, row.lease_until + tx.settle_ms <= tx.now),
    )
    return [tx.mine(outbox_writes), row.side == side.value, equals(row.state, "sending"), settled]


def queue_depths(tx: Transaction, *, due_only: bool) -> dict[str, int]:
    """Counts by stage: received, ready, dirty, planned, salesforce, zoho; `due_only`: what may be worked on
    now.
    """
    free: list[sa.ColumnElement[bool]] = [tx.mine(lanes), lanes.c.joined_into.is_(None)]
    if due_only:
        free += [lanes.c.not_before <= tx.now, lanes.c.lease_until <= tx.now]
    asked: dict[str, sa.Select[Any]] = {
        "received": _count(inbox_events).where(
            tx.mine(inbox_events), equals(inbox_events.c.state, "received")
        ),
        "ready": _count(lanes).where(lanes.c.ready, ~lanes.c.dirty, *free),
        "dirty": _count(lanes).where(lanes.c.dirty, *free),
        "planned": _count(changes).where(tx.mine(changes), equals(changes.c.state, "planned")),
    }
    counts = sa.select(*(statement.scalar_subquery().label(name) for name, statement in asked.items()))
    found = {name: int(value) for name, value in tx.execute(counts).mappings().one().items()}
    return found | {side.value: _writes(tx, side, due_only=due_only) for side in Side}


def _writes(tx: Transaction, side: Side, *, due_only: bool) -> int:
    row = outbox_writes.c
    if not due_only:
        unfinished = row.state.in_(["waiting", "sending"])
        return int(
            tx.execute(
                _count(outbox_writes).where(tx.mine(outbox_writes), row.side == side.value, unfinished)
            ).scalar_one()
        )
    waiting = _count(outbox_writes).join(lanes, lanes.c.id == row.lane_id).where(*is_claimable(tx, side))
    expired = _count(outbox_writes).where(*is_expired(tx, side))
    return int(tx.execute(waiting).scalar_one()) + int(tx.execute(expired).scalar_one())


def _count(table: sa.Table) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(table)
