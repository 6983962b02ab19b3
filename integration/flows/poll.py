"""Poll: webhooks and streams are accelerators; these scans find what they lost.

Salesforce scans ascend by modification time and move their cursor with each page. Zoho contacts have no
modified-since filter: their scan descends, keeps its run apart and moves the watermark only with its last
page, minus an overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from integration.canonical.event import NativeRecord
from integration.canonical.values import Json, Side
from integration.flows.accept import EVENTS_QUEUE, gone_since_of
from integration.flows.scanned import accept_rows
from integration.ports import Cursor
from integration.ports.services import Services

OVERLAP_MS = 10_000
MOST_PAGES = 500


@dataclass(frozen=True)
class Polled:
    """What one poll saw."""

    pages: int = 0
    seen: int = 0
    new: int = 0
    skipped: bool = False


def poll_zoho(services: Services) -> Polled:
    """Sort-and-stop over contacts, newest first; rows already known at their time are dropped."""
    with services.stores.begin(services.pair_id, "poll.claim") as uow:
        epoch = uow.cursors.claim(Side.ZOHO, "poll:contact", services.new_id(), services.line.scan_lease_ms)
        cursor = uow.cursors.get(Side.ZOHO, "poll:contact") or Cursor("poll:contact", Side.ZOHO)
    if epoch is None:
        return Polled(skipped=True)
    try:
        return _descend(services, cursor, epoch)
    finally:
        with services.stores.begin(services.pair_id, "poll.release") as uow:
            uow.cursors.release(Side.ZOHO, "poll:contact", epoch)


def _descend(services: Services, cursor: Cursor, epoch: int) -> Polled:
    floor = cursor.watermark - OVERLAP_MS
    page, newest, polled = "", cursor.watermark, Polled()
    for _ in range(MOST_PAGES):
        answer = services.gateways[Side.ZOHO].changed_since("contact", max(0, floor), page)
        fresh = [r for r in answer.records if r.at >= floor]
        newest = max([newest, *(r.at for r in fresh)])
        last = not answer.next_page or len(fresh) < len(answer.records)
        with services.stores.begin(services.pair_id, "poll.page") as uow:
            if not uow.cursors.hold(Side.ZOHO, "poll:contact", epoch, services.line.scan_lease_ms):
                return replace(polled, skipped=True)
            new = accept_rows(services, uow, fresh)
            if last:
                uow.cursors.put(replace(cursor, watermark=newest, run={}))
        polled = Polled(polled.pages + 1, polled.seen + len(fresh), polled.new + new)
        if new:
            services.bell.ring(EVENTS_QUEUE, services.pair_id)
        if last:
            break
        page = answer.next_page
    return polled


def poll_salesforce(services: Services, entity: str, *, cursor_name: str = "") -> Polled:
    """Ascend by modification time with overlap, then ask for deletions."""
    name = cursor_name or f"poll:{entity}"
    with services.stores.begin(services.pair_id, "poll.claim") as uow:
        epoch = uow.cursors.claim(Side.SALESFORCE, name, services.new_id(), services.line.scan_lease_ms)
        cursor = uow.cursors.get(Side.SALESFORCE, name) or Cursor(name, Side.SALESFORCE)
    if epoch is None:
        return Polled(skipped=True)
    try:
        return _ascend(services, entity, cursor, epoch)
    finally:
        with services.stores.begin(services.pair_id, "poll.release") as uow:
            uow.cursors.release(Side.SALESFORCE, name, epoch)


def _ascend(services: Services, entity: str, cursor: Cursor, epoch: int) -> Polled:
    since, page, polled = max(0, cursor.watermark - OVERLAP_MS), "", Polled()
    # Kept until the deletions are stored too: a scan taken up again after a crash begins further on.
    gone_since = max(0, gone_since_of(cursor) - OVERLAP_MS)
    cursor = replace(cursor, run={**cursor.run, "gone_since": gone_since_of(cursor)})
    gateway = services.gateways[Side.SALESFORCE]
    for _ in range(MOST_PAGES):
        answer = gateway.changed_since(entity, since, page)
        cursor = replace(cursor, watermark=max([cursor.watermark, *(r.place for r in answer.records)]))
        polled = _store_page(services, polled, answer.records, cursor, cursor, epoch)
        page = answer.next_page
        if not page or polled.skipped:
            break
    if page or polled.skipped:
        return polled
    gone = gateway.deleted_since(entity, gone_since)
    # An org may lag behind with what it tells: the next poll begins where this one was told all.
    behind = gone.covered_ms < cursor.watermark
    run: dict[str, Json] = {"gone_since": gone.covered_ms} if behind else {}
    return _store_page(services, polled, gone.records, cursor, replace(cursor, run=run), epoch)


def _store_page(
    services: Services,
    polled: Polled,
    records: Sequence[NativeRecord],
    cursor: Cursor,
    after: Cursor,
    epoch: int,
) -> Polled:
    with services.stores.begin(services.pair_id, "poll.page") as uow:
        if not uow.cursors.hold(Side.SALESFORCE, cursor.name, epoch, services.line.scan_lease_ms):
            return replace(polled, skipped=True)
        kept = uow.cursors.get(Side.SALESFORCE, cursor.name)
        if kept is not None and kept.run.get("asked") != cursor.run.get("asked"):
            return replace(polled, skipped=True)  # asked for anew meanwhile: it begins again, further back
        new = accept_rows(services, uow, records)
        uow.cursors.put(after)
    if new:
        services.bell.ring(EVENTS_QUEUE, services.pair_id)
    return Polled(polled.pages + 1, polled.seen + len(records), polled.new + new)


def catch_up(services: Services) -> int:
    """Delta reads the stream asked for (overflow, lost position); returns how many were done."""
    with services.stores.reading(services.pair_id) as uow:
        wanted = [
            c
            for c in uow.cursors.all(Side.SALESFORCE)
            if c.name.startswith("catch-up:") and c.run.get("open")
        ]
    done = 0
    for cursor in wanted:
        entities = _entities_of(services, cursor.name.removeprefix("catch-up:"))
        if not any(poll_salesforce(services, entity, cursor_name=cursor.name).skipped for entity in entities):
            done += 1
    return done


def _entities_of(services: Services, topic: str) -> tuple[str, ...]:
    """A topic names one entity, or all of them."""
    name = topic.removeprefix("/data/").removesuffix("ChangeEvent")
    return (name,) if name in services.line.streamed else services.line.streamed
