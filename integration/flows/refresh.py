"""Refresh: bring what a full read showed into the lane."""

from __future__ import annotations

from dataclasses import dataclass

from integration.canonical.event import Position
from integration.canonical.values import Side
from integration.flows.absorb import Absorber
from integration.flows.bench import Bench
from integration.flows.children import absorb_family, settle_children
from integration.flows.moves import move_members
from integration.policy.state import Existence, LaneState, Member
from integration.ports import ReadAnswer

RECHECK_MS = 1_500
"""Zoho's clock has whole seconds: a record told within the second it names is read once more after it."""


@dataclass(frozen=True)
class Taken:
    """When a read began (by the database's clock) and where the stream stood then (generation, arrival)."""

    side: Side
    begun_at: int
    numbers: tuple[int, int] = (0, 0)


def fold_answer(bench: Bench, lane: LaneState, addressed: Member, answer: ReadAnswer, taken: Taken) -> None:
    """Fold a full read of `addressed`."""
    side = taken.side
    if not answer.records or answer.records[0].deleted:
        _found_gone(bench, lane, addressed, answer, side)
        return
    position = Position(answer.records[0].at, taken.numbers[0], taken.numbers[1], is_read=True)
    absorber = Absorber(lane, bench.mapping, bench.lookups())
    elsewhere = _elsewhere(bench, lane, side, answer)
    records = [r for r in answer.records if r.record_id not in elsewhere]
    absorbed = absorb_family(absorber, records, position, is_read=True)
    if answer.children_whole and addressed is lane.root:
        settle_children(lane, records, position)
    state = addressed.on(side)
    if any(one.folded.unsure for one in absorbed):
        state.dirty += 1
    if side is Side.ZOHO and taken.begun_at < position.at + 1_000:
        state.recheck_at = max(position.at, taken.begun_at) + RECHECK_MS
    move_members(bench, lane, [one.binding_id for one in absorbed if one.moved_to is not None])


def _found_gone(bench: Bench, lane: LaneState, addressed: Member, answer: ReadAnswer, side: Side) -> None:
    merged_into = answer.records[0].merged_into if answer.records else ""
    gone = lane.members if side is Side.ZOHO and addressed is lane.root else [addressed]
    for member in gone:
        state = member.sides.get(side)
        if state is not None and state.existence in (Existence.ALIVE, Existence.UNKNOWN):
            state.existence = Existence.GONE
            state.merged_into = merged_into if member is addressed else ""
            state.dirty = 0
            member.match_keys.pop(side, None)
    root = lane.root.on(side)
    if addressed is not lane.root and side is Side.SALESFORCE and root.existence is Existence.ALIVE:
        # A deleted Account takes its Contacts along, and their deletes may be told first.
        root.dirty += 1
    bench.audit("gone", lane.id, addressed.binding_id, {"side": side.value, "merged_into": merged_into})


def _elsewhere(bench: Bench, lane: LaneState, side: Side, answer: ReadAnswer) -> set[str]:
    """Children another lane still holds: they are moving, and their own event or read brings them."""
    ids = [r.record_id for r in answer.records[1:]]
    known = bench.uow.lanes.by_record(side, ids) if ids else {}
    others = {record: b for (_, record), b in known.items() if b.lane_id != lane.id}
    if others:
        bench.uow.lanes.dirty([b.binding_id for b in others.values()], side)
    return set(others)
