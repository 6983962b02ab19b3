"""Deletes: what becomes of a member when one side has deleted its record, and when the record comes back."""

from __future__ import annotations

from integration.canonical.outcome import BindingState, Operation
from integration.canonical.values import Side
from integration.flows.bench import Bench
from integration.flows.moves import LEFT_BEHIND, MADE_ANEW
from integration.policy.plan import is_put_away
from integration.policy.state import IGNORED, Existence, LaneState, Member, Write

DELETED_BY_US = "deleted after its source"
"""How a member is bound whose partner we deleted by policy: it is made again when its source comes back."""


def settle_deletes(bench: Bench, lane: LaneState) -> None:
    """End members that are deleted on one side and put away (or gone) on the other; take up those that
    came back.
    """
    if lane.dirty:
        return
    for member in sorted(lane.members, key=lambda m: m is not lane.root):
        gone = [side for side in Side if member.on(side).existence is Existence.GONE]
        living = [side for side in Side if member.on(side).existence is Existence.ALIVE]
        if member.state is BindingState.ALIAS and Side.SALESFORCE in living:
            _stand_alone(bench, lane, member)
            continue
        if member.state is BindingState.ALIAS or member.has_lost_merge:
            continue  # it stands for its winner, or will, whatever became of it
        if member.state is BindingState.TOMBSTONE:
            _take_up(bench, lane, member, living)
        elif gone and living and bench.services.line.recreate_deleted and member.joined:
            _make_anew(bench, lane, member, gone[0])
        elif gone and (not living or _is_left(bench, lane, member, living[0])):
            _end(bench, lane, member, gone, living)


def note_deleted(member: Member, write: Write) -> None:
    """Remember that a record is gone because we deleted it; what a move left behind has no source to come
    back.
    """
    is_gone = member.on(write.side).existence is Existence.GONE
    if write.operation is Operation.DELETE and is_gone and member.how != LEFT_BEHIND:
        member.how = DELETED_BY_US


def _take_up(bench: Bench, lane: LaneState, member: Member, living: list[Side]) -> None:
    """An undeleted record is joined to its partner as before; one that never had a partner is new again."""
    if len(living) == len(Side) and all(member.on(side).record_id for side in Side):
        member.state = BindingState.ACTIVE
    elif _never_had_partner(member, living):
        member.state = BindingState.PROVISIONAL
        bench.later(lane.id, 0)  # matching comes before this, and has to see it
    elif len(living) == 1 and member.how == DELETED_BY_US:
        _make_anew(bench, lane, member, living[0].other)
    else:
        return
    _take_up_persons(lane, member)
    bench.audit("taken up", lane.id, member.binding_id, {})


def _take_up_persons(lane: LaneState, member: Member) -> None:
    """Persons that stayed with a customer put away as a whole are looked at anew when it is back: those whose
    Contact is not back with it go now.
    """
    if member is not lane.root:
        return
    for person in lane.members:
        source = person.on(Side.SALESFORCE)
        stayed = person.state is BindingState.TOMBSTONE and person.on(Side.ZOHO).existence is Existence.ALIVE
        if person is member or not stayed or source.existence is not Existence.GONE:
            continue
        person.state = BindingState.ACTIVE
        if source.record_id:
            source.dirty += 1  # it may be back too, and its own event on the way


def _stand_alone(bench: Bench, lane: LaneState, member: Member) -> None:
    """A merge's loser that was taken out of the recycle bin is a record of its own again: joined to the
    partner it kept, else matched like a new one.
    """
    member.alias_of, member.how = None, ""
    member.on(Side.SALESFORCE).merged_into = ""
    if member.on(Side.ZOHO).existence is Existence.ABSENT:
        member.state, member.joined, member.base = BindingState.PROVISIONAL, False, {}
        bench.later(lane.id, 0)  # matching comes before this, and has to see it
    else:
        member.state = BindingState.ACTIVE
    _take_up_persons(lane, member)
    bench.audit("taken up", lane.id, member.binding_id, {})


def _never_had_partner(member: Member, living: list[Side]) -> bool:
    """Whether it was deleted before anything was made of it; what a person said to ignore stays so."""
    return (
        len(living) == 1
        and member.on(living[0].other).existence is Existence.ABSENT
        and member.waived_match != IGNORED
    )


def _make_anew(bench: Bench, lane: LaneState, member: Member, gone: Side) -> None:
    """A deleted record is made again from its partner: by policy, or because it was us who deleted it."""
    state = member.on(gone)
    state.existence, state.record_id, state.cells, state.image = Existence.ABSENT, "", {}, {}
    member.state, member.joined, member.base, member.how = BindingState.PROVISIONAL, False, {}, MADE_ANEW
    bench.later(lane.id, 0)  # matching comes before this, and has to see it
    bench.audit("to be made anew", lane.id, member.binding_id, {"side": gone.value})


def _is_left(bench: Bench, lane: LaneState, member: Member, side: Side) -> bool:
    """Whether the policy has nothing more to do with the record that is left on a side."""
    policy = bench.services.line.deletes.of(member, side)
    if policy == "exception":
        _ask(bench, lane, member, side)
        return True
    if member is not lane.root and lane.root.on(side.other).existence is Existence.GONE:
        return lane.root.state in (BindingState.TOMBSTONE, BindingState.ALIAS)  # else it may come back yet
    return policy == "keep" or (policy == "deactivate" and is_put_away(member, side, bench.shape))


def _ask(bench: Bench, lane: LaneState, member: Member, side: Side) -> None:
    bench.ask(
        lane.id,
        member.binding_id,
        "deleted at the other side",
        f"the partner of this record was deleted; what stands in {side.value} was left as it is",
        "Deactivate or delete it by hand if it is not wanted any more, then close this exception.",
        [{"side": side.value, "record_id": member.on(side).record_id}],
        digest=member.on(side).record_id,
    )


def _end(bench: Bench, lane: LaneState, member: Member, gone: list[Side], living: list[Side]) -> None:
    member.state = BindingState.TOMBSTONE
    member.intent = None
    told = ", ".join(side.value for side in gone)
    bench.audit("tombstone", lane.id, member.binding_id, {"gone": told, "left": bool(living)})
