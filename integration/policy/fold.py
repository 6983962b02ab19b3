"""Fold what a side tells into its snapshot, field by field.

The rules are the product's promises P3 and P4; each can be named: stale (older than the field's position),
echo (equal to what we wrote), unsure (order cannot be known: read the record).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integration.canonical.event import Position
from integration.canonical.values import Side, Value, is_blank
from integration.policy.position import Order, compare, later
from integration.policy.state import Cell, Member, SideState, Write

Same = Callable[[str, Value, Value], bool]
"""Whether two values of a canonical field mean the same."""


COVERED = "our write replaced this value; both are kept"
"""Why an event ends as a conflict."""


@dataclass
class Folded:
    """What one event did to a snapshot; field names by what became of them.

    `covered`: older than a write of ours and never seen before it: a person's value that our write replaced.
    """

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    echoed: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    covered: list[str] = field(default_factory=list)
    unsure: bool = False

    @property
    def took_effect(self) -> bool:
        """Whether the snapshot holds something new."""
        return bool(self.changed)


def equals(same: Same, name: str, value: Value, cell: Cell) -> bool:
    """Equal to what the side holds, in the form it answered or in the form we sent."""
    held = cell.value
    if value.__class__ is held.__class__ and value == held:
        return True  # the same to any `Same`: most of what is compared
    return same(name, value, cell.value) or (cell.has_sent and same(name, value, cell.sent))


def fold_event(
    member: Member,
    side: Side,
    fields: Mapping[str, Value],
    position: Position,
    sending: Write | None,
    same: Same,
) -> Folded:
    """Fold an event; when the order of some field cannot be known nothing is changed and `unsure` is set."""
    state = member.on(side)
    for name, value in fields.items():
        confirms = _confirms(sending, member, side, name, value, same)
        if _unsure(state, name, value, position, same, confirms=confirms):
            return Folded(unsure=True)
    return _fold(member, side, fields, position, sending, same)


def fold_read(
    member: Member,
    side: Side,
    fields: Mapping[str, Value],
    position: Position,
    sending: Write | None,
    same: Same,
) -> Folded:
    """Fold a full read; `unsure` means: taken, but of a second that is not over (read once more)."""
    state = member.on(side)
    for cell in state.cells.values():
        cell.own = False
    again = any(_same_time_other_value(state, name, value, position, same) for name, value in fields.items())
    folded = _fold(member, side, fields, position, sending, same)
    folded.unsure = again
    return folded


def _unsure(
    state: SideState,
    name: str,
    value: Value,
    position: Position,
    same: Same,
    *,
    confirms: bool,
) -> bool:
    cell = state.cells.get(name)
    if cell is None or equals(same, name, value, cell):
        return False
    order = compare(position, cell.position)
    if order is Order.OLDER:
        return False
    # An answer that tells no time: a foreign value on a field we wrote may lie before it or after it. The
    # content of the write under way is no foreign value, but where we had written before it may be older.
    return order is Order.TIE or (cell.own and (cell.again or not confirms))


def _same_time_other_value(state: SideState, name: str, value: Value, position: Position, same: Same) -> bool:
    cell = state.cells.get(name)
    if cell is None or position.at != cell.position.at or equals(same, name, value, cell):
        return False
    # Salesforce numbers what it tells: what had arrived before the read began is older than it for certain.
    return state.side is Side.ZOHO or cell.position.arrival > position.arrival


def _fold(
    member: Member,
    side: Side,
    fields: Mapping[str, Value],
    position: Position,
    sending: Write | None,
    same: Same,
) -> Folded:
    state, folded = member.on(side), Folded()
    for name, value in fields.items():
        cell = state.cells.get(name)
        if cell is None:
            state.cells[name] = Cell(value, position)
            (folded.unchanged if is_blank(value) else folded.changed).append(name)
        elif compare(position, cell.position) is Order.OLDER:
            between = compare(position, cell.prior) is Order.NEWER and not equals(same, name, value, cell)
            (folded.covered if between and cell.prior.at else folded.stale).append(name)
        elif equals(same, name, value, cell):
            (folded.echoed if _is_ours(cell, name, value, position, same) else folded.unchanged).append(name)
            cell.position = later(position, cell.position)
        else:
            _take(member, side, name, value, position, sending, same, folded)
    return folded


def _is_ours(cell: Cell, name: str, value: Value, position: Position, same: Same) -> bool:
    """Whether an equal value tells of our own write: one told later than the answer that named a time is of
    another change, to fields nobody mapped.
    """
    if not cell.written or not same(name, value, cell.written[-1]):
        return False
    return cell.own or compare(position, cell.position) is not Order.NEWER


def _take(
    member: Member,
    side: Side,
    name: str,
    value: Value,
    position: Position,
    sending: Write | None,
    same: Same,
    folded: Folded,
) -> None:
    cell = member.on(side).cells[name]
    if sending is not None and _confirms(sending, member, side, name, value, same):
        if name not in sending.composed:
            member.base[name] = value
        folded.echoed.append(name)
        cell.late_at = 0
    else:
        account(cell, name, value, position, same)
        folded.changed.append(name)
    cell.value, cell.position = value, position
    cell.sent, cell.has_sent = None, False


def _confirms(sending: Write | None, member: Member, side: Side, name: str, value: Value, same: Same) -> bool:
    """The event shows the content of the write under way: it confirms that write, also when its answer is
    lost.
    """
    if sending is None or sending.side is not side:
        return False
    values = (
        sending.values
        if sending.binding_id == member.binding_id
        else sending.children.get(member.binding_id, {})
    )
    return name in values and same(name, value, values[name])


def is_regress(cell: Cell, name: str, value: Value, position: Position, same: Same) -> bool:
    """Equal to a write of ours that is unaccounted for, at a time at which it may still take effect: that
    write came late, not a person.
    """
    return position.at <= cell.late_until and any(same(name, value, old) for old in cell.late)


def account(cell: Cell, name: str, value: Value, position: Position, same: Same) -> None:
    """A value came to stand: a regress accounts for one attempt, what comes after the last is a person's."""
    cell.late_at = 0
    if not is_regress(cell, name, value, position, same):
        return
    place = next(i for i, old in enumerate(cell.late) if same(name, value, old))
    cell.late = cell.late[:place] + cell.late[place + 1 :]
    cell.late_at = position.at
