"""What a claimed and an answered write do to snapshot and base."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from integration.canonical.outcome import Operation
from integration.canonical.values import Side
from integration.policy.confirm import (
    BEFORE,
    KEPT_WRITES,
    LATE_SETTLES,
    begin_with,
    claim,
    confirm,
    doubt,
    unnote,
)
from integration.policy.state import Cell, Intent, Member
from tests.unit.policy.sample_lane import SALESFORCE, ZOHO, lane, member, same, stream, told_at, update


def test_a_claim_notes_what_may_be_written_before_it_is_sent() -> None:
    one = member({"name": "old"}, {"name": "old"})
    claim(lane(one), update({"name": "new", "phone": "1"}))
    assert one.on(ZOHO).cells["name"].written == ("new",)
    assert one.on(ZOHO).cells["phone"] == Cell(None, written=("1",))
    assert one.on(ZOHO).cells["name"].value == "old"
    assert one.on(SALESFORCE).cells["name"].written == ()


@pytest.mark.parametrize("side", Side)
def test_a5_what_salesforce_is_sent_is_in_doubt_from_the_claim_on(side: Side) -> None:
    one = member({"name": "old"}, {"name": "old"})
    claim(lane(one), update({"name": "new"}, side))
    assert one.on(side).cells["name"].own is (side is SALESFORCE)


def test_a5_a_claim_does_not_end_a_doubt_that_stands() -> None:
    one = member({}, {"name": "old"})
    one.on(ZOHO).cells["name"].own = True
    claim(lane(one), update({"name": "new"}))
    assert one.on(ZOHO).cells["name"].own


def test_a5_a_claim_notes_whether_it_is_the_first_since_the_last_read() -> None:
    one, again = member({"name": "old"}, {}), []
    for value in ("new", "newer"):
        claim(lane(one), update({"name": value}, SALESFORCE))
        again.append(one.on(SALESFORCE).cells["name"].again)
    assert again == [False, True]


@pytest.mark.parametrize(("at", "doubt"), [(900, False), (None, True)], ids=["with a time", "without"])
def test_a5_an_answer_ends_the_doubt_only_when_it_tells_a_time(at: int | None, doubt: bool) -> None:
    one = member({}, {"name": "old"})
    one.on(ZOHO).cells["name"].own = not doubt
    confirm(one, ZOHO, {"name": "new"}, {}, None if at is None else told_at(at), same)
    assert one.on(ZOHO).cells["name"].own is doubt


def test_a_claim_told_again_changes_nothing() -> None:
    one = member({"name": "old"}, {"name": "old"})
    one.intent = Intent(ZOHO, "001", 0)
    create = replace(update({"name": "new"}), operation=Operation.CREATE)
    claim(lane(one), create)
    assert one.intent.sent
    noted = deepcopy(one)
    claim(lane(one), create)
    assert one == noted


def test_a_claim_after_the_write_waited_again_is_another() -> None:
    one = member({"name": "old"}, {"name": "old"})
    write = update({"name": "new"}, SALESFORCE)
    claim(lane(one), write)
    assert not one.on(SALESFORCE).cells["name"].again
    unnote(lane(one), write)
    claim(lane(one), write)
    assert one.on(SALESFORCE).cells["name"].again


def test_children_of_a_create_are_noted_with_it() -> None:
    root, child = member({}, {}), member({}, {}, number=2, entity="person")
    claim(lane(root, child), update({"name": "a"}, children={2: {"name": "b"}, 9: {"name": "left the lane"}}))
    assert root.on(ZOHO).cells["name"].written == ("a",)
    assert child.on(ZOHO).cells["name"].written == ("b",)


def test_written_values_are_kept_newest_last_each_once_and_not_for_ever() -> None:
    one = member({}, {})
    for number in range(KEPT_WRITES + 3):
        claim(lane(one), update({"name": str(number)}))
    claim(lane(one), update({"name": "5"}))
    assert one.on(ZOHO).cells["name"].written == ("3", "4", "6", "7", "8", "9", "10", "5")


def test_an_answered_write_moves_base_and_snapshot() -> None:
    one = member({"name": "new"}, {"name": "old"}, base={"name": "old"})
    assert not confirm(one, ZOHO, {"name": "new"}, {}, told_at(900), same)
    cell = one.on(ZOHO).cells["name"]
    assert (cell.value, cell.sent, cell.has_sent, cell.position) == ("new", "new", True, told_at(900))
    assert one.base["name"] == "new"


def test_the_answered_form_is_kept_beside_the_sent_one() -> None:
    one = member({"name": "New"}, {"name": "old"})
    confirm(one, ZOHO, {"name": "New "}, {"name": "NEW"}, told_at(900), same)
    cell = one.on(ZOHO).cells["name"]
    assert (cell.value, cell.sent, one.base["name"]) == ("NEW", "New ", "New ")


def test_the_place_the_write_moved_a_value_from_is_kept_for_telling_what_it_covered() -> None:
    one = member({}, {"name": "old"})
    one.on(ZOHO).cells["name"].position = told_at(300)
    confirm(one, ZOHO, {"name": "new"}, {}, told_at(900), same)
    assert one.on(ZOHO).cells["name"].prior == told_at(300)


def test_an_answer_without_a_time_leaves_the_position_alone() -> None:
    one = member({"name": "old"}, {})
    one.on(SALESFORCE).cells["name"].position = stream(500, 5)
    assert not confirm(one, SALESFORCE, {"name": "new"}, {}, None, same)
    cell = one.on(SALESFORCE).cells["name"]
    assert (cell.value, cell.position, cell.prior) == ("new", stream(500, 5), told_at(0))


def test_a6_an_answer_older_than_what_an_event_told_does_not_move_the_snapshot_back() -> None:
    one = member({}, {"name": "person"})
    one.on(ZOHO).cells["name"].position = told_at(901)
    assert not confirm(one, ZOHO, {"name": "new"}, {}, told_at(900), same)
    cell = one.on(ZOHO).cells["name"]
    assert (cell.value, cell.position, cell.has_sent) == ("person", told_at(901), False)


def test_a12_the_base_moves_all_the_same() -> None:
    one = member({"name": "new"}, {"name": "person"}, base={"name": "old"})
    one.on(ZOHO).cells["name"].position = told_at(901)
    confirm(one, ZOHO, {"name": "new"}, {}, told_at(900), same)
    assert one.base["name"] == "new"


def doubted(late: tuple[str, ...], at: int, late_at: int = 0) -> Member:
    """Zoho says "first" since `at`, which may be the late effect of a write of ours."""
    one = member({"name": "second"}, {"name": "first"}, base={"name": "first"})
    one.on(ZOHO).cells["name"] = Cell(
        "first", told_at(at), written=("first", "second"), late=late, late_until=2_000, late_at=late_at
    )
    return one


@pytest.mark.parametrize(
    ("late", "late_at", "left", "taken"),
    [(("first", "first"), 0, ("first",), 901), ((), 901, (), 901), ((), 700, (), 0), ((), 0, (), 0)],
    ids=["came after our write", "was known as late", "an older one of it was", "a person's"],
)
def test_a3_what_stands_after_an_answered_write_may_be_late_as_well(
    late: tuple[str, ...], late_at: int, left: tuple[str, ...], taken: int
) -> None:
    one = doubted(late, 901, late_at)
    confirm(one, ZOHO, {"name": "second"}, {}, told_at(900), same)
    cell = one.on(ZOHO).cells["name"]
    assert (cell.value, cell.late, cell.late_at, one.base["name"]) == ("first", left, taken, "second")


def test_a3_an_answered_write_shown_by_a_later_event_accounts_for_nothing() -> None:
    one = doubted(("first",), 901)
    confirm(one, ZOHO, {"name": "first"}, {}, told_at(900), same)
    assert (one.on(ZOHO).cells["name"].late, one.on(ZOHO).cells["name"].late_at) == (("first",), 0)


def test_a3_in_the_same_second_as_a_value_in_doubt_our_write_stands_until_the_read() -> None:
    one = doubted(("first",), 900)
    assert confirm(one, ZOHO, {"name": "second"}, {}, told_at(900), same)
    assert one.on(ZOHO).cells["name"].value == "second", "the read tells whether the late one came after it"


def test_a3_but_not_where_what_stands_is_known_as_late() -> None:
    one = doubted((), 900, 900)
    assert confirm(one, ZOHO, {"name": "second"}, {}, told_at(900), same)
    assert one.on(ZOHO).cells["name"].value == "first"


def test_a3_what_was_known_as_late_when_the_write_was_claimed_lies_before_it() -> None:
    """Zoho's clock has whole seconds: else a person's value right behind our write would be the late one."""
    one = doubted((), 900, 900)
    claim(lane(one), update({"name": "second"}))
    assert one.on(ZOHO).cells["name"].late_at == BEFORE
    assert confirm(one, ZOHO, {"name": "second"}, {}, told_at(900), same)
    assert (one.on(ZOHO).cells["name"].value, one.on(ZOHO).cells["name"].late_at) == ("second", 0)


def test_a3_a_claim_makes_nothing_late() -> None:
    one = doubted(("first",), 900)
    claim(lane(one), update({"name": "second"}))
    assert one.on(ZOHO).cells["name"].late_at == 0


def test_a3_an_answered_write_ends_what_was_late() -> None:
    one = doubted((), 700, 700)
    confirm(one, ZOHO, {"name": "second"}, {}, told_at(900), same)
    assert one.on(ZOHO).cells["name"].late_at == 0


def test_a3_what_a_read_shows_of_an_unanswered_write_is_in_no_doubt() -> None:
    one = member({}, {"name": "new", "phone": "1"})
    doubt(one, ZOHO, {"name": "new", "phone": "2"}, 5_000, 60, same)
    assert one.on(ZOHO).cells["name"] == Cell("new")
    assert one.on(ZOHO).cells["phone"] == Cell("1", late=("2",), late_until=5_000 + LATE_SETTLES * 60)


def test_a3_every_attempt_is_in_doubt_for_itself() -> None:
    one = member({}, {"phone": "1"})
    for now in (5_000, 5_100):
        doubt(one, ZOHO, {"phone": "2"}, now, 60, same)
    assert one.on(ZOHO).cells["phone"].late == ("2", "2")


@pytest.mark.parametrize(("now", "late"), [(5_600, ("2", "3")), (5_601, ("3",))], ids=["stands", "is over"])
def test_a3_a_doubt_that_is_over_does_not_begin_again_with_the_next(now: int, late: tuple[str, ...]) -> None:
    one = member({}, {"phone": "1"})
    doubt(one, ZOHO, {"phone": "2"}, 5_600 - LATE_SETTLES * 60, 60, same)
    doubt(one, ZOHO, {"phone": "3"}, now, 60, same)
    assert one.on(ZOHO).cells["phone"].late == late


def test_a_write_and_another_value_in_the_same_second_ask_for_a_read() -> None:
    one = member({}, {"name": "person"}, base={"name": "old"})
    one.on(ZOHO).cells["name"].position = told_at(900)
    assert confirm(one, ZOHO, {"name": "new", "phone": "1"}, {}, told_at(900), same)
    assert one.on(ZOHO).cells["name"].value == "person"
    assert one.on(ZOHO).cells["phone"].value == "1", "the other fields of the write are confirmed"


def test_the_same_value_in_the_same_second_asks_for_nothing() -> None:
    one = member({}, {"name": "new"})
    one.on(ZOHO).cells["name"].position = told_at(900)
    assert not confirm(one, ZOHO, {"name": "new"}, {}, told_at(900), same)
    assert one.on(ZOHO).cells["name"].has_sent


def test_only_fields_of_the_write_are_confirmed() -> None:
    one = member({}, {"phone": "1"})
    confirm(one, ZOHO, {"name": "new"}, {"name": "new", "phone": "2"}, told_at(900), same)
    assert one.on(ZOHO).cells["phone"] == Cell("1")


def test_the_base_of_a_composed_field_waits_for_the_other_side() -> None:
    """Else that side's old value would look like a change and win."""
    one = member({"name": "old"}, {"name": "old"})
    confirm(one, ZOHO, {"name": "new", "phone": "1"}, {}, told_at(900), same, composed={"name"})
    assert one.base == {"name": "old", "phone": "1"}
    assert one.on(ZOHO).cells["name"].value == "new"


def test_what_a_new_record_was_given_by_its_system_is_the_base_it_begins_with() -> None:
    """So that the source, where somebody chose another value, counts as changed and wins."""
    one = member(
        {"is_active": False, "notes": " ", "city": "Hull"}, {"is_active": True, "notes": "a", "fax": "1"}
    )
    one.base = {}
    begin_with(one, ZOHO, ["is_active", "notes", "city", "fax"])
    assert one.base == {"is_active": True}


def test_nothing_agreed_on_before_is_changed_by_it() -> None:
    one = member({"is_active": False}, {"is_active": True}, base={"is_active": True})
    begin_with(one, ZOHO, ["is_active"])
    assert one.base == {"is_active": True}
