"""Transform: fold every queued event of a lane into its snapshots, in order, and decide the lane anew.

Everything here is one SQL transaction over many lanes and no outside call: a worker killed in the middle
leaves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from integration.canonical.event import ArrivedEvent, Channel, EventKind, NativeRecord, Position
from integration.canonical.outcome import Outcome
from integration.canonical.values import Json, Side
from integration.errors import BadInput
from integration.flows.absorb import Absorbed, Absorber
from integration.flows.bench import Bench
from integration.flows.children import absorb_family, settle_children
from integration.flows.decide import decide
from integration.flows.moves import move_members
from integration.flows.refresh import RECHECK_MS
from integration.flows.remap import remap
from integration.flows.route import route
from integration.policy.fold import COVERED
from integration.policy.state import Existence, LaneState, Member
from integration.ports import EventEnd, StoredEvent
from integration.ports.services import Services


def transform(services: Services) -> int:
    """Route what arrived, then fold and decide ready lanes; returns how many lanes were worked."""
    route(services, services.line.batch * 4)
    with services.stores.begin(services.pair_id, "transform.fold") as uow:
        ids = uow.lanes.lock_ready(services.line.batch)
        if not ids:
            return 0
        lanes = uow.lanes.load(ids)
        events = uow.inbox.queued(ids)
        bench = Bench.open(services, uow)
        for lane in lanes.values():
            fold_lane(bench, lane, events.get(lane.id, []))
        decide(bench, list(lanes.values()))
    bench.ring()
    return len(ids)


@dataclass
class _Folding:
    """One lane while its events are folded."""

    bench: Bench
    absorber: Absorber
    ends: list[EventEnd] = field(default_factory=list)
    moves: list[int] = field(default_factory=list)


def fold_lane(bench: Bench, lane: LaneState, events: Sequence[StoredEvent]) -> None:
    """Fold events until one asks for a full read first; that one and what follows stay queued."""
    absorber = Absorber(lane, bench.mapping, bench.lookups())
    folding = _Folding(bench, absorber)
    _recheck(lane, bench.uow.now)
    remap(absorber)
    for stored in _newest_last(folding, events):
        if lane.dirty:
            break
        end = _fold_one(folding, stored)
        if end is None:
            continue
        folding.ends.append(end)
        if end.outcome is None:
            # Only what took effect causes what is decided next; an echo or a repeat merely came by.
            bench.correlation[lane.id] = stored.correlation_id
    bench.folded[lane.id] = folding.ends
    move_members(bench, lane, folding.moves)


def _recheck(lane: LaneState, now: int) -> None:
    for member in lane.members:
        for state in member.sides.values():
            if state.recheck_at and state.recheck_at <= now:
                state.recheck_at = 0
                state.dirty += 1


def _newest_last(folding: _Folding, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Whole records of one moment and content more than once are folded once; hints behind a newer one as
    well. What a write of ours may have covered is judged for itself: the newer one may be our own echo.
    """
    latest: dict[tuple[str, str, str], StoredEvent] = {}
    for stored in events:
        event = stored.event
        if event.kind in (EventKind.RECORD, EventKind.HINT) and event.side is Side.ZOHO:
            key = (event.entity, event.record_id, event.kind.value)
            if key not in latest or event.at >= latest[key].event.at:
                latest[key] = stored
    kept = []
    for stored in events:
        event = stored.event
        newest = latest.get((event.entity, event.record_id, event.kind.value))
        older = newest is not None and newest.id != stored.id and event.at < newest.event.at
        if older and newest is not None and not _may_be_covered(folding.absorber.lane, event):
            folding.ends.append(
                EventEnd(
                    stored.id,
                    Outcome.FOLDED,
                    "a newer one of the same record came with it",
                    folded_into=newest.id,
                )
            )
        else:
            kept.append(stored)
    return kept


def _may_be_covered(lane: LaneState, event: ArrivedEvent) -> bool:
    """Whether we wrote to that side since what the event tells."""
    if lane.sending is not None and lane.sending.side is event.side:
        return True
    cells = (cell for member in lane.members for cell in member.on(event.side).cells.values())
    return any(cell.written and cell.position.at > event.at for cell in cells)


def _fold_one(folding: _Folding, stored: StoredEvent) -> EventEnd | None:
    """Fold one event; None leaves it queued until its record was read."""
    event = stored.event
    if event.kind is EventKind.RECORD:
        return _fold_record(folding, stored)
    member = folding.absorber.lane.by_record(event.side, event.entity, event.record_id)
    if member is not None and event.kind is EventKind.CHANGE:
        return _fold_change(folding, stored)
    return _fold_hint(stored, member, differs=bool(event.body.get("differs")))


def _fold_hint(stored: StoredEvent, member: Member | None, *, differs: bool) -> EventEnd | None:
    """Have the record read, unless it is known as of a later time (or of that one, where nothing differs)."""
    event = stored.event
    if member is None:
        return EventEnd(stored.id, Outcome.STALE, "the record has left this lane")
    state = member.on(event.side)
    older = event.at < state.image_at.at or (event.at == state.image_at.at and not differs)
    if event.kind in (EventKind.HINT, EventKind.RECORD) and older and state.existence is Existence.ALIVE:
        return EventEnd(stored.id, Outcome.UNCHANGED, "already known at that time", member.binding_id)
    state.dirty += 1
    return None


