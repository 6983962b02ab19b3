"""Route: every event is given to the lane of its aggregate, by binding, else by parent id, else to a lane
of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integration.canonical.event import EventKind
from integration.canonical.outcome import Outcome, WorkClass
from integration.canonical.values import Json, Side
from integration.flows.accept import gone_since_of
from integration.flows.letters import undecodable
from integration.ports import BoundRecord, Cursor, EventEnd, NewRecord, StoredEvent, UnitOfWork
from integration.ports.services import Services

Known = dict[tuple[str, str], BoundRecord]

DELETED_BEFORE_MS = 3_600_000
"""How long before its end a transaction may have deleted something."""


def route(services: Services, limit: int) -> int:
    """Give up to `limit` received events to lanes and wake these; returns how many were taken."""
    with services.stores.begin(services.pair_id, "transform.route") as uow:
        events = uow.inbox.received(limit)
        plain = [stored for stored in events if not _set_aside(uow, stored)]
        by_side = {side: [e for e in plain if e.event.side is side] for side in Side}
        known = {side: uow.lanes.by_record(side, _ids(side_events)) for side, side_events in by_side.items()}
        # All that exist in one go, in the order of their ids: lanes of one side first and of the other later
        # would be another order than that of a unit which takes them together, and the two would wait for
        # each other.
        uow.lanes.lock({lane for side in Side for lane in _needed(by_side[side], known[side])})
        for side, side_events in by_side.items():
            if side_events:
                _route_side(uow, side, side_events, known[side])
    return len(events)


def _set_aside(uow: UnitOfWork, stored: StoredEvent) -> bool:
    """Whether an event belongs to no lane; what is to be done about it is done."""
    if stored.event.kind is EventKind.UNDECODABLE:
        undecodable(uow, stored)
    elif stored.event.kind is EventKind.OVERFLOW:
        _ask_for_catch_up(uow, stored)
    else:
        return False
    return True


def _ids(events: Sequence[StoredEvent]) -> set[str]:
    return {e.event.record_id for e in events} | {p for e in events if (p := _parent_id(e))}


def _needed(events: Sequence[StoredEvent], known: Known) -> set[int]:
    """The lanes of these events as far as they exist: of the record, else of the parent it will go under."""
    found = (
        known.get((e.event.entity, e.event.record_id)) or known.get(("Account", _parent_id(e)))
        for e in events
    )
    return {bound.lane_id for bound in found if bound is not None}


def _route_side(uow: UnitOfWork, side: Side, plain: Sequence[StoredEvent], known: Known) -> None:
    lanes = _lanes_of(uow, side, plain, known)
    uow.inbox.assign(lanes)
    urgent = {lanes[e.id] for e in plain if e.event.channel.value in ("stream", "webhook", "person")}
    uow.lanes.wake(urgent, WorkClass.EVENT)
    uow.lanes.wake(set(lanes.values()) - urgent, WorkClass.BATCH)


def _lanes_of(uow: UnitOfWork, side: Side, events: Sequence[StoredEvent], known: Known) -> dict[int, int]:
    _add_parents(uow, side, events, known)
    _add_records(uow, side, events, known)
    return {e.id: known[e.event.entity, e.event.record_id].lane_id for e in events}


def _add_parents(uow: UnitOfWork, side: Side, events: Sequence[StoredEvent], known: Known) -> None:
    missing = {
        parent
        for e in events
        if (e.event.entity, e.event.record_id) not in known
        and (parent := _parent_id(e))
        and ("Account", parent) not in known
    }
    told = {
        e.event.record_id
        for e in events
        if e.event.entity == "Account" and _is_whole(e.event.kind, e.event.body)
    }
    new = [
        NewRecord(side, "Account", p, "customer", "business", dirty=p not in told) for p in sorted(missing)
    ]
    known.update(uow.lanes.add_records(new) if new else {})


def _add_records(uow: UnitOfWork, side: Side, events: Sequence[StoredEvent], known: Known) -> None:
    new: dict[tuple[str, str], NewRecord] = {}
    for stored in events:
        event = stored.event
        key = (event.entity, event.record_id)
        if key in known:
            continue
        whole = _is_whole(event.kind, event.body) or (key in new and not new[key].dirty)
        parent = _parent_id(stored)
        lane = known["Account", parent].lane_id if parent else None
        canonical = "person" if parent else "customer"
        new[key] = NewRecord(side, event.entity, event.record_id, canonical, lane_id=lane, dirty=not whole)
    known.update(uow.lanes.add_records(list(new.values())) if new else {})


def _parent_id(stored: StoredEvent) -> str:
    """The Account a Salesforce Contact names in the event itself; Zoho persons come with their contact."""
    event = stored.event
    if event.side is not Side.SALESFORCE or event.entity != "Contact":
        return ""
    fields = event.body.get("fields")
    parent = fields.get("AccountId") if isinstance(fields, dict) else None
    return parent if isinstance(parent, str) else ""


def _is_whole(kind: EventKind, body: Mapping[str, Json]) -> bool:
    """Whether the event itself carries the whole record, so that nothing need be read for it."""
    return kind is EventKind.RECORD or (kind is EventKind.CHANGE and body.get("create") is True)


def _ask_for_catch_up(uow: UnitOfWork, stored: StoredEvent) -> None:
    """More changed at once than the stream tells: all records of the entity are read again, and deletions.

    From no point in time on: a record is stamped when it is saved and told when its transaction ends, which
    may last long, and a field that is converted stamps no record at all.
    """
    name = f"catch-up:{stored.event.entity}"
    open_one = uow.cursors.get(stored.event.side, name)
    gone_since = max(0, stored.event.at - DELETED_BEFORE_MS)
    if open_one is not None and open_one.run.get("open"):
        gone_since = min(gone_since, gone_since_of(open_one))
    run: dict[str, Json] = {"open": True, "gone_since": gone_since, "asked": f"event {stored.id}"}
    uow.cursors.put(Cursor(name, stored.event.side, watermark=0, run=run))
    uow.inbox.finish([EventEnd(stored.id, Outcome.FOLDED, "the whole entity is read again")])
