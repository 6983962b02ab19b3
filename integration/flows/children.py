"""The child records a whole parent record shows: new ones join the lane, missing ones are gone or must be
read.
"""

from __future__ import annotations

from collections.abc import Sequence

from integration.canonical.event import NativeRecord, Position
from integration.canonical.values import Side
from integration.flows.absorb import Absorbed, Absorber
from integration.policy.state import Existence, LaneState, Member


def absorb_family(
    absorber: Absorber, records: Sequence[NativeRecord], position: Position, *, is_read: bool
) -> list[Absorbed]:
    """Absorb a root record and the children it shows; children not shown any more are told by
    `missing_children`.

    A list of children older than the one known adds nobody: who is missing from the newer list was deleted
    meanwhile.
    """
    root, children = records[0], records[1:]
    lane = absorber.lane
    known_at = lane.root.on(root.side).children_at
    absorbed = [absorber.record(root, position, is_read=is_read)]
    for child in children:
        if position.at < known_at and lane.by_record(child.side, child.entity, child.record_id) is None:
            continue
        absorbed.append(absorber.record(child, position, is_read=is_read))
    return absorbed


def missing_children(lane: LaneState, records: Sequence[NativeRecord], position: Position) -> list[Member]:
    """Living children of the lane that a list not older than the known one does not show."""
    root = records[0]
    state = lane.root.on(root.side)
    if position.at < state.children_at:
        return []
    shown = {(r.entity, r.record_id) for r in records}
    return [
        m
        for m in lane.members
        if m is not lane.root
        and (child := m.sides.get(root.side)) is not None
        and child.existence is Existence.ALIVE
        and (child.entity, child.record_id) not in shown
    ]


def settle_children(lane: LaneState, records: Sequence[NativeRecord], position: Position) -> None:
    """Zoho shows all persons of a contact: who is missing was deleted. A Salesforce Contact may have
    moved: it is read.

    Within one second only a read tells what came last: nothing was folded since it began.
    """
    side = records[0].side
    root = lane.root.on(side)
    for member in missing_children(lane, records, position):
        child = member.on(side)
        if side is Side.SALESFORCE:
            child.dirty += 1
        elif position.at > child.image_at.at or (position.is_read and position.at == child.image_at.at):
            child.existence = Existence.GONE
        else:
            root.dirty += 1
    root.children_at = max(root.children_at, position.at)
