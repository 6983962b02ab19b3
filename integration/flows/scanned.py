"""Scanned: rows of a listing become events where they tell more than is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from integration.canonical.event import ArrivedEvent, Channel, EventKind, NativeRecord
from integration.canonical.values import Json
from integration.ports import UnitOfWork
from integration.ports.services import Services


def accept_rows(services: Services, uow: UnitOfWork, records: Sequence[NativeRecord]) -> int:
    """Store what is newer than known, or not known at all; rows that are known at their very time fall away
    here. Returns how many events were new. All records are of one side.
    """
    if not records:
        return 0
    known = uow.lanes.known_images(records[0].side, [r.record_id for r in records])
    events = [_event(r) for r in records if _tells_more(r, known.get((r.entity, r.record_id)))]
    ids, _ = uow.inbox.add(events, [services.new_id() for _ in events]) if events else ([], 0)
    return len(ids)


def event_of(record: NativeRecord, channel: Channel, key: str, *, differs: bool) -> ArrivedEvent:
    """A whole record is taken as it is; a summary asks for a full read, and where it `differs` also when the
    record is known at that very time.
    """
    body: dict[str, Json] = {"differs": True} if differs else {}
    if record.whole:
        body = {"fields": dict(record.image), "at": record.at, "parent": record.parent_id}
    return ArrivedEvent(
        side=record.side,
        key=key,
        entity=record.entity,
        record_id=record.record_id,
        kind=_kind(record),
        channel=channel,
        at=record.at,
        body=body,
    )


def _kind(record: NativeRecord) -> EventKind:
    if record.deleted:
        return EventKind.DELETE
    return EventKind.RECORD if record.whole else EventKind.HINT


def _tells_more(record: NativeRecord, known: tuple[int, Mapping[str, Json]] | None) -> bool:
    """Newer than what is known, or of the same time with another content: a clock of whole seconds hides
    changes.
    """
    if record.deleted or known is None or known[0] < record.at:
        return True
    image = known[1]
    return known[0] == record.at and any(
        name in image and image[name] != value for name, value in record.image.items()
    )


def _event(record: NativeRecord) -> ArrivedEvent:
    content = hashlib.sha256(json.dumps(record.image, sort_keys=True, default=str).encode()).hexdigest()[:16]
    what = f"{record.entity}:{record.record_id}:{record.at}"
    return event_of(record, Channel.POLL, f"poll:{what}:{_kind(record).value}:{content}", differs=True)
