"""What a side tells, folded field by field: stale, echo, unsure, covered, changed (P3, P4)."""

from __future__ import annotations

import pytest

from integration.canonical.event import Position
from integration.canonical.values import Fields, Side
from integration.policy.fold import Folded, equals, fold_event, fold_read
from integration.policy.state import Cell, Member, Write
from tests.unit.policy.sample_lane import SALESFORCE, ZOHO, member, read_at, same, stream, told_at, update


def event(
    one: Member, fields: Fields, position: Position, side: Side = SALESFORCE, sending: Write | None = None
) -> Folded:
    return fold_event(one, side, fields, position, sending, same)


def read(
    one: Member, fields: Fields, position: Position, side: Side = SALESFORCE, sending: Write | None = None
) -> Folded:
    return fold_read(one, side, fields, position, sending, same)


def known(
    value: str = "old", position: Position | None = None, side: Side = SALESFORCE, **more: object
) -> Member:
    """A joined member with one cell on a side, agreed on."""
    one = member({"name": "old"}, {"name": "old"})
    one.on(side).cells["name"] = Cell(value, position or stream(500, 5), **more)  # type: ignore[arg-type]
    return one


def name(one: Member, side: Side = SALESFORCE) -> Cell:
    return one.on(side).cells["name"]


# --------------------------------------------------------------------- plain changes


def test_a_newer_value_is_a_change() -> None:
    one = known()
    folded = event(one, {"name": "new"}, stream(600, 6))
    assert folded == Folded(changed=["name"])
    assert folded.took_effect
    assert (name(one).value, name(one).position) == ("new", stream(600, 6))
    assert one.base["name"] == "old", "only confirmed writes and agreement move the base"


def test_a_field_never_told_before_is_a_change_unless_it_is_blank() -> None:
    one = member({}, {})
    folded = event(one, {"name": "new", "phone": None, "city": "  "}, stream(1, 1))
    assert folded == Folded(changed=["name"], unchanged=["phone", "city"])
    assert {n: c.value for n, c in one.on(SALESFORCE).cells.items()} == {
        "name": "new",
        "phone": None,
        "city": "  ",
    }


def test_an_older_value_is_stale_and_touches_nothing() -> None:
    """P3: never back to an older state."""
    one = known()
    folded = event(one, {"name": "older"}, stream(400, 4))
    assert folded == Folded(stale=["name"])
    assert not folded.took_effect
    assert (name(one).value, name(one).position) == ("old", stream(500, 5))


def test_an_older_event_with_the_value_known_is_stale_as_well() -> None:
    assert event(known(), {"name": "old"}, stream(400, 4)) == Folded(stale=["name"])


def test_the_same_value_told_later_moves_only_the_position() -> None:
    one = known()
    assert event(one, {"name": "OLD"}, stream(600, 6)) == Folded(unchanged=["name"])
    assert (name(one).value, name(one).position) == ("old", stream(600, 6))


def test_fields_of_one_event_are_judged_each_for_itself() -> None:
    """Echo is decided per field: any other field of the same event is a normal change."""
    one = member({}, {})
    state = one.on(SALESFORCE)
    state.cells = {
        "name": Cell("ours", stream(500, 5), written=("ours",), own=True),
        "phone": Cell("1", stream(900, 9)),
        "city": Cell("Hull", stream(500, 5)),
        "notes": Cell("a", stream(500, 5)),
    }
    folded = event(one, {"name": "ours", "phone": "0", "city": "hull", "notes": "b"}, stream(600, 6))
    assert folded == Folded(echoed=["name"], stale=["phone"], unchanged=["city"], changed=["notes"])


# --------------------------------------------------------------------- echo


def test_a2_an_echo_is_no_change_but_moves_the_snapshot() -> None:
    one = known("ours", written=("ours",), own=True)
    folded = event(one, {"name": "ours"}, stream(700, 7))
    assert folded == Folded(echoed=["name"])
    assert not folded.took_effect
    assert name(one).position == stream(700, 7)