def _fold_change(folding: _Folding, stored: StoredEvent) -> EventEnd | None:
    event, lane = stored.event, folding.absorber.lane
    member = lane.by_record(event.side, event.entity, event.record_id)
    fields = event.body.get("fields")
    if member is None or not isinstance(fields, dict):
        raise BadInput("event.shape", "a change event without fields or member")
    state = member.on(event.side)
    whole = event.body.get("create") is True
    if state.existence in (Existence.UNKNOWN, Existence.GONE) and not whole:
        state.dirty += 1
        return None
    absorbed = folding.absorber.change(member, event.side, fields, position_of(event), whole=whole)
    return _end(folding, stored, [absorbed], member.binding_id)


def _fold_record(folding: _Folding, stored: StoredEvent) -> EventEnd | None:
    event, lane = stored.event, folding.absorber.lane
    try:
        records = _records(folding.bench.services, event)
    except BadInput as fault:
        letter = folding.bench.bury(
            lane.id, [], "transform", fault, side=event.side.value, digest=event.key, event_ids=[stored.id]
        )
        return EventEnd(stored.id, Outcome.DEAD_LETTER, fault.code, detail={"dead_letter": letter})
    if not records[0].whole:
        # A body of somebody's own making: who is not in it was not deleted, and what is in it may be old.
        member = lane.by_record(event.side, event.entity, event.record_id)
        return _fold_hint(stored, member, differs=True)
    position = position_of(event)
    absorbed = absorb_family(folding.absorber, records, position, is_read=False)
    root = lane.by_record(event.side, event.entity, event.record_id) or lane.root
    if any(one.folded.unsure for one in absorbed):
        root.on(event.side).dirty += 1
        return None
    if len(records) > 1 or event.side is Side.ZOHO:
        settle_children(lane, records, position)
    if any(one.folded.took_effect for one in absorbed) and _second_not_over(stored):
        root.on(event.side).recheck_at = event.at + RECHECK_MS
    return _end(folding, stored, absorbed, root.binding_id)


def _second_not_over(stored: StoredEvent) -> bool:
    """Another change within the same second of Zoho's clock may follow, and its webhook be lost."""
    event = stored.event
    return (
        event.side is Side.ZOHO and event.channel is Channel.WEBHOOK and stored.received_at < event.at + 1_000
    )


def _records(services: Services, event: ArrivedEvent) -> list[NativeRecord]:
    """The records of an event: Zoho's body is decoded by its gateway, a polled Salesforce record is stored
    flat.
    """
    if event.side is Side.ZOHO:
        return services.gateways[event.side].records_of(event.body, event.entity)
    fields, parent = event.body.get("fields"), event.body.get("parent")
    if not isinstance(fields, dict):
        raise BadInput("event.shape", "a record event without fields")
    return [NativeRecord(event.side, event.entity, event.record_id, fields, event.at, str(parent or ""))]


def position_of(event: ArrivedEvent) -> Position:
    """Where an event stands among the facts of its side."""
    return Position(event.at, event.generation, event.arrival)


def _end(
    folding: _Folding, stored: StoredEvent, absorbed: Sequence[Absorbed], binding_id: int
) -> EventEnd | None:
    if any(one.folded.unsure for one in absorbed):
        member = folding.absorber.lane.member(binding_id)
        if member is not None:
            member.on(stored.event.side).dirty += 1
        return None
    folding.moves.extend(one.binding_id for one in absorbed if one.moved_to is not None)
    outcome, reason = judge(absorbed)
    if any(one.moved_to is not None for one in absorbed):
        outcome, reason = None, ""
    changed = list[Json](sorted({name for one in absorbed for name in one.folded.changed}))
    problems: list[Json] = [p for one in absorbed for p in one.problems]
    detail: dict[str, Json] = {
        "side": stored.event.side.value,
        "changed": changed,
        "origin": stored.event.origin,
        "author": stored.event.author,
    }
    if problems:
        detail["problems"] = problems
        # What cannot be read ends the event as a dead letter when the lane is decided.
        outcome = None if outcome is Outcome.UNCHANGED else outcome
    first = absorbed[0].binding_id if absorbed else binding_id
    changed_one = next((one.binding_id for one in absorbed if one.folded.took_effect or one.born), first)
    return EventEnd(stored.id, outcome, reason, changed_one, detail=detail)


def judge(absorbed: Sequence[Absorbed]) -> tuple[Outcome | None, str]:
    """The outcome of an event by what its records did; None while it depends on the lane's writes."""
    if absorbed and not absorbed[0].in_scope:
        return Outcome.OUT_OF_SCOPE, absorbed[0].reason
    if any(one.in_scope and (one.folded.took_effect or one.born) for one in absorbed):
        return None, ""
    parts = [one.folded for one in absorbed if one.in_scope]
    if any(part.covered for part in parts):
        return Outcome.CONFLICT_KEPT, COVERED
    if any(part.echoed for part in parts) and not any(part.stale for part in parts):
        return Outcome.ECHO, "what we wrote"
    if any(part.stale for part in parts):
        return Outcome.STALE, "older than what is known"
    return Outcome.UNCHANGED, "nothing that is mapped changed"


__all__ = ["fold_lane", "judge", "position_of", "transform"]
