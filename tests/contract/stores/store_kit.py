"""Sample events, records and lanes for the store tests."""

from __future__ import annotations

from collections.abc import Sequence

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.outcome import Mode, Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.policy.state import Existence, LaneState, Write
from integration.ports import NewRecord
from integration.ports.stores import UnitOfWork
from integration.stores.unit_of_work import SqlStores

KEY = "WEo7Lb1b5Rc9JXn2SkyDfVQvJXq7cCYrm3dMxyYbIjY="
"""A Fernet key that protects nothing."""


def event(
    key: str,
    record_id: str = "1",
    *,
    side: Side = Side.ZOHO,
    entity: str = "contact",
    body: dict[str, Json] | None = None,
    at: int = 1_000,
) -> ArrivedEvent:
    """An event of a poll."""
    return ArrivedEvent(
        side, key, entity, record_id, EventKind.RECORD, Channel.POLL, at, body or {"name": "x"}
    )


def store_events(stores: SqlStores, pair: int, events: Sequence[ArrivedEvent]) -> list[int]:
    """Put events into the inbox; their ids."""
    with stores.begin(pair) as uow:
        ids, _ = uow.inbox.add(events, [f"correlation-{n}" for n in range(len(events))])
    return ids


def new_records(
    count: int, *, side: Side = Side.ZOHO, dirty: bool = False, start: int = 1
) -> list[NewRecord]:
    """Customers "1", "2", …"""
    entity = "contact" if side is Side.ZOHO else "Account"
    return [
        NewRecord(side, entity, str(n), "customer", "business", dirty=dirty)
        for n in range(start, start + count)
    ]


def make_lanes(
    stores: SqlStores, pair: int, count: int, *, side: Side = Side.ZOHO, dirty: bool = False, start: int = 1
) -> list[int]:
    """Lanes with one living member each, in order of record id, not ready."""
    with stores.begin(pair) as uow:
        bound = uow.lanes.add_records(new_records(count, side=side, dirty=dirty, start=start))
        entity = "contact" if side is Side.ZOHO else "Account"
        ids = [bound[entity, str(n)].lane_id for n in range(start, start + count)]
        lanes = uow.lanes.load(ids)
        for lane in lanes.values():
            lane.root.on(side).existence = Existence.ALIVE
        uow.lanes.save(list(lanes.values()))
    return ids


def ready_lanes(stores: SqlStores, pair: int, count: int) -> list[int]:
    """Lanes that wait to be decided."""
    ids = make_lanes(stores, pair, count)
    with stores.begin(pair) as uow:
        uow.lanes.wake(ids, WorkClass.EVENT)
    return ids


def live(stores: SqlStores, pair: int) -> None:
    """Both directions may write."""
    with stores.begin(pair) as uow:
        for side in Side:
            uow.pairs.set_mode(side, Mode.LIVE, "test")


def write_for(lane: LaneState, side: Side = Side.SALESFORCE, **more: object) -> Write:
    """An update of the lane's root."""
    return Write(0, lane.root.binding_id, side, Operation.UPDATE, "Account", **more)  # type: ignore[arg-type]


def waiting_writes(
    stores: SqlStores, pair: int, lane_ids: Sequence[int], side: Side = Side.SALESFORCE
) -> list[int]:
    """One waiting row per lane; their ids."""
    live(stores, pair)
    with stores.begin(pair) as uow:
        lanes = uow.lanes.load(lane_ids)
        return uow.outbox.put_all([(i, write_for(lanes[i], side), WorkClass.EVENT) for i in lane_ids])


def load_one(stores: SqlStores, pair: int, lane_id: int) -> LaneState:
    """A lane as it is stored now."""
    with stores.reading(pair) as uow:
        return uow.lanes.load([lane_id])[lane_id]


def claim_one(uow: UnitOfWork, side: Side = Side.SALESFORCE, lease_ms: int = 60_000) -> tuple[Write, int]:
    """Claim exactly one waiting row: the row and its epoch."""
    [write] = uow.outbox.claimable(side, 10).values()
    return write, uow.outbox.sending([write.id], lease_ms)[write.id]
