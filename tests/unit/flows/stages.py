"""Single stages of a line, and what they left in SQL."""

from __future__ import annotations

from integration.canonical.values import Side
from integration.flows.reading import read_dirty
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.policy.state import LaneState, Member
from integration.ports.reports import OutboxRow
from tests.flows.line import Line

MOST_ROUNDS = 30


def lanes(line: Line) -> list[LaneState]:
    """All lanes as they are stored now."""
    with line.stores.reading(line.pair_id) as uow:
        return list(uow.lanes.load(uow.lanes.all_ids()).values())


def lane_of(line: Line, record_id: str) -> LaneState:
    """The lane a record belongs to."""
    return next(
        lane
        for lane in lanes(line)
        if any(state.record_id == record_id for m in lane.members for state in m.sides.values())
    )


def member_of(line: Line, record_id: str) -> Member:
    """The member that is this record on some side."""
    return next(
        m
        for lane in lanes(line)
        for m in lane.members
        if any(state.record_id == record_id for state in m.sides.values())
    )


def decide(line: Line) -> None:
    """Take in what the systems told, read what has to be read, decide; nothing is written yet."""
    line.listen()
    line.receive()
    think(line)


def think(line: Line) -> None:
    """Fold, read and decide what has arrived."""
    for _ in range(MOST_ROUNDS):
        if not transform(line.services) + read_dirty(line.services) + validate(line.services):
            return
    raise AssertionError("these stages keep each other busy")


def outbox(line: Line, *states: str) -> list[OutboxRow]:
    """Outbox rows of all lanes in those states (all, when none is named)."""
    with line.stores.reading(line.pair_id) as uow:
        rows = uow.reports.writes(uow.lanes.all_ids())
    return [row for row in rows if not states or row.state in states]


def planned(line: Line, side: Side) -> list[tuple[str, str]]:
    """Waiting rows of a side: operation and facet."""
    waiting = outbox(line, "waiting")
    return [(row.write.operation.value, row.write.facet) for row in waiting if row.write.side is side]
