"""Requests that outlive the settle time and take effect when nobody expects them any more (rule A3)."""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.flows.write import recover, write
from integration.policy.confirm import LATE_SETTLES
from tests.flows.agreement import assert_agreement
from tests.flows.line import SETTLE_MS, Line
from tests.flows.people import joined

TAKEN_BACK, TYPED = "01482 111", "01482 222"


def lose_a_write(line: Line, account: str) -> None:
    """A person types a number and takes it back; the write of it is lost, and looked for in vain."""
    line.salesforce.org.edit("Account", {"Phone": TYPED}, account)
    line.listen()
    transform(line.services)
    validate(line.services)
    line.zoho.calls.lose_request("write", "contact")
    write(line.services, Side.ZOHO)
    line.salesforce.org.edit("Account", {"Phone": TAKEN_BACK}, account)
    line.listen()
    line.clock.advance(SETTLE_MS + 1_000)
    assert recover(line.services, Side.ZOHO) == 1
    line.settle()


def type_in_zoho(line: Line, customer: str, number: str) -> None:
    line.zoho.book.save({"billing_address": {"phone": number}}, customer)
    line.settle()


def number_in_zoho(line: Line, customer: str) -> str:
    return str(line.in_zoho(customer)["billing_address"]["phone"])


@pytest.fixture
def known(line: Line) -> tuple[str, str]:
    account, customer = joined(line)
    line.salesforce.org.edit("Account", {"Phone": TAKEN_BACK}, account)
    line.settle()
    return account, customer


def test_a_write_that_comes_late_does_not_undo_what_a_person_took_back(
    line: Line, known: tuple[str, str]
) -> None:
    account, customer = known
    lose_a_write(line, account)
    type_in_zoho(line, customer, TYPED)
    assert line.in_salesforce("Account", account)["Phone"] == TAKEN_BACK
    assert number_in_zoho(line, customer) == TAKEN_BACK
    assert_agreement(line)


def test_after_that_the_same_value_is_a_persons_change(line: Line, known: tuple[str, str]) -> None:
    account, customer = known
    lose_a_write(line, account)
    line.clock.advance((LATE_SETTLES + 1) * SETTLE_MS)
    type_in_zoho(line, customer, TYPED)
    assert line.in_salesforce("Account", account)["Phone"] == TYPED
    assert_agreement(line)


def test_it_is_told_as_a_conflict_since_a_person_may_have_typed_it(
    line: Line, known: tuple[str, str]
) -> None:
    lose_a_write(line, known[0])
    type_in_zoho(line, known[1], TYPED)
    assert line.outcomes().get("conflict kept") == 1


def test_a_person_who_types_it_once_more_is_heard(line: Line, known: tuple[str, str]) -> None:
    """One lost write comes late once at most."""
    account, customer = known
    lose_a_write(line, account)
    for expected in (TAKEN_BACK, TYPED):
        type_in_zoho(line, customer, TYPED)
        assert line.in_salesforce("Account", account)["Phone"] == expected
    assert_agreement(line)


def test_a_lost_write_is_no_reason_to_undo_people_once_it_was_accounted_for(
    line: Line, known: tuple[str, str]
) -> None:
    """Its value was sent again and answered, came late once, and is then typed, changed and typed again."""
    account, customer = known
    line.salesforce.org.edit("Account", {"Phone": TYPED}, account)
    line.zoho.calls.lose_request("write", "contact")
    line.settle()
    assert number_in_zoho(line, customer) == TYPED
    type_in_zoho(line, customer, TAKEN_BACK)
    type_in_zoho(line, customer, TYPED)
    assert number_in_zoho(line, customer) == TAKEN_BACK, "the lost one may have come"
    for number in (TYPED, TAKEN_BACK, TYPED):
        type_in_zoho(line, customer, number)
        assert line.in_salesforce("Account", account)["Phone"] == number
    assert_agreement(line)
