"""Census: know all records of both sides once before anything is created, and find deletions every night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from integration.canonical.event import ArrivedEvent, Channel, NativeRecord
from integration.canonical.outcome import WorkClass
from integration.canonical.values import Json, Side
from integration.flows.accept import EVENTS_QUEUE
from integration.flows.scanned import accept_rows, event_of
from integration.ports import Cursor
from integration.ports.services import Services

ENTITIES = {Side.SALESFORCE: ("Account", "Contact"), Side.ZOHO: ("contact",)}
MOST_PAGES = 2_000

Progress = Callable[[Side, str, int], None]


@dataclass(frozen=True)
class Counted:
    """Records listed per side."""

    salesforce: int = 0
    zoho: int = 0


@dataclass(frozen=True)
class Missed:
    """What nobody had told: records asked for as they are listed no more, and events of what was found."""

    gone: int = 0
    found: int = 0


def take_census(services: Services, progress: Progress | None = None) -> Counted:
    """List every record of both sides into the inbox, resumable at any page."""
    counts = {
        side: sum(_list(services, side, entity, progress) for entity in ENTITIES[side]) for side in Side
    }
    with services.stores.begin(services.pair_id, "census.listed") as uow:
        for side in Side:
            known = uow.cursors.get(side, "census") or Cursor("census", side)
            uow.cursors.put(replace(known, run={"listed": True}))
    services.bell.ring(EVENTS_QUEUE, services.pair_id)
    return Counted(counts[Side.SALESFORCE], counts[Side.ZOHO])


def complete_census(services: Services) -> bool:
    """Allow creates once every listed record was read and folded; True when this call allowed them.

    A record that was listed and not read yet could be the partner of one that looks new.
    """
    with services.stores.begin(services.pair_id, "census.done") as uow:
        cursors = [uow.cursors.get(side, "census") for side in Side]
        if any(c is None or not c.run.get("listed") or c.watermark for c in cursors) or uow.lanes.unread():
            return False
        for side in Side:
            uow.cursors.put(Cursor("census", side, watermark=uow.now, run={"listed": True}))
        uow.lanes.wake(uow.lanes.all_ids(), WorkClass.BATCH)
    services.bell.ring(EVENTS_QUEUE, services.pair_id)
    return True


def _list(services: Services, side: Side, entity: str, progress: Progress | None) -> int:
    name = f"census:{entity}"
    with services.stores.reading(services.pair_id) as uow:
        cursor = uow.cursors.get(side, name) or Cursor(name, side)
    seen, page = _number(cursor.run.get("seen")), str(cursor.run.get("page") or "")
    if cursor.run.get("done"):
        return seen
    for _ in range(MOST_PAGES):
        answer = services.gateways[side].list_page(entity, page)
        seen += len(answer.records)
        page = answer.next_page
        cursor = replace(cursor, run={"page": page, "seen": seen, "done": not page})
        with services.stores.begin(services.pair_id, "census.page") as uow:
            events = [_event(record) for record in answer.records]
            uow.inbox.add(events, [services.new_id() for _ in events])
            uow.cursors.put(cursor)
        if progress is not None:
            progress(side, entity, seen)
        services.bell.ring(EVENTS_QUEUE, services.pair_id)
        if not page:
            break
    return seen


def _event(record: NativeRecord) -> ArrivedEvent:
    key = f"census:{record.entity}:{record.record_id}:{record.at}"
    return event_of(record, Channel.SCAN, key, differs=False)


def sweep_ids(services: Services) -> Missed:
    """Nightly: who is bound and not listed any more is read, and found to be gone; what is listed and not
    known, or known as of an earlier time, is taken up like what a poll found.
    """
    asked, found = 0, 0
    for side in Side:
        for entity in ENTITIES[side]:
            listed, new = _all_ids(services, side, entity)
            with services.stores.begin(services.pair_id, "census.sweep") as uow:
                known = uow.lanes.living(side, entity)
                missing = [binding for record, binding in known.items() if record not in listed]
                uow.lanes.dirty(missing, side)
            asked, found = asked + len(missing), found + new
    if asked or found:
        services.bell.ring(EVENTS_QUEUE, services.pair_id)
    return Missed(asked, found)


def _all_ids(services: Services, side: Side, entity: str) -> tuple[set[str], int]:
    """Ids as listed, and how many of the records told more than was known."""
    listed: set[str] = set()
    page, new = "", 0
    for _ in range(MOST_PAGES):
        answer = services.gateways[side].list_page(entity, page)
        listed.update(r.record_id for r in answer.records)
        with services.stores.begin(services.pair_id, "census.found") as uow:
            new += accept_rows(services, uow, answer.records)
        page = answer.next_page
        if not page:
            break
    return listed, new


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
