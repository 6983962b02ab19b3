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
    line.zoho.book.save({"billing_address": {"phone": TYPED}}, customer)
    line.settle()
    assert line.in_salesforce("Account", account)["Phone"] == TAKEN_BACK
    assert number_in_zoho(line, customer) == TAKEN_BACK
    assert_agreement(line)


def test_after_that_the_same_value_is_a_persons_change(line: Line, known: tuple[str, str]) -> None:
    account, customer = known
    lose_a_write(line, account)
    line.clock.advance((LATE_SETTLES + 1) * SETTLE_MS)
    line.zoho.book.save({"billing_address": {"phone": TYPED}}, customer)
    line.settle()
    assert line.in_salesforce("Account", account)["Phone"] == TYPED
    assert_agreement(line)