@pytest.mark.parametrize(("at", "is_echo"), [(5_000, True), (6_000, False)])
def test_what_is_told_later_than_a_timed_answer_is_of_another_change(at: int, is_echo: bool) -> None:
    """Zoho tells whole records and answers with the time: a change of something unmapped is no echo."""
    one = known("ours", Position(5_000), Side.ZOHO, written=("ours",))
    folded = event(one, {"name": "ours"}, Position(at), Side.ZOHO)
    assert folded == (Folded(echoed=["name"]) if is_echo else Folded(unchanged=["name"]))


@pytest.mark.parametrize("told", ["Sent", "Answered"])
def test_a_value_is_equal_in_the_form_sent_and_in_the_form_answered(told: str) -> None:
    one = known("Answered", sent="Sent", has_sent=True, written=("Sent",))
    assert event(one, {"name": told}, stream(700, 7)).changed == []
    assert equals(same, "name", told, name(one))


def test_without_a_sent_form_only_the_value_itself_is_equal() -> None:
    cell = Cell("a", sent="b", has_sent=False)
    assert equals(same, "name", "a", cell)
    assert not equals(same, "name", "b", cell)
    assert not equals(same, "name", None, cell)


def test_a_sent_blank_counts_as_a_form() -> None:
    assert equals(same, "name", None, Cell("-", sent=None, has_sent=True))


def test_a_persons_change_forgets_the_form_we_sent() -> None:
    one = known("Answered", sent="Sent", has_sent=True, written=("Sent",), side=ZOHO, position=told_at(500))
    assert event(one, {"name": "person"}, told_at(600), ZOHO) == Folded(changed=["name"])
    assert (name(one, ZOHO).sent, name(one, ZOHO).has_sent) == (None, False)


def test_a_value_equal_to_a_write_before_the_last_is_no_echo() -> None:
    one = known("second", written=("first", "second"))
    assert event(one, {"name": "first"}, stream(700, 7)) == Folded(changed=["name"])


def test_an_event_confirms_the_write_under_way_and_moves_the_base() -> None:
    """An answer that is lost is made up for by the event that shows its content."""
    one = known("old", side=ZOHO, position=told_at(500))
    folded = event(one, {"name": "ours"}, told_at(600), ZOHO, sending=update({"name": "ours"}))
    assert folded == Folded(echoed=["name"])
    assert (name(one, ZOHO).value, one.base["name"]) == ("ours", "ours")


@pytest.mark.parametrize(
    "sending",
    [
        update({"name": "ours"}, SALESFORCE),
        update({"name": "ours"}, binding_id=2),
        update({"phone": "ours"}),
        update({"name": "something else"}),
    ],
    ids=["of the other side", "of another member", "of another field", "of another value"],
)
def test_no_other_write_is_confirmed_by_it(sending: Write) -> None:
    one = known("old", side=ZOHO, position=told_at(500))
    assert event(one, {"name": "ours"}, told_at(600), ZOHO, sending=sending) == Folded(changed=["name"])
    assert one.base["name"] == "old"


def test_a_child_made_with_its_parent_is_confirmed_by_the_same_write() -> None:
    child = known("old", side=ZOHO, position=told_at(500))
    child.binding_id = 2
    create = update({"name": "parent"}, children={2: {"name": "ours"}})
    assert event(child, {"name": "ours"}, told_at(600), ZOHO, sending=create) == Folded(echoed=["name"])


# --------------------------------------------------------------------- regress


def test_a3_a_value_of_a_write_that_is_unaccounted_for_is_a_regress() -> None:
    one = known("second", written=("first", "second"), late=("first",), late_until=stream(700, 7).at)
    assert event(one, {"name": "first"}, stream(700, 7)) == Folded(changed=["name"])
    assert (name(one).value, name(one).late_at) == ("first", 700)


def test_a3_it_accounts_for_one_attempt_and_then_the_value_is_a_persons_change() -> None:
    one = known("second", late=("first", "other", "first"), late_until=stream(900, 9).at)
    marks = []
    for arrival, told in enumerate(("first", "second", "first", "second", "first"), 6):
        event(one, {"name": told}, stream(100 * arrival, arrival))
        marks.append(name(one).late_at)
    assert marks == [600, 0, 800, 0, 0]
    assert name(one).late == ("other",)


