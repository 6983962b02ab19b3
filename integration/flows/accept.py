"""Accept: what arrived goes into the inbox and is acknowledged; nothing else happens here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from integration.canonical.event import ArrivedEvent, Channel
from integration.canonical.values import Json, Side
from integration.errors import ClaimLost
from integration.ports import Cursor, UnitOfWork
from integration.ports.services import Services

EVENTS_QUEUE = "events"
CATCH_UP_MARGIN_MS = 300_000
"""How far before the last stored place a delta read begins: our clock and the org's are not one."""


TOLD = (Channel.WEBHOOK, Channel.STREAM)
"""What a person did just now has a line in the log; a scan has one for all it found."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Accepted:
    """How many events were new and how many were known already."""

    new: int
    repeated: int


def accept(services: Services, events: Sequence[ArrivedEvent]) -> Accepted:
    """Store events of a webhook or a poll, then ring. Raises Retryable when SQL is away: the sender tries
    again.
    """
    ids, repeated = services.stores.accept(services.pair_id, events, _names(services, events))
    return _ring(services, ids, repeated)


def accept_stream(
    services: Services,
    topic: str,
    events: Sequence[ArrivedEvent],
    replay_id: bytes,
    epoch: int,
    lease_ms: int,
) -> Accepted:
    """Store a whole fetch and its position in one transaction, numbered in order of arrival.

    Raises ClaimLost when another listener holds the role by now; nothing is stored then.
    """
    with services.stores.begin(services.pair_id, "accept.stream") as uow:
        _hold(uow, epoch, lease_ms)
        cursor = uow.cursors.get(Side.SALESFORCE, "stream") or Cursor("stream", Side.SALESFORCE, generation=1)
        numbered = [
            replace(event, generation=cursor.generation, arrival=cursor.arrival + n)
            for n, event in enumerate(events, 1)
        ]
        ids, repeated = uow.inbox.add(numbered, _names(services, numbered)) if numbered else ([], 0)
        uow.cursors.put(replace(cursor, arrival=cursor.arrival + len(numbered)))
        uow.cursors.put(_at_topic(uow, topic, replay_id))
    return _ring(services, ids, repeated)


def _at_topic(uow: UnitOfWork, topic: str, replay_id: bytes) -> Cursor:
    known = uow.cursors.get(Side.SALESFORCE, topic) or Cursor(topic, Side.SALESFORCE)
    return replace(known, position=replay_id, watermark=uow.now)


def open_generation(services: Services, topic: str, epoch: int, lease_ms: int) -> None:
    """The stream cannot be resumed: what comes next is numbered anew, and a delta read fills the hole.

    Raises ClaimLost when another listener holds the role by now: the place may be lost for us alone.
    """
    with services.stores.begin(services.pair_id, "accept.generation") as uow:
        _hold(uow, epoch, lease_ms)
        cursor = uow.cursors.get(Side.SALESFORCE, "stream") or Cursor("stream", Side.SALESFORCE, generation=1)
        generation = cursor.generation + 1
        uow.cursors.put(replace(cursor, generation=generation, arrival=0))
        known = uow.cursors.get(Side.SALESFORCE, topic) or Cursor(topic, Side.SALESFORCE)
        uow.cursors.put(replace(known, position=b""))
        _ask_for_delta(uow, topic, max(0, known.watermark - CATCH_UP_MARGIN_MS), generation)


def _ask_for_delta(uow: UnitOfWork, topic: str, since: int, generation: int) -> None:
    name = f"catch-up:{topic}"
    gone_since, delta = since, uow.cursors.get(Side.SALESFORCE, name)
    if delta is not None and delta.run.get("open"):
        since, gone_since = min(since, delta.watermark), min(since, gone_since_of(delta))
    run: dict[str, Json] = {"open": True, "gone_since": gone_since, "asked": f"generation {generation}"}
    uow.cursors.put(Cursor(name, Side.SALESFORCE, watermark=since, run=run))


def gone_since_of(cursor: Cursor) -> int:
    """From when on deletions are to be asked for: the scan itself may be further already."""
    kept = cursor.run.get("gone_since")
    return kept if isinstance(kept, int) else cursor.watermark


def _hold(uow: UnitOfWork, epoch: int, lease_ms: int) -> None:
    if not uow.cursors.hold(Side.SALESFORCE, "listener", epoch, lease_ms):
        raise ClaimLost("listener.replaced", "another listener has taken over this pair")


def stream_position(services: Services, topic: str) -> bytes | None:
    """Where the stream of a topic stands; None before its first use, empty after its position was lost."""
    with services.stores.reading(services.pair_id) as uow:
        cursor = uow.cursors.get(Side.SALESFORCE, topic)
    return cursor.position if cursor else None


def _names(services: Services, events: Sequence[ArrivedEvent]) -> list[str]:
    """A correlation id for each, told with it."""
    names = [services.new_id() for _ in events]
    for event, name in zip(events, names, strict=True):
        if event.channel in TOLD:
            log.info("event arrived", correlation_id=name, side=event.side.value, entity=event.entity)
    return names


def _ring(services: Services, ids: Sequence[int], repeated: int) -> Accepted:
    if ids:
        services.bell.ring(EVENTS_QUEUE, services.pair_id)
    return Accepted(len(ids), repeated)
