"""Read: dirty records are read whole before their lane decides anything.

The claim is committed, the read happens with no transaction open, and what it showed is folded under the same
claim. No read begins while a write of its lane is under way (rule A7), and a read clears only the marks that
stood when it began (A9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from integration.canonical.event import EventKind
from integration.canonical.outcome import Outcome, WorkClass
from integration.canonical.values import Fields, Json, Side, Value, encode_fields
from integration.errors import ClaimLost, Fault, Throttled, Unauthorized
from integration.flows.absorb import Absorber
from integration.flows.bench import Bench, same_in
from integration.flows.merges import OPEN_DOCUMENTS
from integration.flows.neighbours import holders
from integration.flows.refresh import Taken, fold_answer
from integration.policy.fold import COVERED
from integration.policy.retry import backoff_ms
from integration.policy.state import LaneState, Member
from integration.ports import EventEnd, ReadAnswer, ReadRequest, StoredEvent
from integration.ports.services import Services


@dataclass
class _Claimed:
    """One lane's read: which record, and what was known when it began."""

    lane_id: int
    epoch: int
    binding_id: int
    side: Side
    request: ReadRequest
    marks: dict[int, int]
    last_event: int
    begun_at: int
    generation: int
    arrival: int
    partner_id: str
    work: WorkClass


def read_dirty(services: Services) -> int:
    """Read dirty records of some lanes, one side and class at a time; returns how many lanes were worked."""
    claims = _claim(services)
    for side, work in product(Side, WorkClass):
        mine = [c for c in claims if c.side is side and c.work is work]
        if not mine:
            continue
        answers = _read(services, side, mine, work)
        _fold(services, mine, answers, _open_documents(services, mine, answers))
    return len({c.lane_id for c in claims})


def _claim(services: Services) -> list[_Claimed]:
    with services.stores.begin(services.pair_id, "read.claim") as uow:
        ids = uow.lanes.claim_reads(services.line.batch, services.line.read_lease_ms)
        if not ids:
            return []
        lanes, events = uow.lanes.load(ids), uow.inbox.queued(ids)
        stream = uow.cursors.get(Side.SALESFORCE, "stream")
        numbers = (stream.generation, stream.arrival) if stream else (0, 0)
        classes = uow.lanes.work_classes(lanes)
        chosen = (
            _choose(lane, events.get(lane.id, []), uow.now, numbers, classes[lane.id])
            for lane in lanes.values()
        )
        return [claim for claim in chosen if claim is not None]


def _choose(
    lane: LaneState, events: Sequence[StoredEvent], now: int, numbers: tuple[int, int], work: WorkClass
) -> _Claimed | None:
    """One record a lane and read: the root first; a Zoho person is read with its contact."""
    ranked = sorted(lane.members, key=lambda m: m.entity != lane.aggregate)
    for member in ranked:
        for side, state in member.sides.items():
            if not state.dirty or not state.record_id:
                continue
            addressed = lane.root if side is Side.ZOHO else member
            there = addressed.on(side)
            if not there.record_id:
                continue
            last = max((e.id for e in events if e.event.side is side), default=0)
            request = ReadRequest(there.entity, there.record_id)
            marks = {m.binding_id: m.sides[side].dirty for m in lane.members if side in m.sides}
            return _Claimed(
                lane.id,
                lane.epoch,
                member.binding_id,
                side,
                request,
                marks,
                last,
                now,
                *numbers,
                _partner(member, side),
                work,
            )
    return None


def _partner(member: Member, side: Side) -> str:
    return member.on(Side.ZOHO).record_id if side is Side.SALESFORCE and member.entity == "customer" else ""


def _open_documents(
    services: Services, claims: Sequence[_Claimed], answers: Sequence[ReadAnswer]
) -> dict[int, bool]:
    """For merge losers: whether their customer in Zoho has open documents; no answer counts as open."""
    told: dict[int, bool] = {}
    for claim, answer in zip(claims, answers, strict=True):
        if claim.partner_id and answer.records and answer.records[0].merged_into:
            try:
                told[claim.binding_id] = services.gateways[Side.ZOHO].open_documents(claim.partner_id)
            except Fault:
                told[claim.binding_id] = True
    return told


def _read(services: Services, side: Side, claims: Sequence[_Claimed], work: WorkClass) -> list[ReadAnswer]:
    try:
        return services.gateways[side].read([c.request for c in claims], work)
    except Fault as fault:
        return [ReadAnswer(c.request, fault=fault) for c in claims]


def _fold(
    services: Services,
    claims: Sequence[_Claimed],
    answers: Sequence[ReadAnswer],
    documents: dict[int, bool],
) -> None:
    """Store what was read; the claims are of one side."""
    with services.stores.begin(services.pair_id, "read.fold") as uow:
        mine = {c.lane_id for c in claims}
        # With those that hold children read just now: taken later, their order would be any order.
        children = [r.record_id for answer in answers for r in answer.records[1:]]
        held = set(uow.lanes.lock(mine | holders(uow, claims[0].side, children))) & mine
        lanes = uow.lanes.load(held)
        events = uow.inbox.queued(held)
        bench = Bench.open(services, uow)
        kept, ends = [], []
        for claim, answer in zip(claims, answers, strict=True):
            lane = lanes.get(claim.lane_id)
            if lane is None or lane.epoch != claim.epoch:
                continue
            if answer.fault is not None:
                _postpone(bench, claim, answer.fault)
                continue
            ends.extend(_fold_one(bench, lane, claim, answer, events.get(lane.id, [])))
            _note_documents(lane, claim, documents)
            kept.append(lane)
        uow.lanes.save(kept, ready=[lane.id for lane in kept])
        uow.inbox.finish(ends)
        uow.changes.replace([], [lane.id for lane in kept])
        uow.audit.add(bench.audits)
    bench.ring(["events"] if kept else [])


