"""Modes of a direction: off, observe, live."""

from __future__ import annotations

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.flows.modes import set_mode
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import joined


def test_observed_is_worked_out_and_shown_and_not_sent(line: Line) -> None:
    set_mode(line.services, Side.ZOHO, Mode.OBSERVE, "ops")
    line.account()
    for _ in range(20):
        line.listen()
        line.work()
        line.clock.advance(1_000)
    assert line.customers == []
    assert line.zoho.calls.writes == 0
    waiting = line.depths()
    assert waiting.get("zoho") or waiting.get("planned"), waiting
    set_mode(line.services, Side.ZOHO, Mode.LIVE, "ops")
    line.settle()
    assert len(line.customers) == 1
    assert_agreement(line)


def test_off_writes_nothing_and_forgets_nothing(line: Line) -> None:
    account, customer = joined(line)
    set_mode(line.services, Side.ZOHO, Mode.OFF, "ops")
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "Hull"
    assert line.outcomes().get("discarded")
    set_mode(line.services, Side.ZOHO, Mode.LIVE, "ops")
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert_agreement(line)


def test_one_direction_may_be_live_alone(line: Line) -> None:
    account, customer = joined(line)
    set_mode(line.services, Side.SALESFORCE, Mode.OFF, "ops")
    line.zoho.book.save({"notes": "pays late"}, customer)
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert not line.in_salesforce("Account", account)["Description"]
