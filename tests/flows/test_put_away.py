"""Records that come back, and persons of customers that were put away."""

from __future__ import annotations

from integration.flows.reconcile import reconcile
from tests.flows.agreement import assert_agreement, assert_ended
from tests.flows.line import Line
from tests.flows.people import joined


def test_a_record_deleted_before_anything_was_made_of_it_comes_back_as_new(line: Line) -> None:
    account = line.account()
    line.listen()
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.customers == []
    line.salesforce.org.undelete("Account", account)
    line.settle()
    assert line.partner(account)
    assert_agreement(line)


def test_a_person_added_to_a_customer_that_was_put_away_is_explained(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    line.zoho.book.add_person(customer, {"first_name": "Ann", "last_name": "Ferry"})
    line.settle()
    proof = reconcile(line.services)
    assert [d.why for d in proof.differences] == ["its customer is put away"]
    assert proof.holds
    assert_ended(line)
