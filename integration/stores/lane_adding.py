"""Provisional bindings for records never seen before; two workers that add the same record get the same
answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from integration.canonical.outcome import WorkClass
from integration.canonical.values import Side
from integration.policy.state import Existence
from integration.ports.rows import NewRecord
from integration.stores import bulk
from integration.stores.lane_locks import LaneLocks
from integration.stores.lane_memory import LaneMemory
from integration.stores.ranks import RANK, rank_at
from integration.stores.tables_line import bindings, lanes, snapshots
from integration.stores.transaction import Transaction

Key = tuple[Side, str, str]


def add_records(tx: Transaction, memory: LaneMemory, locks: LaneLocks, records: Sequence[NewRecord]) -> None:
    """Insert bindings for records in the order given, which must be the same for all workers (it is their
    lock order).

    A record another worker inserted meanwhile is left as that one made it; the lane made for it here is
    dropped.
    """
    targets = locks.settled({r.lane_id for r in records if r.lane_id is not None})
    fresh = _new_lanes(tx, [r for r in records if r.lane_id is None])
    lane_of = {_key(r): fresh[_key(r)] if r.lane_id is None else targets[r.lane_id] for r in records}
    inserted = bulk.insert_new(
        tx,
        bindings,
        [_binding_row(tx, r, lane_of[_key(r)]) for r in records],
        ("id", "salesforce_entity", "salesforce_id", "zoho_entity", "zoho_id"),
    )
    by_key = {_key(r): r for r in records}
    won: dict[Key, int] = {_row_key(row): row.id for row in inserted}
    lost = [lane_id for key, lane_id in fresh.items() if key not in won]
    if lost:
        tx.execute(sa.delete(lanes).where(tx.one_of(lanes.c.id, lost)))
    memory.locked |= set(fresh.values()) - set(lost)
    bulk.add(tx, snapshots, [_snapshot_row(tx, by_key[key], binding_id) for key, binding_id in won.items()])
    memory.changed |= {lane_of[key] for key in won}
    _mark_dirty(tx, {lane_of[key] for key in won if by_key[key].dirty} - set(fresh.values()))


def _new_lanes(tx: Transaction, records: Sequence[NewRecord]) -> dict[Key, int]:
    rows = [
        {
            "pair_id": tx.pair_id,
            "aggregate": r.canonical,
            "created_at": tx.now,
            "dirty": r.dirty,
            "work": RANK[WorkClass.EVENT],
            "rank_at": rank_at(tx.now, RANK[WorkClass.EVENT]),
        }
        for r in records
    ]
    return dict(zip((_key(r) for r in records), bulk.insert(tx, lanes, rows), strict=True))


def _binding_row(tx: Transaction, record: NewRecord, lane_id: int) -> dict[str, Any]:
    is_salesforce = record.side is Side.SALESFORCE
    return {
        "pair_id": tx.pair_id,
        "lane_id": lane_id,
        "entity": record.canonical,
        "kind": record.kind,
        "created_at": tx.now,
        "salesforce_entity": record.native_entity if is_salesforce else "",
        "salesforce_id": record.record_id if is_salesforce else None,
        "zoho_entity": "" if is_salesforce else record.native_entity,
        "zoho_id": None if is_salesforce else record.record_id,
    }


def _snapshot_row(tx: Transaction, record: NewRecord, binding_id: int) -> dict[str, Any]:
    return {
        "binding_id": binding_id,
        "side": record.side.value,
        "pair_id": tx.pair_id,
        "existence": Existence.UNKNOWN.value,
        "dirty": int(record.dirty),
    }


def _mark_dirty(tx: Transaction, lane_ids: set[int]) -> None:
    if lane_ids:
        marking = sa.update(lanes).where(tx.one_of(lanes.c.id, lane_ids), ~lanes.c.dirty)
        tx.execute(marking.values(dirty=True, not_before=0, rank_at=rank_at(tx.now, RANK[WorkClass.EVENT])))


def _key(record: NewRecord) -> Key:
    return record.side, record.native_entity, record.record_id


def _row_key(row: sa.Row[Any]) -> Key:
    if row.salesforce_id is not None:
        return Side.SALESFORCE, row.salesforce_entity, row.salesforce_id
    return Side.ZOHO, row.zoho_entity, row.zoho_id
