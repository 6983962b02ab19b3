"""Pair the persons of one customer: both sides are known whole here, so nobody else has to be asked."""

from __future__ import annotations

from integration.canonical.outcome import BindingState
from integration.canonical.values import Fields, Side
from integration.flows.bench import Bench
from integration.flows.moves import LEFT_BEHIND
from integration.policy.match import judge_person
from integration.policy.state import Existence, LaneState, Member


def pair_persons(bench: Bench, lane: LaneState) -> None:
    """Join persons that are the same by e-mail or full name; two that fit one stay apart for a person to
    decide.
    """
    if lane.dirty or not lane.root.joined:
        return
    ours = [m for m in lane.members if _alone_on(lane, m, Side.SALESFORCE)]
    theirs = [m for m in lane.members if _alone_on(lane, m, Side.ZOHO) or _is_left_behind(m)]
    for member in ours:
        fits = [
            (other, judge_person(_fields(member, Side.SALESFORCE), _fields(other, Side.ZOHO)))
            for other in theirs
        ]
        strong = [(other, likeness) for other, likeness in fits if likeness.strong]
        best = [x for x in strong if x[1].score == max(s[1].score for s in strong)]
        if len(best) == 1:
            other, likeness = best[0]
            theirs.remove(other)
            _join(bench, lane, member, other, likeness.reasons)
    for member in lane.members:
        _activate(bench, lane, member)


def _alone_on(lane: LaneState, member: Member, side: Side) -> bool:
    return (
        member is not lane.root
        and member.state is BindingState.PROVISIONAL
        and member.on(side).existence is Existence.ALIVE
        and member.on(side).in_scope
        and member.on(side.other).existence is Existence.ABSENT
    )


def _is_left_behind(member: Member) -> bool:
    """A person in Zoho whose Contact went away: it may have come back, or its customer gone after it."""
    return (
        member.how == LEFT_BEHIND
        and member.state is BindingState.ACTIVE
        and member.on(Side.ZOHO).existence is Existence.ALIVE
    )


def _fields(member: Member, side: Side) -> Fields:
    return {name: cell.value for name, cell in member.on(side).cells.items()}


def _join(bench: Bench, lane: LaneState, keep: Member, drop: Member, reasons: tuple[str, ...]) -> None:
    bench.uow.lanes.merge_bindings(keep.binding_id, drop.binding_id)
    keep.sides[Side.ZOHO] = drop.on(Side.ZOHO)
    keep.match_keys.update(
        {side: keys for side, keys in drop.match_keys.items() if side not in keep.match_keys}
    )
    keep.how = "matched: " + ", ".join(reasons)
    lane.members.remove(drop)


def _activate(bench: Bench, lane: LaneState, member: Member) -> None:
    both = all(member.on(side).existence is Existence.ALIVE and member.on(side).record_id for side in Side)
    if member is lane.root or member.state is not BindingState.PROVISIONAL or not both:
        return
    member.state, member.joined = BindingState.ACTIVE, True
    bench.audit("bound", lane.id, member.binding_id, {"how": member.how or "created"})
    for side in Side:
        for lane_id in bench.uow.cases.release(side, [member.on(side).record_id]):
            bench.later(lane_id, 0)
