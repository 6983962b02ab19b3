"""Load whole lanes: five statements for any number of lanes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from integration.canonical.values import Side, decode_value
from integration.policy.confirm import claim
from integration.policy.state import LaneState, Member
from integration.stores.columns import Json, among, equals
from integration.stores.json_text import loads
from integration.stores.lane_memory import LaneMemory
from integration.stores.lane_rows import (
    INTENT_COLUMNS,
    MEMBER_COLUMNS,
    SNAPSHOT_COLUMNS,
    intent_of,
    member_of,
    side_of,
    write_of,
)
from integration.stores.tables_line import bindings, intents, lanes, outbox_writes, snapshots
from integration.stores.tables_people import overrides
from integration.stores.transaction import Transaction


def load(tx: Transaction, memory: LaneMemory, lane_ids: Collection[int]) -> dict[int, LaneState]:
    """Lanes by id with everything a decision needs; unknown and joined ones are left out."""
    if not lane_ids:
        return {}
    found: dict[int, LaneState] = {}
    members: dict[int, Member] = {}
    bound: dict[int, Row[Any]] = {}
    for row in tx.rows(_lanes_and_bindings(tx, lane_ids)):
        lane = found.get(row.number)
        if lane is None:
            lane = found[row.number] = LaneState(row.number, row.aggregate, row.epoch)
            memory.ranks[lane.id] = row.work
            memory.attempts.setdefault(lane.id, row.attempts)
        if row.id is not None:
            members[row.id] = member_of(row)
            bound[row.id] = row
            lane.members.append(members[row.id])
            memory.members[row.id] = tuple(row[-len(MEMBER_COLUMNS) :])
    for binding_id in members:
        memory.intents.pop(binding_id, None)
    if members:
        _load_snapshots(tx, memory, members, bound)
        _load_intents(tx, memory, members)
        _load_overrides(tx, members)
    _load_writes(tx, found)
    return found


def _text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Text).label(column.name) if isinstance(column.type, Json) else column


def _lanes_and_bindings(tx: Transaction, lane_ids: Collection[int]) -> sa.Select[Any]:
    return (
        sa.select(
            lanes.c.id.label("number"),
            lanes.c.aggregate,
            lanes.c.epoch,
            lanes.c.attempts,
            lanes.c.work,
            bindings.c.id,
            *(_text(bindings.c[name]) for name in MEMBER_COLUMNS),
        )
        .select_from(lanes.outerjoin(bindings, bindings.c.lane_id == lanes.c.id))
        .where(tx.one_of(lanes.c.id, lane_ids), tx.mine(lanes), lanes.c.joined_into.is_(None))
        .order_by(lanes.c.id, bindings.c.id)
    )


def _load_snapshots(
    tx: Transaction, memory: LaneMemory, members: dict[int, Member], bound: dict[int, Row[Any]]
) -> None:
    statement = sa.select(
        snapshots.c.binding_id, snapshots.c.side, *(_text(snapshots.c[name]) for name in SNAPSHOT_COLUMNS)
    ).where(tx.one_of(snapshots.c.binding_id, members.keys()))
    for row in tx.rows(statement):
        member, owner = members[row.binding_id], bound[row.binding_id]
        is_salesforce = row.side == Side.SALESFORCE
        entity = owner.salesforce_entity if is_salesforce else owner.zoho_entity
        record_id = owner.salesforce_id if is_salesforce else owner.zoho_id
        state = side_of(row, entity, record_id)
        member.sides[state.side] = state
        keys = frozenset(loads(row.match_keys))
        if keys:
            member.match_keys[state.side] = keys
        memory.marked.pop((member.binding_id, state.side), None)
        memory.snapshots[member.binding_id, state.side] = tuple(row[-len(SNAPSHOT_COLUMNS) :])


def _load_intents(tx: Transaction, memory: LaneMemory, members: dict[int, Member]) -> None:
    statement = sa.select(
        intents.c.id, intents.c.binding_id, *(_text(intents.c[name]) for name in INTENT_COLUMNS)
    ).where(equals(intents.c.state, "open"), tx.one_of(intents.c.binding_id, members.keys()))
    for row in tx.rows(statement):
        members[row.binding_id].intent = intent_of(row)
        memory.intents[row.binding_id] = (row.id, tuple(row[-len(INTENT_COLUMNS) :]))


def _load_overrides(tx: Transaction, members: dict[int, Member]) -> None:
    statement = sa.select(overrides.c.binding_id, overrides.c.field, overrides.c.value).where(
        tx.one_of(overrides.c.binding_id, members.keys()), overrides.c.ended_at.is_(None)
    )
    for row in tx.rows(statement):
        members[row.binding_id].overrides[row.field] = decode_value(row.value)


def _load_writes(tx: Transaction, found: dict[int, LaneState]) -> None:
    statement = sa.select(outbox_writes).where(
        tx.one_of(outbox_writes.c.lane_id, found.keys()), among(outbox_writes.c.state, "waiting", "sending")
    )
    for row in tx.rows(statement):
        write = write_of(row)
        if row.state == "sending":  # the claimed row is the note of what may be sent
            found[row.lane_id].sending = write
            claim(found[row.lane_id], write)
        else:
            found[row.lane_id].waiting[write.side] = write
