"""Move: a Salesforce Contact changed its Account, lost it, or turned out to have one.

The binding goes with the Salesforce record to the lane of its new parent. Zoho cannot move a person between
contacts: what stands there stays behind as a member whose source is gone and follows the delete policy, and a
new one is created.
"""

from __future__ import annotations

from collections.abc import Collection

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.flows.bench import Bench
from integration.mapping.mapping import Role
from integration.policy.state import Existence, LaneState, Member, SideState
from integration.ports import NewRecord

RETRY_MS = 500
NOBODY = ("", "")
LEFT_BEHIND = "left behind by a move"
MADE_ANEW = "made again after a delete"
"""How a member is bound whose deleted partner is to be there again: our key on it names the old one."""


def move_members(bench: Bench, lane: LaneState, binding_ids: Collection[int]) -> None:
    """Move members whose record told of another parent to the lane of the one it has now, or of their own.

    What was told on the way there counts no more.
    """
    for binding_id in dict.fromkeys(binding_ids):
        member = lane.member(binding_id)
        if member is None:
            continue
        parent = _role(bench, member).parent or NOBODY
        if _is_apart(lane, member, parent):
            _move(bench, lane, member, parent)


def _is_apart(lane: LaneState, member: Member, parent: tuple[str, str]) -> bool:
    if member is lane.root:
        return parent != NOBODY
    return lane.root.on(Side.SALESFORCE).record_id != parent[1]


def _move(bench: Bench, lane: LaneState, member: Member, parent: tuple[str, str]) -> None:
    if _is_being_written(lane, member):
        bench.later(lane.id, RETRY_MS)
        member.on(Side.SALESFORCE).dirty += 1
        return
    record = member.on(Side.SALESFORCE)
    target = _target_lane(bench, parent)
    if target is not None and bench.uow.lanes.lock([target], wait=False) != [target]:
        record.dirty += 1
        bench.later(lane.id, RETRY_MS)
        return
    leftover_kind, member.kind = member.kind, _role(bench, member).kind
    member.match_keys.pop(Side.SALESFORCE, None)
    bench.uow.lanes.save([lane])
    leftover = _leave_behind(lane, member, leftover_kind)
    entity = "person" if parent[1] else "customer"
    moved = bench.uow.lanes.move_record(member.binding_id, target, entity)
    lane.members.remove(member)
    if leftover is not None:
        lane.members.append(leftover)
    bench.audit("moved", lane.id, member.binding_id, {"to_lane": moved, "parent": parent[1]})
    bench.uow.lanes.wake([moved], WorkClass.EVENT)


def _is_being_written(lane: LaneState, member: Member) -> bool:
    """Whether a call is under way that may make or change its record, alone or along with its parent's."""
    sending = lane.sending
    return sending is not None and member.binding_id in (sending.binding_id, *sending.children)


def _role(bench: Bench, member: Member) -> Role:
    """What the record is now, by what it holds itself."""
    record = member.on(Side.SALESFORCE)
    return bench.mapping.role(Side.SALESFORCE, record.entity, record.image)


def _target_lane(bench: Bench, parent: tuple[str, str]) -> int | None:
    """The lane of the new parent, made when it is not known yet; None when there is no parent."""
    if not parent[1]:
        return None
    known = bench.uow.lanes.by_record(Side.SALESFORCE, [parent[1]])
    bound = known.get(parent)
    if bound is None:
        bound = bench.uow.lanes.add_records(
            [NewRecord(Side.SALESFORCE, parent[0], parent[1], "customer", "business")]
        )[parent]
    return bound.lane_id


def _leave_behind(lane: LaneState, member: Member, kind: str) -> Member | None:
    """What the record had in Zoho stays in this lane, its source gone."""
    zoho = member.sides.pop(Side.ZOHO, None)
    if zoho is None or zoho.existence is Existence.ABSENT:
        return None
    if zoho.existence is Existence.GONE and (member is not lane.root or len(lane.members) == 1):
        return None  # others of a lane still need its root
    return Member(
        binding_id=-len(lane.members) - 100,
        entity=member.entity,
        kind=kind,
        state=BindingState.ACTIVE,
        sides={Side.ZOHO: zoho, Side.SALESFORCE: SideState(Side.SALESFORCE, existence=Existence.GONE)},
        how=LEFT_BEHIND,
    )
