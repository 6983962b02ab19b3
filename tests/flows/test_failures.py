"""Failures as they run their course: tried again, waited for, held, given up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration.canonical.values import Side
from integration.errors import Fault, Gone, Rejected, Retryable, Throttled, Unauthorized
from integration.flows.cases import discard, replay
from integration.flows.sweep import lift_unauthorized
from integration.flows.transform import transform
from tests.flows.agreement import assert_agreement
from tests.flows.during import during
from tests.flows.line import Line
from tests.flows.people import joined


def edit(line: Line, account: str, city: str) -> None:
    line.salesforce.org.edit("Account", {"BillingCity": city}, account)


def test_a_passing_fault_is_tried_again_later(line: Line) -> None:
    account, customer = joined(line)
    line.zoho.calls.spoil(Retryable("zoho.server_error", "an error inside Zoho"), "write", times=3)
    edit(line, account, "York")
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert_agreement(line)


def test_tries_end_in_a_dead_letter_and_a_replay_mends_it(line: Line) -> None:
    account, customer = joined(line)
    line.change(most_attempts=4)
    line.forget_calls()
    line.zoho.calls.spoil(Retryable("zoho.server_error", "an error inside Zoho"), "write", times=4)
    edit(line, account, "York")
    line.settle()
    assert line.zoho.calls.writes == 4
    [letter] = line.dead_letters()
    assert (letter.stage, letter.code) == ("write", "zoho.server_error")
    assert "given up after 4 tries" in letter.text
    replay(line.services, letter.id, "ops")
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert line.dead_letters() == []


def test_a_discarded_dead_letter_is_closed_with_its_reason(line: Line) -> None:
    account, _ = joined(line)
    line.change(most_attempts=1)
    line.zoho.calls.spoil(Retryable("zoho.server_error", ""), "write")
    edit(line, account, "York")
    line.settle()
    [letter] = line.dead_letters()
    discard(line.services, letter.id, "ops", "closed for good")
    assert line.dead_letters() == []
    assert len(line.dead_letters("discarded")) == 1


def test_a_used_up_limit_is_waited_for_until_told(line: Line) -> None:
    account, customer = joined(line)
    line.zoho.calls.spoil(Throttled("zoho.minute_limit", seconds=120, scope="minute"), "write")
    edit(line, account, "York")
    began = line.clock.now_ms()
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert line.clock.now_ms() - began >= 120_000
    assert_agreement(line)


@pytest.mark.parametrize("passing", [False, True])
def test_a_refused_token_holds_its_side_until_it_is_mended(line: Line, passing: bool) -> None:
    account, customer = joined(line)
    line.zoho.calls.spoil(Unauthorized("zoho.token_refused"), "write")
    edit(line, account, "York")
    line.settle(deliver=True)
    held = line.reading(lambda uow: uow.pairs.state().held)
    assert held[Side.ZOHO].startswith("unauthorized:")
    assert not held[Side.SALESFORCE]
    assert "unauthorized.zoho" in line.alarms()
    if not passing:
        line.zoho.calls.spoil(Unauthorized("zoho.token_refused"), "read", "organization")
        assert lift_unauthorized(line.services) == []
    assert lift_unauthorized(line.services) == [Side.ZOHO]
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert_agreement(line)


def test_being_told_to_wait_is_no_try(line: Line) -> None:
    """However long a limit lasts, the first fault after it is not the last straw."""
    account, customer = joined(line)
    line.change(most_attempts=4)
    line.zoho.calls.spoil(Throttled("zoho.minute_limit", seconds=1, scope="minute"), "write", times=10)
    line.zoho.calls.spoil(Retryable("zoho.server_error", "an error inside Zoho"), "write")
    edit(line, account, "York")
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert not line.dead_letters() + line.dead_letters("superseded")


def test_a_record_said_to_be_gone_and_shown_all_the_same_is_not_written_to_for_ever(line: Line) -> None:
    account, _ = joined(line)
    line.forget_calls()
    line.zoho.calls.spoil(Gone("zoho.gone", "the record does not exist"), "write", times=50)
    edit(line, account, "York")
    line.settle()
    assert line.zoho.calls.writes == 4
    [letter] = line.dead_letters()
    assert letter.code == "zoho.gone"


def stopped_on_the_way(line: Line, fault: Fault, act: Callable[[], object]) -> None:
    """The next write to Zoho is not taken, and people act while it is on its way."""

    def meanwhile() -> None:
        act()
        line.listen()
        line.receive()
        transform(line.services)

    line.zoho.calls.spoil(fault, "write")
    during(line.zoho, "write", "contact", meanwhile)


NOT_TAKEN = [
    Throttled("zoho.minute_limit", seconds=30, scope="minute"),
    Retryable("zoho.server_error", "an error inside Zoho"),
]


@pytest.mark.parametrize("fault", NOT_TAKEN, ids=lambda fault: fault.code)
def test_what_was_changed_back_while_it_was_refused_is_not_sent_later(line: Line, fault: Fault) -> None:
    """A write that comes later must not bring back what nobody wants any more (rule A1)."""
    account, customer = joined(line)
    before = line.in_zoho(customer)["billing_address"].get("city", "")
    line.forget_calls()
    edit(line, account, "York")
    stopped_on_the_way(line, fault, lambda: edit(line, account, before))
    line.settle()
    assert line.zoho.calls.writes == 1, "the one that was refused"
    assert line.in_zoho(customer)["billing_address"].get("city", "") == before
    assert_agreement(line)


@pytest.mark.parametrize("fault", NOT_TAKEN, ids=lambda fault: fault.code)
def test_what_a_person_types_meanwhile_is_not_overwritten_by_what_was_refused(
    line: Line, fault: Fault
) -> None:
    """P3, also for the moment until the next write would have mended it."""
    account, customer = joined(line)
    line.forget_calls()
    edit(line, account, "York")
    line.clock.advance(3_000)
    stopped_on_the_way(
        line, fault, lambda: line.zoho.book.save({"billing_address": {"city": "Leeds"}}, customer)
    )
    line.settle()
    assert line.zoho.calls.writes == 1
    assert line.in_zoho(customer)["billing_address"]["city"] == "Leeds"
    assert line.in_salesforce("Account", account)["BillingCity"] == "Leeds"
    assert_agreement(line)


def test_a_record_reactivated_meanwhile_is_not_put_away_later(line: Line) -> None:
    account, customer = joined(line)
    line.forget_calls()
    line.salesforce.org.edit("Account", {"Is_Active__c": False}, account)
    stopped_on_the_way(
        line, NOT_TAKEN[0], lambda: line.salesforce.org.edit("Account", {"Is_Active__c": True}, account)
    )
    line.settle()
    assert line.zoho.calls.writes == 1
    assert line.in_zoho(customer)["status"] == "active"
    assert_agreement(line)


def test_what_is_still_wanted_keeps_its_turn_and_its_tries(line: Line) -> None:
    """Another field changed meanwhile goes along with it."""
    account, customer = joined(line)
    edit(line, account, "York")
    stopped_on_the_way(
        line,
        NOT_TAKEN[1],
        lambda: line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0009"}, account),
    )
    line.settle()
    told = line.in_zoho(customer)["billing_address"]
    assert (told["city"], told["phone"]) == ("York", "+44 20 7946 0009")
    assert_agreement(line)


def test_a_twin_of_a_refused_record_is_looked_at_ever_more_seldom(line: Line) -> None:
    """It waits for a person to mend the first, and makes no work until then."""
    line.zoho.calls.spoil(Rejected("zoho.15", "a value it does not take"), "write", "create")
    for _ in range(2):
        line.account(Phone="+44 20 7946 0001")
    for _ in range(60):
        line.listen()
        line.work()
        line.clock.advance(1_000)
    looked = 0
    for _ in range(600):
        looked += line.work()
        line.clock.advance(1_000)
    assert 5 <= looked <= 15, "about once a minute"
    [letter] = line.dead_letters()
    replay(line.services, letter.id, "ops")
    line.settle()
    assert len(line.customers) == 1
    assert [case.kind for case in line.exceptions()] == ["duplicate customer"]
