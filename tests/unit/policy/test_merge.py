"""Three-way merge per field: which value both sides should hold, and who loses one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from integration.canonical.values import Side, Value
from integration.policy.merge import Decision, Ownership, merge
from integration.policy.state import Cell, Member
from tests.unit.policy.sample_lane import SALESFORCE, ZOHO, member, same, told_at


def decide(
    one: Member, owners: Mapping[str, str] | None = None, first: Side = SALESFORCE
) -> dict[str, Decision]:
    ownership = Ownership(lambda name: (owners or {}).get(name, "latest"), lambda _name: first)
    return {decision.name: decision for decision in merge(one, ownership, same)}


def differing(left: Value, right: Value, base: Value, *, left_at: int = 0, right_at: int = 0) -> Member:
    one = member({"name": left}, {"name": right}, base={"name": base})
    one.on(SALESFORCE).cells["name"].position = told_at(left_at)
    one.on(ZOHO).cells["name"].position = told_at(right_at)
    return one


def test_equal_values_are_agreed_on_and_move_the_base() -> None:
    one = member({"name": "New"}, {"name": "NEW"}, base={"name": "old"})
    assert decide(one)["name"] == Decision("name", "New", None, "agreed", agreed=True)
    assert one.base == {"name": "New"}


@pytest.mark.parametrize("form", [SALESFORCE, ZOHO])
def test_the_form_we_sent_to_a_side_is_as_good_as_the_one_it_answered(form: Side) -> None:
    one = member({"name": "x"}, {"name": "x"})
    one.on(form).cells["name"] = Cell("answered", sent="x", has_sent=True)
    assert decide(one)["name"].agreed


@pytest.mark.parametrize("side", Side)
def test_the_side_that_moved_wins_and_nobody_loses_anything(side: Side) -> None:
    one = differing("new", "old", "old") if side is SALESFORCE else differing("old", "new", "old")
    assert decide(one)["name"] == Decision("name", "new", side, "changed", lost="old")
    assert one.base == {"name": "old"}, "the base moves with a confirmed write, not with a decision"


@pytest.mark.parametrize(
    ("left_at", "right_at", "winner"),
    [(2, 1, SALESFORCE), (1, 2, ZOHO), (2, 2, SALESFORCE)],
    ids=["Salesforce later", "Zoho later", "the same second"],
)
def test_where_both_moved_the_later_wins_and_the_other_value_is_kept_as_lost(
    left_at: int, right_at: int, winner: Side
) -> None:
    one = differing("left", "right", "old", left_at=left_at, right_at=right_at)
    values = {SALESFORCE: "left", ZOHO: "right"}
    assert decide(one)["name"] == Decision(
        "name", values[winner], winner, "latest", lost=values[winner.other], conflict=True
    )


@pytest.mark.parametrize("owner", ["latest", "salesforce", "zoho"])
@pytest.mark.parametrize("side", Side)
def test_a3_a_late_effect_of_our_write_gives_way_and_is_told(side: Side, owner: str) -> None:
    """Whatever the base is: an answer of the other side may have moved it meanwhile."""
    one = differing("left", "right", "old", left_at=side is SALESFORCE, right_at=side is ZOHO)
    values = {SALESFORCE: "left", ZOHO: "right"}
    one.base["name"] = values[side.other]
    one.on(side).cells["name"].late_at = 1
    assert decide(one, {"name": owner})["name"] == Decision(
        "name", values[side.other], side.other, "late write", lost=values[side], conflict=True
    )


def test_a3_also_where_the_two_never_agreed() -> None:
    one = member({"name": "left"}, {"name": "right"}, base={})
    one.on(SALESFORCE).cells["name"].late_at = 1
    assert decide(one)["name"].value == "right"


def test_a3_two_late_effects_are_decided_like_two_changes() -> None:
    one = differing("left", "right", "old", right_at=2)
    for side in Side:
        one.on(side).cells["name"].late_at = 1
    assert decide(one)["name"].rule == "latest"


def test_a3_what_both_sides_agreed_on_since_is_no_conflict_when_it_changes() -> None:
    one = differing("new", "old", "old")
    one.on(ZOHO).cells["name"].late_at = 1
    assert not decide(one)["name"].conflict


@pytest.mark.parametrize("owner", Side)
def test_the_owner_wins_whatever_was_changed_when(owner: Side) -> None:
    one = differing("left", "right", "old", left_at=owner is ZOHO, right_at=owner is SALESFORCE)
    values = {SALESFORCE: "left", ZOHO: "right"}
    assert decide(one, {"name": owner.value})["name"] == Decision(
        "name", values[owner], owner, "owner", lost=values[owner.other], conflict=True
    )


def test_a_foreign_change_of_an_owned_field_is_undone_and_told() -> None:
    one = differing("old", "typed in Zoho", "old")
    decision = decide(one, {"name": "salesforce"})["name"]
    assert (decision.value, decision.winner, decision.lost, decision.conflict) == (
        "old",
        SALESFORCE,
        "typed in Zoho",
        True,
    )


def test_an_owners_own_change_is_no_conflict() -> None:
    assert not decide(differing("new", "old", "old"), {"name": "salesforce"})["name"].conflict


def test_only_the_owner_may_clear_a_field() -> None:
    cleared = differing(None, "value", "value")
    assert decide(cleared, {"name": "zoho"})["name"].value == "value"
    assert decide(cleared, {"name": "salesforce"})["name"].value is None
    assert decide(cleared)["name"] == Decision("name", None, SALESFORCE, "changed", lost="value")


@pytest.mark.parametrize("blank", [None, "", "  "])
@pytest.mark.parametrize("owner", ["latest", "salesforce", "zoho"])
@pytest.mark.parametrize("full", Side)
def test_at_first_contact_a_blank_never_covers_a_value(blank: Value, owner: str, full: Side) -> None:
    one = member(
        {"name": "x" if full is SALESFORCE else blank}, {"name": "x" if full is ZOHO else blank}, base={}
    )
    assert decide(one, {"name": owner})["name"] == Decision("name", "x", full, "not blank")


def test_at_first_contact_two_blanks_agree_only_when_they_are_equal() -> None:
    one = member({"name": None}, {"name": " "}, base={})
    assert decide(one)["name"].rule == "first contact"


@pytest.mark.parametrize(
    ("owner", "first", "winner"),
    [
        ("latest", ZOHO, ZOHO),
        ("latest", SALESFORCE, SALESFORCE),
        ("salesforce", ZOHO, SALESFORCE),
        ("zoho", SALESFORCE, ZOHO),
    ],
)
def test_at_first_contact_ownership_decides_and_the_losing_value_is_kept(
    owner: str, first: Side, winner: Side
) -> None:
    one = member({"name": "left"}, {"name": "right"}, base={})
    values = {SALESFORCE: "left", ZOHO: "right"}
    assert decide(one, {"name": owner}, first)["name"] == Decision(
        "name", values[winner], winner, "first contact", lost=values[winner.other], conflict=True
    )


def test_a_base_of_none_is_a_base() -> None:
    """Both sides agreed on blank once, so this is no first contact: the change wins over the blank."""
    assert decide(differing("new", None, None), {"name": "latest"})["name"].rule == "changed"


@pytest.mark.parametrize("side", Side)
def test_a_field_only_one_side_tells_of_comes_from_there(side: Side) -> None:
    one = member({"name": "x"} if side is SALESFORCE else {}, {"name": "x"} if side is ZOHO else {}, base={})
    assert decide(one) == {"name": Decision("name", "x", side, "only side")}
    assert one.base == {}


def test_an_override_stands_over_everything_even_over_agreement() -> None:
    one = member({"name": "same"}, {"name": "same"}, base={"name": "base"})
    one.overrides = {"name": "by a person"}
    assert decide(one, {"name": "salesforce"})["name"] == Decision("name", "by a person", None, "override")
    assert one.base == {"name": "base"}


def test_every_field_is_decided_once_salesforces_first() -> None:
    one = member({"a": 1, "b": 2}, {"b": 2, "c": 3}, base={})
    assert list(decide(one)) == ["a", "b", "c"]


def test_what_a_side_says_against_an_override_gives_way_and_is_kept() -> None:
    one = differing("typed", "by a person", "by a person")
    one.overrides = {"name": "by a person"}
    assert decide(one)["name"] == Decision(
        "name", "by a person", None, "override", lost="typed", conflict=True
    )


def test_a_field_neither_side_told_can_be_overridden() -> None:
    one = member({}, {})
    one.overrides = {"name": "by a person"}
    assert decide(one)["name"].value == "by a person"
