"""What neither an event nor a poll told is found at night."""

from __future__ import annotations

from integration.flows.census import Missed, sweep_ids
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import family, joined


def hide(line: Line) -> None:
    """Whatever people did just now is told by nobody."""
    line.take_hooks()
    line.salesforce.org.log.clear()


def test_what_is_known_makes_no_work(line: Line) -> None:
    """Also of a record that is not synced."""
    family(line)
    line.customer("Some Supplier", contact_type="vendor")
    line.settle()
    sweep_ids(line.services)
    line.settle()
    line.forget_calls()
    told = sum(line.outcomes().values())
    assert sweep_ids(line.services) == Missed(0, 0)
    line.settle()
    assert sum(line.outcomes().values()) == told
    assert line.zoho.calls.made == [call for call in line.zoho.calls.made if call.kind == "list"]


def test_a_record_nobody_told_of_is_taken_up(line: Line) -> None:
    joined(line)
    account = line.account("Quay Traders Ltd", Phone="+44 20 7946 0002")
    customer = line.customer("Dock Chandlers", billing_address={"phone": "+44 20 7946 0003"})
    hide(line)
    assert sweep_ids(line.services).found == 2
    line.settle()
    assert line.in_zoho(line.partner(account))["contact_name"] == "Quay Traders Ltd"
    assert line.in_salesforce("Account", line.partner(customer))["Name"] == "Dock Chandlers"
    assert_agreement(line)


def test_an_edit_nobody_told_of_is_taken_up(line: Line) -> None:
    account, customer = joined(line)
    line.clock.advance(5_000)
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.zoho.book.save({"notes": "pays late"}, customer)
    hide(line)
    assert sweep_ids(line.services).found == 2
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert line.in_salesforce("Account", account)["Description"] == "pays late"
    assert_agreement(line)


def test_a_delete_nobody_told_of_is_taken_up(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    hide(line)
    assert sweep_ids(line.services).gone == 1
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    assert_agreement(line)