def test_a3_what_ended_a_regress_is_none() -> None:
    one = known("first", late_at=500)
    event(one, {"name": "ours"}, stream(700, 7), sending=update({"name": "ours"}, SALESFORCE))
    assert name(one).late_at == 0


def test_a3_the_same_value_once_more_accounts_for_nothing() -> None:
    """Another field was changed: what stands is no news."""
    one = known("first", late=("first",), late_until=stream(900, 9).at)
    event(one, {"name": "first"}, stream(700, 7))
    assert (name(one).late, name(one).late_at) == (("first",), 0)


@pytest.mark.parametrize(
    ("told", "position"),
    [("person", stream(700, 7)), ("second of three", stream(700, 7)), ("first", stream(701, 8))],
    ids=["another value", "a write that was answered", "too late to be ours"],
)
def test_a3_else_it_is_a_persons_change(told: str, position: Position) -> None:
    written = ("first", "second of three", "third")
    one = known("third", written=written, late=("first",), late_until=stream(700, 7).at)
    event(one, {"name": told}, position)
    assert (name(one).late, name(one).late_at) == (("first",), 0)


# --------------------------------------------------------------------- unsure


def test_a5_on_salesforce_a_foreign_value_on_a_field_we_wrote_is_read_first() -> None:
    one = known("ours", own=True, written=("ours",))
    folded = event(one, {"name": "person", "phone": "1"}, stream(700, 7))
    assert folded == Folded(unsure=True)
    assert name(one).value == "ours"
    assert "phone" not in one.on(SALESFORCE).cells, "nothing of the event is taken"


@pytest.mark.parametrize(("again", "unsure"), [(True, True), (False, False)], ids=["again", "first"])
def test_a5_what_the_write_under_way_says_may_be_older_where_we_had_written_before(
    again: bool, unsure: bool
) -> None:
    """An echo of an earlier write with that value, or a person's value which an earlier write covered."""
    one = known("covering", own=True, again=again, written=("covering", "ours"))
    told = event(one, {"name": "ours"}, stream(700, 7), sending=update({"name": "ours"}, SALESFORCE))
    assert told.unsure is unsure


@pytest.mark.parametrize(
    ("told", "position"),
    [("ours", stream(700, 7)), ("person", stream(400, 4))],
    ids=["our own value", "older"],
)
def test_a5_what_cannot_be_foreign_needs_no_read(told: str, position: Position) -> None:
    assert not event(known("ours", own=True, written=("ours",)), {"name": told}, position).unsure


def test_a5_the_content_of_the_write_under_way_is_no_foreign_value() -> None:
    one = known("first", own=True, written=("first", "second"))
    folded = event(one, {"name": "second"}, stream(700, 7), sending=update({"name": "second"}, SALESFORCE))
    assert folded == Folded(echoed=["name"])


def test_a5_after_a_full_read_a_later_value_is_a_change_without_another_read() -> None:
    one = known("ours", own=True, written=("ours",))
    read(one, {"name": "ours"}, read_at(600, 6))
    assert not name(one).own
    assert event(one, {"name": "person"}, stream(700, 7)) == Folded(changed=["name"])


@pytest.mark.parametrize("side", Side)
def test_a5_it_is_the_answer_without_a_time_that_makes_the_doubt(side: Side) -> None:
    written = known("ours", told_at(500), side, own=True, written=("ours",))
    timed = known("ours", told_at(500), side, own=False, written=("ours",))
    assert event(written, {"name": "person"}, told_at(600), side) == Folded(unsure=True)
    assert event(timed, {"name": "person"}, told_at(600), side) == Folded(changed=["name"])


def test_another_value_at_the_very_time_known_is_unsure() -> None:
    one = known("old", told_at(500), ZOHO)
    assert event(one, {"name": "new"}, told_at(500), ZOHO) == Folded(unsure=True)
    assert name(one, ZOHO).value == "old"


