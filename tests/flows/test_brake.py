"""The brake: more harm than a person would do in ten minutes is held and asked about."""

from __future__ import annotations

from integration.canonical.values import Side
from integration.flows.cases import release
from integration.policy.brake import Brake
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line

MOST = 5


def put_away(line: Line) -> int:
    return sum(not account["Is_Active__c"] for account in line.accounts)


def test_no_more_than_the_limit_is_put_away_before_a_person_lets_go(line: Line) -> None:
    """Also where everything waits in one batch."""
    line.change(brake=Brake(harm=MOST))
    for number in range(12):
        line.account(f"Harbour{number} Works", Phone=f"+44 20 7946 {number:04}")
    line.settle()
    for customer in list(line.zoho.book.contacts):
        line.zoho.book.delete(customer)
    line.settle()
    assert put_away(line) == MOST
    held = line.reading(lambda uow: uow.pairs.state()).held
    assert held[Side.SALESFORCE].startswith("brake: 6 deactivations")
    assert not held[Side.ZOHO]
    assert "brake.salesforce" in line.alarms()
    release(line.services, Side.SALESFORCE, "ops")
    line.settle()
    assert put_away(line) == 2 * MOST, "what was let go counts no more, what follows does"
    release(line.services, Side.SALESFORCE, "ops")
    line.settle()
    assert put_away(line) == 12
    assert_agreement(line)


def test_changes_that_take_nothing_away_are_not_held(line: Line) -> None:
    line.change(brake=Brake(harm=MOST))
    accounts = [line.account(f"Harbour{n} Works", Phone=f"+44 20 7946 {n:04}") for n in range(12)]
    line.settle()
    for account in accounts:
        line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.settle()
    assert {customer["billing_address"]["city"] for customer in line.customers} == {"York"}
    assert "brake.zoho" not in line.alarms()
