"""Who is the same customer: our own lanes first, one road for everybody, duplicates told (A14–A17, P2)."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import BindingState, Mode, Outcome
from integration.canonical.values import Side
from integration.errors import BadInput
from integration.flows import cases
from integration.flows.match import FRESH_MS
from integration.flows.transform import transform
from integration.flows.write import write
from integration.policy.state import Existence
from tests.flows.line import Line
from tests.unit.flows.stages import decide, lane_of, lanes, member_of, planned, think

SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
PHONE = "+44 20 7946 0018"


def in_salesforce(line: Line, name: str = "Harbour Mills Ltd", phone: str = PHONE) -> str:
    return line.account(name, Phone=phone)


def in_zoho(line: Line, name: str = "Harbour Mills Limited", phone: str = PHONE) -> str:
    return line.customer(name, billing_address={"phone": phone})


def kinds(line: Line) -> list[str]:
    return [case.kind for case in line.exceptions()]


# --------------------------------------------------------------------- A14


@pytest.mark.parametrize("first", Side)
def test_a14_the_partner_is_found_among_our_own_lanes_before_the_other_system_is_asked(
    line: Line, first: Side
) -> None:
    """Search indexes lag, the inbox does not."""
    makers = {SALESFORCE: in_salesforce, ZOHO: in_zoho}
    here = makers[first](line)
    decide(line)
    there = makers[first.other](line)
    decide(line)
    assert line.partner(here) == there
    member = member_of(line, here)
    assert (member.state, member.joined, member.intent) == (BindingState.ACTIVE, True, None)
    assert member.how == "matched: same name, same phone"
    assert len(lanes(line)) == 1
    assert line.salesforce.calls.count("find") + line.zoho.calls.count("find") == 0


def test_nothing_is_decided_about_a_candidate_that_has_to_be_read(line: Line) -> None:
    here = in_salesforce(line)
    decide(line)
    with line.stores.begin(line.pair_id) as uow:
        uow.lanes.dirty([member_of(line, here).binding_id], SALESFORCE)
    in_zoho(line)
    line.receive()
    transform(line.services)
    assert {lane.root.state for lane in lanes(line)} == {BindingState.PROVISIONAL}
    assert len(lanes(line)) == 2
    think(line)
    line.clock.advance(1_000)
    think(line)
    assert len(lanes(line)) == 1


def test_what_nobody_fits_is_looked_for_in_the_other_system_before_it_is_made(line: Line) -> None:
    here = in_salesforce(line)
    decide(line)
    assert planned(line, ZOHO) == [("find", "main")]
    intent = member_of(line, here).intent
    assert intent is not None
    assert (intent.side, intent.key, intent.sent) == (ZOHO, here, False)


def test_before_the_census_nothing_is_matched_and_nothing_made(unknown_line: Line) -> None:
    """What looks missing may only be unread."""
    line = unknown_line
    here = in_salesforce(line)
    decide(line)
    in_zoho(line)
    decide(line)
    assert planned(line, SALESFORCE) + planned(line, ZOHO) == []
    assert member_of(line, here).intent is None
    assert set(line.outcomes()) == {"waiting"}


# --------------------------------------------------------------------- A15


def test_a15_while_one_is_being_made_an_equal_one_of_the_same_side_waits(line: Line) -> None:
    first = in_salesforce(line)
    decide(line)
    second = in_salesforce(line)
    decide(line)
    assert planned(line, ZOHO) == [("find", "main")]
    line.settle()
    assert line.partner(first) != ""
    assert line.partner(second) == ""
    assert len(line.customers) == 1
    assert kinds(line) == ["duplicate customer"]


def test_a15_no_create_is_meant_for_a_record_a_person_is_asked_about(line: Line) -> None:
    """Having waited it held an intent: it must not be made behind the question, nor hold a third one up."""
    in_salesforce(line)
    decide(line)
    second = in_salesforce(line)
    line.settle()
    assert member_of(line, second).intent is None
    assert planned(line, ZOHO) == []


def test_a15_unlike_records_do_not_wait_for_each_other(line: Line) -> None:
    in_salesforce(line)
    in_salesforce(line, "Orchard Foods", "+44 20 7946 9999")
    decide(line)
    assert planned(line, ZOHO) == [("find", "main"), ("find", "main")]


# --------------------------------------------------------------------- A16


def test_a16_both_are_read_before_they_are_bound(line: Line) -> None:
    """What an event told may be over: a webhook is no read."""
    here, there = in_salesforce(line), in_zoho(line)
    line.listen()
    line.receive()
    transform(line.services)
    [lane] = lanes(line)
    assert (lane.root.state, lane.root.joined) == (BindingState.PROVISIONAL, False)
    assert [lane.root.on(side).dirty for side in Side] == [1, 1]
    think(line)
    assert line.partner(here) == there
    assert line.salesforce.calls.count("read") > 0
    assert line.zoho.calls.count("read") > 0


def test_a16_a_candidate_that_turns_out_to_be_gone_is_never_bound(line: Line) -> None:
    here, there = in_salesforce(line), in_zoho(line)
    line.zoho.book.delete(there)
    held = line.take_hooks()
    line.listen()
    line.receive(held[:1])
    think(line)
    member = member_of(line, here)
    assert (member.joined, member.on(ZOHO).existence) == (False, Existence.GONE)
    line.receive(held[1:])
    line.settle()
    assert not any(row.state is BindingState.ACTIVE and row.zoho_id == there for row in line.bindings())


def test_a16_a_read_that_is_not_fresh_is_repeated(line: Line) -> None:
    in_salesforce(line)
    decide(line)
    line.clock.advance(FRESH_MS + 1_000)
    in_zoho(line)
    line.receive()
    transform(line.services)
    [lane] = lanes(line)
    assert (lane.root.on(SALESFORCE).dirty, lane.root.joined) == (1, False)


# --------------------------------------------------------------------- A17


def test_a17_a_record_that_carries_our_key_is_joined_to_its_source_whatever_it_is_called(line: Line) -> None:
    here = in_salesforce(line)
    decide(line)
    copy = line.customer(
        "Quite another name", custom_fields=[{"api_name": "cf_salesforce_id", "value": here}]
    )
    decide(line)
    assert line.partner(here) == copy
    assert member_of(line, here).how == "matched: carries our key"


def test_a17_the_source_a_key_names_is_read_before_anything_is_decided(line: Line) -> None:
    source = in_salesforce(line)
    line.customer("Quite another name", custom_fields=[{"api_name": "cf_salesforce_id", "value": source}])
    line.receive()
    transform(line.services)
    assert lane_of(line, source).root.on(SALESFORCE).existence is Existence.UNKNOWN
    assert planned(line, SALESFORCE) == []
    line.settle()
    assert len(line.accounts) == 1


def test_a17_a_copy_whose_source_is_deleted_is_put_away_and_not_made_anew(line: Line) -> None:
    source = in_salesforce(line)
    line.salesforce.org.delete("Account", source)
    copy = line.customer(
        "Quite another name", custom_fields=[{"api_name": "cf_salesforce_id", "value": source}]
    )
    line.settle()
    assert line.in_zoho(copy)["status"] == "inactive"
    assert line.accounts == []


# --------------------------------------------------------------------- told


def test_a_record_that_fits_one_with_a_living_partner_is_a_duplicate_and_is_told(line: Line) -> None:
    in_salesforce(line)
    in_zoho(line)
    line.settle()
    second = in_salesforce(line)
    line.settle()
    [case] = line.exceptions()
    assert (case.kind, case.lane_id) == ("duplicate customer", lane_of(line, second).id)
    [suggestion] = case.suggestions
    assert suggestion["record_id"] == line.customers[0]["contact_id"]
    assert [e.outcome for e in line.events() if e.event.record_id == second] == [Outcome.EXCEPTION]
    assert len(line.customers) == 1


def test_two_records_that_fit_equally_well_are_for_a_person_to_choose(line: Line) -> None:
    in_zoho(line, "Harbour Mills")
    in_zoho(line, "Harbour Mills Limited")
    line.change(batch=50)
    in_salesforce(line)
    decide(line)
    assert set(kinds(line)) == {"ambiguous customer"}
    assert planned(line, SALESFORCE) + planned(line, ZOHO) == []


def test_a_case_is_told_once_however_often_it_is_decided(line: Line) -> None:
    in_salesforce(line)
    in_zoho(line)
    line.settle()
    second = in_salesforce(line)
    line.settle()
    line.salesforce.org.edit("Account", {"Fax": "7654321"}, second)
    line.settle()
    assert kinds(line) == ["duplicate customer"]


# --------------------------------------------------------------------- decided by a person


def duplicate(line: Line) -> tuple[str, int]:
    """A record told as a duplicate, with its case."""
    in_salesforce(line)
    in_zoho(line)
    line.settle()
    second = in_salesforce(line, "Harbour Mills")
    line.settle()
    [case] = line.exceptions()
    return second, case.id


def test_create_makes_a_record_of_its_own(line: Line) -> None:
    second, case = duplicate(line)
    cases.resolve(line.services, case, "Ann", create=True)
    line.settle()
    assert line.partner(second) != ""
    assert len(line.customers) == 2
    assert line.exceptions() == []


def test_ignore_leaves_it_alone_for_ever(line: Line) -> None:
    second, case = duplicate(line)
    cases.resolve(line.services, case, "Ann", ignore=True)
    line.salesforce.org.edit("Account", {"Fax": "7654321"}, second)
    line.settle()
    assert (line.partner(second), len(line.customers), line.exceptions()) == ("", 1, [])


def test_join_binds_to_the_record_named(line: Line) -> None:
    one, other = in_zoho(line, "Harbour Mills"), in_zoho(line, "Harbour Mills Limited")
    here = in_salesforce(line)
    line.settle()
    case = next(c for c in line.exceptions() if c.lane_id == lane_of(line, here).id)
    cases.resolve(line.services, case.id, "Ann", join=other)
    line.settle()
    assert line.partner(here) == other
    assert line.partner(one) == ""


def test_join_binds_to_a_record_nobody_suggested(line: Line) -> None:
    """A person knows more than names and numbers tell."""
    stranger = line.customer("Old trading name", billing_address={"phone": "+1 555 010 0000"})
    line.change(on_name_taken="exception")
    with line.stores.begin(line.pair_id) as uow:
        uow.pairs.set_mode(SALESFORCE, Mode.OFF, "test")
    one, other = in_zoho(line, "Harbour Mills"), in_zoho(line, "Harbour Mills Limited")
    here = in_salesforce(line)
    line.settle()
    case = next(c for c in line.exceptions() if c.lane_id == lane_of(line, here).id)
    cases.resolve(line.services, case.id, "Ann", join=stranger)
    line.settle()
    assert line.partner(here) == stranger
    assert {line.partner(one), line.partner(other)} == {""}
    assert len(line.customers) == 3


def test_join_with_a_record_nobody_knows_is_refused(line: Line) -> None:
    _, case = duplicate(line)
    with pytest.raises(BadInput, match=r"resolve\.unknown"):
        cases.resolve(line.services, case, "Ann", join="460000000000999")
    assert [c.id for c in line.exceptions()] == [case]


# --------------------------------------------------------------------- created by us


def test_the_news_of_our_own_create_that_overtakes_its_answer_is_ours(line: Line) -> None:
    here = in_salesforce(line)
    decide(line)
    write(line.services, ZOHO)
    think(line)
    line.zoho.calls.lose_answer("write", "create")
    write(line.services, ZOHO)
    decide(line)
    line.settle()
    [customer] = line.customers
    assert line.partner(here) == customer["contact_id"]
    assert len(line.accounts) == 1
    assert line.exceptions() == []


def test_a_create_that_was_lost_without_a_trace_is_sent_again_after_two_looks(line: Line) -> None:
    """Where no unique key protects: both negative look-ups lie after the settle time (A10)."""
    line.zoho.has_keys = False
    line.change(search_lag_ms=8_000)
    line.zoho.book.lag_ms = 8_000
    in_salesforce(line)
    line.zoho.calls.lose_request("write", "create")
    line.settle()
    looks = [call for call in line.zoho.calls.made if call.kind == "find" and call.what == "name"]
    assert (len(looks), len(line.customers)) == (3, 1)


def test_every_create_that_was_lost_without_a_trace_takes_two_looks(line: Line) -> None:
    """Looks after the first loss say nothing of the second."""
    line.zoho.has_keys = False
    line.change(search_lag_ms=8_000)
    line.zoho.book.lag_ms = 8_000
    in_salesforce(line)
    for _ in range(2):
        line.zoho.calls.lose_request("write", "create")
    line.settle()
    looks = [call for call in line.zoho.calls.made if call.kind == "find" and call.what == "name"]
    assert (len(looks), len(line.customers)) == (5, 1)


def test_with_a_unique_key_one_look_is_enough(line: Line) -> None:
    in_salesforce(line)
    line.zoho.calls.lose_request("write", "create")
    line.settle()
    looks = [call for call in line.zoho.calls.made if call.kind == "find" and call.what == "name"]
    assert (len(looks), len(line.customers)) == (2, 1)