def _note_documents(lane: LaneState, claim: _Claimed, documents: dict[int, bool]) -> None:
    member = lane.member(claim.binding_id)
    if member is not None and claim.binding_id in documents:
        member.on(Side.SALESFORCE).waived[OPEN_DOCUMENTS] = "yes" if documents[claim.binding_id] else "no"


def _postpone(bench: Bench, claim: _Claimed, fault: Fault) -> None:
    attempts = bench.uow.lanes.attempts([claim.lane_id]).get(claim.lane_id, 0)
    wait = backoff_ms(attempts + 1, bench.services.chance)
    if isinstance(fault, Throttled):
        wait = int(fault.seconds * 1000) + bench.services.chance.randint(0, 250)
    if isinstance(fault, Unauthorized) or attempts > bench.services.line.most_attempts:
        bench.services.alarm.alert(
            bench.services.pair_id,
            f"read.{claim.side.value}.{fault.code}",
            f"{claim.side.value} cannot be read: {fault.code}",
            fault.advice or "Run `zoho-salesforce doctor`; the lanes wait and go on by themselves.",
        )
    bench.uow.lanes.postpone([claim.lane_id], bench.uow.now + wait)


def _fold_one(
    bench: Bench, lane: LaneState, claim: _Claimed, answer: ReadAnswer, events: Sequence[StoredEvent]
) -> list[EventEnd]:
    member = lane.member(claim.binding_id)
    if member is None:
        raise ClaimLost("read.member", "the record left its lane while it was read")
    addressed = lane.by_record(claim.side, claim.request.entity, claim.request.record_id) or member
    told = _told_before(bench, lane, claim, events)
    ends = _covered_events(lane, claim, answer, events)
    _clean(lane, claim, answer)
    taken = Taken(claim.side, claim.begun_at, (claim.generation, claim.arrival))
    fold_answer(bench, lane, addressed, answer, taken)
    return [_with_conflict(bench, lane, claim.side, end, *told.get(end.event_id, (0, {}))) for end in ends]


def _told_before(
    bench: Bench, lane: LaneState, claim: _Claimed, events: Sequence[StoredEvent]
) -> dict[int, tuple[int, Fields]]:
    """What changes that wait for this read say, by event: (binding, fields). A write may have covered it."""
    found: dict[int, tuple[int, Fields]] = {}
    for stored in events:
        event, fields = stored.event, stored.event.body.get("fields")
        member = lane.by_record(event.side, event.entity, event.record_id)
        if (
            event.side is claim.side
            and event.kind is EventKind.CHANGE
            and member
            and isinstance(fields, dict)
        ):
            absorber = Absorber(lane, bench.mapping, bench.lookups())
            found[stored.id] = member.binding_id, absorber.told(member, event.side, fields)
    return found


def _with_conflict(
    bench: Bench, lane: LaneState, side: Side, end: EventEnd, binding_id: int, told: Fields
) -> EventEnd:
    """A person's value that our write replaced before we heard of it is a conflict; both values are kept."""
    member = lane.member(binding_id)
    lost = [name for name, value in told.items() if member and _is_lost(member, side, name, value)]
    if not lost or (end.outcome is None and len(lost) < len(told)):
        return end
    detail: dict[str, Json] = {"fields": list[Json](lost), "side": side.value}
    bench.audit("conflict", lane.id, binding_id, detail, encode_fields({name: told[name] for name in lost}))
    return EventEnd(end.event_id, Outcome.CONFLICT_KEPT, COVERED, binding_id, detail=dict(end.detail))


def _is_lost(member: Member, side: Side, name: str, value: Value) -> bool:
    """Whether our last write stands where a person had typed something else."""
    cell, same = member.on(side).cells.get(name), same_in(member.entity)
    if cell is None or not cell.written or not same(name, cell.value, cell.written[-1]):
        return False
    return not any(same(name, value, ours) for ours in (cell.value, *cell.written))


def _clean(lane: LaneState, claim: _Claimed, answer: ReadAnswer) -> None:
    """Clear the marks that stood when the read began; a Zoho contact is read with all its persons."""
    shown = {r.record_id for r in answer.records} | {claim.request.record_id}
    for member in lane.members:
        state = member.sides.get(claim.side)
        if state is None or not (claim.side is Side.ZOHO or state.record_id in shown):
            continue
        state.dirty = max(0, state.dirty - claim.marks.get(member.binding_id, 0))
        state.read_at, state.recheck_at = claim.begun_at, 0


def _covered_events(
    lane: LaneState, claim: _Claimed, answer: ReadAnswer, events: Sequence[StoredEvent]
) -> list[EventEnd]:
    """Events of this record that were stored when the read began are replaced by it.

    The newest of them stands for the read: it waits for the lane's writes like an event that took effect.
    """
    entities = {claim.request.record_id} | {r.record_id for r in answer.records}
    covered = [
        e
        for e in events
        if e.event.side is claim.side and e.id <= claim.last_event and e.event.record_id in entities
    ]
    if not covered:
        return []
    newest = covered[-1]
    member = lane.by_record(claim.side, newest.event.entity, newest.event.record_id)
    ends = [
        EventEnd(e.id, Outcome.FOLDED, "read with a newer one", folded_into=newest.id) for e in covered[:-1]
    ]
    detail: dict[str, Json] = {
        "side": claim.side.value,
        "changed": [],
        "read": True,
        "origin": newest.event.origin,
        "author": newest.event.author,
    }
    return [*ends, EventEnd(newest.id, None, "", member.binding_id if member else None, detail=detail)]
