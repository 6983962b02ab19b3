"""Laws of the merge that hold for any two sides, whatever they hold."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from integration.canonical.event import Position
from integration.canonical.outcome import BindingState
from integration.canonical.values import Side, Value, is_blank
from integration.policy.merge import Decision, Ownership, merge
from integration.policy.state import Cell, Member

NAMES = ("city", "name", "phone")
VALUES = st.sampled_from([None, "", "Hull", "York", "Leeds"])
OWNERS = st.sampled_from(["latest", "salesforce", "zoho"])
TIMES = st.integers(0, 3)
CELLS = st.dictionaries(st.sampled_from(NAMES), st.tuples(VALUES, TIMES))
BASES = st.dictionaries(st.sampled_from(NAMES), VALUES)


def same(_name: str, left: Value, right: Value) -> bool:
    """Blanks are one, texts are plain."""
    return left == right or (is_blank(left) and is_blank(right))


def member(left: dict[str, tuple[Value, int]], right: dict[str, tuple[Value, int]], base: dict) -> Member:
    """A member that holds this on Salesforce and that in Zoho."""
    made = Member(1, "customer", "business", BindingState.ACTIVE, joined=True, base=dict(base))
    for side, cells in zip(Side, (left, right), strict=True):
        made.on(side).cells = {name: Cell(value, Position(at)) for name, (value, at) in cells.items()}
    return made


def decide(one: Member, owner: str, first: Side = Side.SALESFORCE) -> dict[str, Decision]:
    found = merge(one, Ownership(lambda _name: owner, lambda _name: first), same)
    return {decision.name: decision for decision in found}


@given(left=CELLS, right=CELLS, base=BASES, owner=OWNERS)
def test_deciding_again_decides_the_same(left: dict, right: dict, base: dict, owner: str) -> None:
    one = member(left, right, base)
    first, moved = decide(one, owner), copy.deepcopy(one.base)
    assert decide(one, owner) == first
    assert one.base == moved


@given(left=CELLS, right=CELLS, base=BASES, owner=OWNERS)
def test_the_base_moves_only_where_both_sides_agree(left: dict, right: dict, base: dict, owner: str) -> None:
    one = member(left, right, base)
    decisions = decide(one, owner)
    moved = {name for name in NAMES if one.base.get(name, "none") != base.get(name, "none")}
    assert moved <= {name for name, decision in decisions.items() if decision.agreed}


@given(left=CELLS, right=CELLS, base=BASES, owner=OWNERS)
def test_what_was_decided_is_agreed_once_both_sides_hold_it(
    left: dict, right: dict, base: dict, owner: str
) -> None:
    decided = {name: decision.value for name, decision in decide(member(left, right, base), owner).items()}
    held = {name: (value, 9) for name, value in decided.items()}
    again = decide(member(held, held, base), owner)
    assert all(decision.agreed for decision in again.values())
    assert {name: decision.value for name, decision in again.items()} == decided


@given(left=CELLS, right=CELLS, base=BASES)
def test_no_side_is_looked_at_first_where_times_differ(left: dict, right: dict, base: dict) -> None:
    """Two changes within one second are Salesforce's by rule, everything else is symmetrical."""
    later = {name: (value, at + 10) for name, (value, at) in right.items()}
    one, other = decide(member(left, later, base), "latest"), member(later, left, base)
    mirrored = decide(other, "latest", Side.ZOHO)
    assert one.keys() == mirrored.keys()
    for name, decision in one.items():
        assert same(name, decision.value, mirrored[name].value)
        assert decision.conflict == mirrored[name].conflict


@given(left=CELLS, right=CELLS, owner=OWNERS, first=st.sampled_from(Side))
def test_at_first_contact_no_blank_covers_a_value(left: dict, right: dict, owner: str, first: Side) -> None:
    for name, decision in decide(member(left, right, {}), owner, first).items():
        held = [cells[name][0] for cells in (left, right) if name in cells]
        if not all(is_blank(value) for value in held):
            assert not is_blank(decision.value)


@given(left=CELLS, right=CELLS, base=BASES, owner=st.sampled_from(Side))
def test_only_the_owner_clears(left: dict, right: dict, base: dict, owner: Side) -> None:
    owned = dict(zip(Side, (left, right), strict=True))[owner]
    for name, decision in decide(member(left, right, base), owner.value).items():
        cleared = is_blank(decision.value) and not is_blank(base.get(name))
        if cleared and name in left and name in right:
            assert is_blank(owned[name][0])


@given(left=CELLS, right=CELLS, base=BASES, owner=OWNERS)
def test_a_typed_value_that_gives_way_is_named(left: dict, right: dict, base: dict, owner: str) -> None:
    """Both sides have left the base: the value that loses is told as a conflict."""
    for name, decision in decide(member(left, right, base), owner).items():
        if name in left and name in right and name in base and not decision.agreed:
            values = [cells[name][0] for cells in (left, right)]
            if all(not same(name, value, base[name]) for value in values):
                assert decision.conflict
                assert {decision.value, decision.lost} == set(values)
