"""Merge: Salesforce merged two accounts; the stream tells a delete, the deleted record names its winner.

Both joined: the winner keeps its Zoho record, the loser's becomes an alias and is put away when nothing is
open on it, else a person is asked to merge the two in Zoho. Only the loser joined: the winner takes its Zoho
record over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.flows.bench import Bench
from integration.policy.plan import PUT_AWAY
from integration.policy.state import Existence, LaneState, Member, SideState
from integration.ports import BoundRecord, NewRecord

WAIT_MS = 500


OPEN_DOCUMENTS = "open documents"
"""Noted on the loser when it was read: what Zoho said about its customer; no answer counts as open."""


def follow_merges(bench: Bench, lanes: Sequence[LaneState]) -> None:
    """Bring bindings of merge losers to their winners."""
    by_id = {lane.id: lane for lane in lanes}
    for lane in lanes:
        if lane.dirty or lane.sending is not None:
            continue  # what is read, or answered, decides it anew
        for member in list(lane.members):
            if member.has_lost_merge:
                _follow(bench, by_id, lane, member)


def _follow(bench: Bench, by_id: dict[int, LaneState], lane: LaneState, member: Member) -> None:
    lost = member.on(Side.SALESFORCE)
    known = _last_winner(bench, by_id, lost)
    if known is None:
        bench.uow.lanes.add_records(
            [NewRecord(Side.SALESFORCE, lost.entity, lost.merged_into, member.entity, member.kind)]
        )
        bench.later(lane.id, WAIT_MS)
        bench.held.add(lane.id)
    elif member.on(Side.ZOHO).existence is not Existence.ALIVE:
        member.state, member.alias_of = BindingState.ALIAS, known.binding_id
    elif known.zoho_id or not _may_inherit(lane, member, known):
        _alias(bench, lane, member, known)
    else:
        _hand_over(bench, by_id, lane, member, known)


def _last_winner(bench: Bench, by_id: dict[int, LaneState], lost: SideState) -> BoundRecord | None:
    """Who stands for the loser now: its winner may have lost a later merge that was heard of first. None when
    nobody has told of it yet.
    """
    while True:
        known = bench.uow.lanes.by_record(Side.SALESFORCE, [lost.merged_into])
        winner = _as_it_stands(by_id, known.get((lost.entity, lost.merged_into)))
        if winner is None or winner.state is not BindingState.ALIAS:
            return winner
        lane = by_id.get(winner.lane_id) or bench.uow.lanes.load([winner.lane_id])[winner.lane_id]
        alias = lane.member(winner.binding_id)
        later = alias.on(Side.SALESFORCE).merged_into if alias is not None else ""
        if not later or later == lost.merged_into:
            return winner
        lost.merged_into = later


def _as_it_stands(by_id: dict[int, LaneState], bound: BoundRecord | None) -> BoundRecord | None:
    """A winner of this unit may have taken another loser's customer over a moment ago, which is not stored
    yet.
    """
    lane = by_id.get(bound.lane_id) if bound is not None else None
    member = lane.member(bound.binding_id) if lane is not None and bound is not None else None
    if bound is None or member is None:
        return bound
    return replace(bound, state=member.state, zoho_id=member.on(Side.ZOHO).record_id)


def _may_inherit(lane: LaneState, member: Member, winner: BoundRecord) -> bool:
    """A person in Zoho stays under its contact, and is no customer."""
    return winner.entity == member.entity and (member is lane.root or winner.lane_id == lane.id)


def _alias(bench: Bench, lane: LaneState, member: Member, winner: BoundRecord) -> None:
    member.state, member.alias_of = BindingState.ALIAS, winner.binding_id
    member.how = "merged: kept"
    if member.entity != "customer":
        member.state = BindingState.ACTIVE
        member.on(Side.SALESFORCE).merged_into = ""
    elif member.on(Side.SALESFORCE).waived.get(OPEN_DOCUMENTS) != "no":
        _ask_to_merge(bench, lane, member, winner)
    else:
        member.how = PUT_AWAY
    bench.audit("merged", lane.id, member.binding_id, {"winner": winner.binding_id, "how": member.how})


def _ask_to_merge(bench: Bench, lane: LaneState, member: Member, winner: BoundRecord) -> None:
    bench.ask(
        lane.id,
        member.binding_id,
        "merge in Zoho",
        "Two accounts were merged in Salesforce; the loser's customer in Zoho has open documents and stays.",
        "Merge the two customers in Zoho, then close this exception.",
        [{"record_id": member.on(Side.ZOHO).record_id, "side": "zoho", "into": winner.zoho_id}],
        digest=winner.zoho_id,
    )


def _hand_over(
    bench: Bench, by_id: dict[int, LaneState], lane: LaneState, member: Member, winner: BoundRecord
) -> None:
    """The winner has no Zoho record yet: it takes over the loser's with all its persons, unless one is being
    made for it right now.
    """
    target = _locked(bench, by_id, winner.lane_id)
    heir = target.member(winner.binding_id) if target is not None else None
    if target is None or heir is None or _is_busy(target, heir):
        bench.later(lane.id, WAIT_MS)
        return
    zoho = member.sides.pop(Side.ZOHO)
    member.match_keys.pop(Side.ZOHO, None)
    member.state, member.alias_of, member.how = BindingState.ALIAS, heir.binding_id, "merged: handed over"
    bench.uow.lanes.save([lane])
    _give_persons(bench, lane, member, target)
    heir.sides[Side.ZOHO] = zoho
    heir.intent = None
    heir.how = "merged: took over"
    if heir.state is BindingState.TOMBSTONE:
        heir.state, heir.joined = BindingState.ACTIVE, True  # what it took over is put away like any partner
    zoho.dirty += 1
    if target.id not in by_id:
        bench.uow.lanes.save([target])
    bench.uow.lanes.wake([target.id], WorkClass.EVENT)
    bench.audit("merged", lane.id, member.binding_id, {"winner": heir.binding_id, "how": member.how})


def _locked(bench: Bench, by_id: dict[int, LaneState], lane_id: int) -> LaneState | None:
    """A lane of this unit as it stands in memory, or another one, unless somebody else works it."""
    if lane_id in by_id:
        return by_id[lane_id]
    if bench.uow.lanes.lock([lane_id], wait=False) != [lane_id]:
        return None
    return bench.uow.lanes.load([lane_id])[lane_id]


def _is_busy(target: LaneState, heir: Member) -> bool:
    return target.sending is not None or (heir.intent is not None and heir.intent.sent)


def _give_persons(bench: Bench, lane: LaneState, member: Member, target: LaneState) -> None:
    """Persons stay with their contact in Zoho, whoever it belongs to."""
    if member is not lane.root or target is lane:
        return
    persons = [
        m
        for m in lane.members
        if m is not member
        and (there := m.sides.get(Side.ZOHO)) is not None
        and there.existence not in (Existence.ABSENT, Existence.GONE)
    ]
    bench.uow.lanes.give([m.binding_id for m in persons], target.id)
    for person in persons:
        lane.members.remove(person)
        target.members.append(person)
