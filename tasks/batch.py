"""Work that lasts: delta polls, the first load, reading again what a stream lost, the nightly id sweep."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from integration.canonical.values import Json, Side
from integration.flows import census, poll
from integration.flows.poll import Polled
from integration.ports import Cursor
from integration.ports.services import Services
from integration.wiring import WiredPair
from tasks.running import SlotTask, pair_task
from tasks.slots import Report, slot_task

BACK_MS = 86_400_000
"""The first poll looks back a day before the end of the first load: what changed while it listed is found."""

_long = threading.Lock()


@contextmanager
def only_one() -> Iterator[bool]:
    """Whether this is the only long job of this process; another thread is always left for the short ones."""
    mine = _long.acquire(blocking=False)
    try:
        yield mine
    finally:
        if mine:
            _long.release()


@slot_task("batch.poll_zoho", "poll-zoho")
def poll_zoho(pair: WiredPair) -> Report:
    """Ask Zoho what changed lately; webhooks may have been lost."""
    pair.prepare(Side.ZOHO)
    if not _begin_after_first_load(pair.services, Side.ZOHO, "poll:contact"):
        return {"skipped": "the first load is not done"}
    return _told(poll.poll_zoho(pair.services))


@slot_task("batch.poll_salesforce", "poll-salesforce")
def poll_salesforce(pair: WiredPair) -> Report:
    """Ask Salesforce what changed lately in entities that are not streamed."""
    return _poll_entities(pair, streamed=False)


@slot_task("batch.poll_streamed", "poll-streamed")
def poll_streamed(pair: WiredPair) -> Report:
    """The same for streamed entities, more rarely: a stream may lose events without saying so."""
    return _poll_entities(pair, streamed=True)


def _poll_entities(pair: WiredPair, *, streamed: bool) -> Report:
    pair.prepare(Side.SALESFORCE)
    report: dict[str, Json] = {}
    for entity in pair.mappings.live().native_entities(Side.SALESFORCE):
        if (entity in pair.services.line.streamed) is not streamed:
            continue
        if _begin_after_first_load(pair.services, Side.SALESFORCE, f"poll:{entity}"):
            report[entity] = _told(poll.poll_salesforce(pair.services, entity))
    return report


def _begin_after_first_load(services: Services, side: Side, name: str) -> bool:
    """False until the first load is done; a poll's first watermark lies a day before its end."""
    with services.stores.begin(services.pair_id, "poll.begin") as uow:
        done = uow.cursors.get(side, "census")
        if done is None or not done.watermark:
            return False
        cursor = uow.cursors.get(side, name)
        if cursor is None or not cursor.watermark:
            uow.cursors.put(Cursor(name, side, watermark=max(0, done.watermark - BACK_MS)))
    return True


@pair_task("batch.catch_up", bell="catch-up", base=SlotTask)
def catch_up(pair: WiredPair) -> None:
    """Read again what the stream says it could not tell."""
    with only_one() as mine:
        if mine:
            pair.prepare(Side.SALESFORCE)
            poll.catch_up(pair.services)


@pair_task("batch.first_load", bell="first-load", base=SlotTask)
def first_load(pair: WiredPair) -> None:
    """List all records of both sides once; goes on where it stopped."""
    with only_one() as mine:
        if mine:
            pair.prepare(*Side)
            census.take_census(pair.services)


@slot_task("batch.id_sweep", "id-sweep")
def id_sweep(pair: WiredPair) -> Report:
    """Find records that were deleted, made or changed without a word."""
    pair.prepare(*Side)
    swept = census.sweep_ids(pair.services)
    return {"asked_for": swept.gone, "found": swept.found}


def _told(polled: Polled) -> dict[str, Json]:
    return dict(asdict(polled))
