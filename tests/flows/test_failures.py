"""Failures as they run their course: tried again, waited for, held, given up."""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from integration.errors import Gone, Retryable, Throttled, Unauthorized
from integration.flows.cases import discard, replay
from integration.flows.sweep import lift_unauthorized
from tests.flows.agreement import assert_agreement
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