def test_the_same_value_at_the_very_time_known_is_not() -> None:
    assert event(known("old", told_at(500), ZOHO), {"name": "old"}, told_at(500), ZOHO) == Folded(
        unchanged=["name"]
    )


# --------------------------------------------------------------------- covered


def test_a_persons_value_from_between_our_write_and_what_it_replaced_was_covered() -> None:
    one = known("ours", told_at(500), ZOHO, prior=told_at(300), written=("ours",))
    assert event(one, {"name": "person"}, told_at(400), ZOHO) == Folded(covered=["name"])
    assert name(one, ZOHO).value == "ours"


@pytest.mark.parametrize(
    ("told", "at", "prior"),
    [("person", 300, 300), ("person", 200, 300), ("ours", 400, 300), ("person", 400, 0)],
    ids=["at the place replaced", "before it", "our own value", "we never wrote it"],
)
def test_everything_else_that_is_older_is_stale(told: str, at: int, prior: int) -> None:
    one = known("ours", told_at(500), ZOHO, prior=told_at(prior), written=("ours",))
    assert event(one, {"name": told}, told_at(at), ZOHO) == Folded(stale=["name"])


# --------------------------------------------------------------------- full reads


def test_a_read_takes_a_foreign_value_on_a_field_we_wrote() -> None:
    one = known("ours", own=True, written=("ours",))
    assert read(one, {"name": "person"}, read_at(600, 5)) == Folded(changed=["name"])
    assert (name(one).value, name(one).own) == ("person", False)


def test_a_read_clears_the_doubt_of_fields_it_did_not_show_as_well() -> None:
    one = known("ours", own=True)
    one.on(SALESFORCE).cells["phone"] = Cell("1", own=True)
    read(one, {"name": "ours"}, read_at(600, 5))
    assert not one.on(SALESFORCE).cells["phone"].own


def test_a_composed_value_under_way_does_not_move_the_base_when_it_is_seen() -> None:
    one = known("old", side=ZOHO, position=told_at(500))
    sending = update({"name": "ours"}, composed=("name",))
    assert event(one, {"name": "ours"}, told_at(600), ZOHO, sending=sending) == Folded(echoed=["name"])
    assert one.base["name"] == "old"


def test_a13_a_zoho_read_of_the_very_time_known_with_another_value_is_taken_and_read_once_more() -> None:
    one = known("old", told_at(500), ZOHO)
    folded = read(one, {"name": "new"}, told_at(500), ZOHO)
    assert folded == Folded(changed=["name"], unsure=True)
    assert name(one, ZOHO).value == "new"


@pytest.mark.parametrize(("told", "at"), [("old", 500), ("new", 501)], ids=["same value", "later"])
def test_a13_any_other_zoho_read_is_final(told: str, at: int) -> None:
    assert not read(known("old", told_at(500), ZOHO), {"name": told}, told_at(at), ZOHO).unsure


def test_a13_on_salesforce_what_had_arrived_before_the_read_is_older_than_it() -> None:
    one = known("old", stream(500, 5))
    assert read(one, {"name": "new"}, read_at(500, 5)) == Folded(changed=["name"])


def test_a13_what_arrived_after_the_read_began_with_its_very_time_asks_for_another() -> None:
    one = known("event", stream(500, 6))
    assert read(one, {"name": "read"}, read_at(500, 5)) == Folded(changed=["name"], unsure=True)


def test_a_read_older_than_an_event_does_not_move_the_snapshot_back() -> None:
    one = known("event", stream(700, 7))
    assert read(one, {"name": "read"}, read_at(600, 6)) == Folded(stale=["name"])
    assert name(one).value == "event"


def test_a_read_confirms_the_write_under_way() -> None:
    """How a lost answer is settled: the target is read while the row still counts as sending."""
    one = known("old", told_at(500), ZOHO)
    folded = read(one, {"name": "ours"}, told_at(600), ZOHO, sending=update({"name": "ours"}))
    assert folded == Folded(echoed=["name"])
    assert one.base["name"] == "ours"
