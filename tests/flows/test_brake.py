"""The brake: more harm than a person would do in ten minutes is held and asked about."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from integration.canonical.values import Side
from integration.flows import write as writing
from integration.flows.cases import release
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.flows.write import write
from integration.policy.brake import Brake
from integration.policy.state import Write
from integration.stores.unit_of_work import SqlStores
from tests.deadline import wait_until
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line

MOST = 5
WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


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


def test_workers_that_claim_at_once_do_not_pass_the_limit_together(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second counts after the first has said what it is about to send."""
    if line.stores.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    line.change(brake=Brake(harm=MOST), batch=MOST)
    for number in range(2 * MOST):
        line.account(f"Harbour{number} Works", Phone=f"+44 20 7946 {number:04}")
    line.settle()
    for account in list(line.salesforce.org.alive("Account")):
        line.salesforce.org.edit("Account", {"Is_Active__c": False}, account.record_id)
    line.listen()
    for _ in range(4):
        transform(line.services)
        validate(line.services)
    services, second = line.services, ThreadPoolExecutor(1)
    others: list[Future[int]] = []

    def counted(*told: object) -> dict[int, Write]:
        free = before_brake(*told)
        if not others:
            others.append(second.submit(write, line.services, Side.ZOHO, MOST))
            wait_until(
                lambda: others[0].done() or is_waiting(line.stores), what="the other claim waits or ends"
            )
        return free

    before_brake: Callable[..., dict[int, Write]] = writing._before_brake
    monkeypatch.setattr(writing, "_before_brake", counted)
    write(services, Side.ZOHO, MOST)
    others[0].result()
    second.shutdown()
    put_down = sum(customer["status"] == "inactive" for customer in line.customers)
    assert put_down == MOST
    assert line.reading(lambda uow: uow.pairs.state()).held[Side.ZOHO].startswith("brake: 6 deactivations")


def is_waiting(stores: SqlStores) -> bool:
    with stores.engine.connect() as connection:
        return bool(connection.execute(WAITING).scalar())


def test_changes_that_take_nothing_away_are_not_held(line: Line) -> None:
    line.change(brake=Brake(harm=MOST))
    accounts = [line.account(f"Harbour{n} Works", Phone=f"+44 20 7946 {n:04}") for n in range(12)]
    line.settle()
    for account in accounts:
        line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.settle()
    assert {customer["billing_address"]["city"] for customer in line.customers} == {"York"}
    assert "brake.zoho" not in line.alarms()


def test_no_more_records_than_the_share_are_changed_before_a_person_lets_go(line: Line) -> None:
    """The limit holds within a batch too, and a record changed twice is one."""
    accounts = [line.account(f"Harbour{n} Works", Phone=f"+44 20 7946 {n:04}") for n in range(12)]
    line.settle()
    line.change(brake=Brake(least=MOST, share=0.25))
    line.clock.advance(2 * Brake().window_ms)
    for city in ("York", "Hull"):
        line.salesforce.org.edit("Account", {"BillingCity": city}, accounts[0])
        line.settle()
    for account in accounts[1:]:
        line.salesforce.org.edit("Account", {"BillingCity": "Leeds"}, account)
    line.settle()
    cities = [customer["billing_address"].get("city") for customer in line.customers]
    assert (cities.count("Hull"), cities.count("Leeds")) == (1, MOST - 1)
    held = line.reading(lambda uow: uow.pairs.state()).held
    assert held[Side.ZOHO].startswith("brake: 6 of 12 records changed")
    assert "brake.zoho" in line.alarms()
    release(line.services, Side.ZOHO, "ops")
    line.settle()
    assert [c["billing_address"].get("city") for c in line.customers].count("Leeds") == 2 * MOST - 1
