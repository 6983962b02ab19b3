"""Three-way merge per field: which value both sides should hold, and who loses one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integration.canonical.values import Side, Value, is_blank
from integration.policy.fold import Same, equals
from integration.policy.state import Cell, Member

LATE = "late write"
"""The rule by which a value gives way that is taken for a write of ours which came late. It is told as a
conflict: a person may have typed it.
"""
Owner = Callable[[str], str]
"""Owner of a canonical field: "salesforce", "zoho" or "latest"."""


@dataclass(frozen=True)
class Decision:
    """What one field should be on both sides, where that value comes from and by which rule.

    `lost` is the value that gives way, when a person typed one (or it stood there before the two were
    joined).
    """

    name: str
    value: Value
    winner: Side | None
    rule: str
    lost: Value = None
    conflict: bool = False
    agreed: bool = False


@dataclass(frozen=True)
class Ownership:
    """Who may say what a field is; `first` decides between two values that never agreed and nobody owns."""

    owner: Owner
    first: Callable[[str], Side]


def merge(member: Member, ownership: Ownership, same: Same) -> list[Decision]:
    """Decide every field that some side holds or a person corrected; agreed fields move the base."""
    left, right = member.on(Side.SALESFORCE).cells, member.on(Side.ZOHO).cells
    decisions = []
    for name in dict.fromkeys((*left, *right, *member.overrides)):
        decision = _decide(member, name, left.get(name), right.get(name), ownership, same)
        if decision.agreed:
            member.base[name] = decision.value
        decisions.append(decision)
    return decisions


def _decide(
    member: Member, name: str, left: Cell | None, right: Cell | None, ownership: Ownership, same: Same
) -> Decision:
    if name in member.overrides:
        return _overridden(member, name, left, right, same)
    if left is None or right is None:
        only = Side.SALESFORCE if left is not None else Side.ZOHO
        cell = left or right
        return Decision(name, cell.value if cell else None, only, "only side")
    if equals(same, name, left.value, right) or equals(same, name, right.value, left):
        return Decision(name, left.value, None, "agreed", agreed=True)
    return _differing(member, name, left, right, ownership, same)


def _overridden(member: Member, name: str, left: Cell | None, right: Cell | None, same: Same) -> Decision:
    """A correction stands over both sides; what one of them came to say since they last agreed gives way."""
    value, cells = member.overrides[name], [cell for cell in (left, right) if cell is not None]
    against = [cell.value for cell in cells if not equals(same, name, value, cell)]
    if len(cells) == 2 and not against:
        return Decision(name, value, None, "override", agreed=True)
    agree = left is not None and right is not None and equals(same, name, left.value, right)
    base = member.base.get(name)
    lost = [said for said in against if name in member.base and not agree and not same(name, said, base)]
    return Decision(name, value, None, "override", lost=lost[0] if lost else None, conflict=bool(lost))


def _differing(
    member: Member, name: str, left: Cell, right: Cell, ownership: Ownership, same: Same
) -> Decision:
    owner = ownership.owner(name)
    cells = {Side.SALESFORCE: left, Side.ZOHO: right}
    late = [side for side, cell in cells.items() if cell.late_at]
    if name not in member.base and len(late) != 1:
        return _first_contact(name, cells, owner, ownership)
    base = member.base.get(name)
    moved = {side: not same(name, cell.value, base) for side, cell in cells.items()}
    if len(late) == 1:
        winner, rule = late[0].other, LATE
    elif owner != "latest":
        winner, rule = Side(owner), "owner"
    elif moved[Side.SALESFORCE] != moved[Side.ZOHO]:
        winner, rule = (Side.SALESFORCE if moved[Side.SALESFORCE] else Side.ZOHO), "changed"
    else:
        winner, rule = (Side.ZOHO if right.position.at > left.position.at else Side.SALESFORCE), "latest"
    loser = cells[winner.other]
    return Decision(name, cells[winner].value, winner, rule, lost=loser.value, conflict=moved[winner.other])


def _first_contact(name: str, cells: dict[Side, Cell], owner: str, ownership: Ownership) -> Decision:
    """Two values that never agreed: a blank never covers a value, then ownership decides; the loser is
    kept in the audit.
    """
    blank = {side: is_blank(cell.value) for side, cell in cells.items()}
    if blank[Side.SALESFORCE] != blank[Side.ZOHO]:
        winner = Side.ZOHO if blank[Side.SALESFORCE] else Side.SALESFORCE
        return Decision(name, cells[winner].value, winner, "not blank")
    winner = Side(owner) if owner != "latest" else ownership.first(name)
    return Decision(
        name, cells[winner].value, winner, "first contact", lost=cells[winner.other].value, conflict=True
    )
