"""What an answered, an unanswered and a claimed write do to the snapshot and the base."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from integration.canonical.event import Position
from integration.canonical.outcome import Operation
from integration.canonical.values import Fields, Side, Value, is_blank
from integration.policy.fold import Same, account, equals, is_regress
from integration.policy.state import Cell, LaneState, Member, Write

KEPT_WRITES = 8
"""How many written values of a field are remembered: more than a lane can have in doubt at once."""
BEFORE = 1
"""`late_at` of what was known as late when a write was claimed: it came before whatever that write does."""
LATE_SETTLES = 10
"""For how many settle times an unanswered write that is not there yet is expected to come late. Longer, and a
person who types the same value by chance would be taken for it.
"""


def claim(lane: LaneState, write: Write) -> None:
    """What a worker took to send counts as written from now on: the answer may never come.

    A row that is under way tells it to everyone who loads its lane; noted once, it changes nothing more.
    """
    maker = lane.member(write.binding_id)
    if maker is not None:
        if maker.noted == write.id:
            return
        maker.noted = write.id
    for binding_id, values in _carried(write).items():
        member = lane.member(binding_id)
        if member is not None:
            _remember(member, write.side, values)
    if maker is not None and maker.intent is not None and write.operation is Operation.CREATE:
        maker.intent.sent = True


def unnote(lane: LaneState, write: Write) -> None:
    """A write waits again: its next claim is another."""
    maker = lane.member(write.binding_id)
    if maker is not None:
        maker.noted = 0


def _carried(write: Write) -> dict[int, Fields]:
    return {write.binding_id: write.values, **write.children}


def _remember(member: Member, side: Side, values: Mapping[str, Value]) -> None:
    state = member.on(side)
    for name, value in values.items():
        cell = state.cells.get(name)
        if cell is None:
            cell = state.cells[name] = Cell(None)
        cell.written = (*(v for v in cell.written if v != value), value)[-KEPT_WRITES:]
        cell.again, cell.own = cell.own, cell.own or side is Side.SALESFORCE
        cell.late_at = min(cell.late_at, BEFORE)


def confirm(
    member: Member,
    side: Side,
    values: Mapping[str, Value],
    answered: Mapping[str, Value],
    position: Position | None,
    same: Same,
    composed: Collection[str] = (),
) -> bool:
    """An answered write: the base moves (A12), the snapshot too unless an event already told something later
    (A6).

    The base of a `composed` field stays until the other side holds the value too: else that side's old value
    would look like a change.

    `answered` is what the target showed in its answer (empty when it shows nothing), `position` the time it
    named. Returns True when the record must be read: a write and another value stand in the same second.
    """
    read_again = False
    state = member.on(side)
    for name, value in values.items():
        cell = state.cells.setdefault(name, Cell(None))
        if name not in composed:
            member.base[name] = value
        shown = answered.get(name, value)
        if position is not None and _later_known(cell, position):
            if not same(name, cell.value, shown) and cell.late_at < position.at:
                account(cell, name, cell.value, cell.position, same)
            continue
        if position is not None and position.at == cell.position.at and not same(name, cell.value, shown):
            read_again = True
            if not _is_covered(cell, name, position, same):
                continue
        cell.value, cell.sent, cell.has_sent, cell.late_at = shown, value, True, 0
        if position is not None:
            cell.prior, cell.position, cell.own = cell.position, position, False
        else:
            # The answer names no time (Salesforce; persons and status calls in Zoho): what is told next may
            # have been true before this write.
            cell.own = True
    return read_again


def doubt(
    member: Member, side: Side, values: Mapping[str, Value], now: int, settle_ms: int, same: Same
) -> None:
    """A read after the settle time shows which values of an unanswered write are there; the others may still
    come: a request can outlive the settle time. `now` in milliseconds.
    """
    for name, value in values.items():
        cell = member.on(side).cells.get(name)
        if cell is None or equals(same, name, value, cell):
            continue
        standing = cell.late if cell.late_until >= now else ()
        cell.late = (*standing, value)[-KEPT_WRITES:]
        cell.late_until = now + LATE_SETTLES * settle_ms


def begin_with(member: Member, side: Side, names: Collection[str]) -> None:
    """A record we made holds what its system gives by itself where a create cannot say it: nobody chose
    that.
    """
    here, there = member.on(side).cells, member.on(side.other).cells
    for name in names:
        if name not in member.base and name in here and name in there and not is_blank(there[name].value):
            member.base[name] = here[name].value


def _is_covered(cell: Cell, name: str, position: Position, same: Same) -> bool:
    """Whether an answered write stands, until the read, over a value of the same second that is no person's:
    one that was known as late before the write, or one in doubt, which the read shows if it came after.
    """
    if cell.late_at:
        return cell.late_at < position.at
    return is_regress(cell, name, cell.value, cell.position, same)


def _later_known(cell: Cell, position: Position) -> bool:
    return position.at < cell.position.at
