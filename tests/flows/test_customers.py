"""Customers both ways: creates, updates, status; what comes back of our own writes does nothing."""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from tests.flows.agreement import assert_agreement
from tests.flows.databases import MakesLine
from tests.flows.line import Line
from tests.flows.people import individual, joined


def test_an_account_becomes_a_customer(line: Line) -> None:
    account, customer = joined(line)
    [found] = line.customers
    assert found["contact_id"] == customer
    assert found["contact_name"] == "Harbour Mills Ltd"
    assert found["customer_sub_type"] == "business"
    assert found["billing_address"]["city"] == "Hull"
    assert found["custom_fields"] == [{"api_name": "cf_salesforce_id", "value": account}]
    assert_agreement(line)


def test_a_customer_becomes_an_account(line: Line) -> None:
    customer = line.customer(website="https://mills.example", billing_address={"city": "Hull"})
    line.settle()
    [account] = line.accounts
    assert (account["Name"], account["BillingCity"]) == ("Harbour Mills Ltd", "Hull")
    assert account["Zoho_Id__c"] == customer
    assert account["Is_Active__c"] is True
    assert_agreement(line)


def test_a_contact_without_account_becomes_an_individual(line: Line) -> None:
    _, customer = individual(line)
    found = line.in_zoho(customer)
    assert (found["contact_name"], found["customer_sub_type"]) == ("Ann Ferry", "individual")
    [person] = found["contact_persons"]
    assert (person["first_name"], person["last_name"]) == ("Ann", "Ferry")
    assert person["email"] == "ann@ferry.example"
    assert_agreement(line)


def test_an_individual_becomes_a_contact(line: Line) -> None:
    line.customer(
        "Bo Sample",
        customer_sub_type="individual",
        contact_persons=[{"first_name": "Bo", "last_name": "Sample", "email": "bo@sample.example"}],
    )
    line.settle()
    [contact] = line.contacts
    assert (contact["FirstName"], contact["LastName"]) == ("Bo", "Sample")
    assert contact["Email"] == "bo@sample.example"
    assert contact["AccountId"] is None
    assert_agreement(line)


def test_an_individual_known_by_contact_name_alone(line: Line) -> None:
    line.customer("Bo van Sample", customer_sub_type="individual")
    line.settle()
    [contact] = line.contacts
    assert (contact["FirstName"], contact["LastName"]) == ("Bo van", "Sample")
    assert [customer["contact_name"] for customer in line.customers] == ["Bo van Sample"]


def test_updates_both_ways(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0002", "Fax": "1234567"}, account)
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["phone"] == "+44 20 7946 0002"
    line.zoho.book.save({"contact_name": "Harbour Mills Limited", "notes": "pays late"}, customer)
    line.settle()
    assert line.in_salesforce("Account", account)["Name"] == "Harbour Mills Limited"
    assert line.in_salesforce("Account", account)["Description"] == "pays late"
    assert_agreement(line)


def test_a_field_blanked_by_its_owner_is_blanked_there(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.edit("Account", {"Phone": None}, account)
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["phone"] == ""
    line.zoho.book.save({"billing_address": {"city": ""}}, customer)
    line.settle()
    assert not line.in_salesforce("Account", account)["BillingCity"]
    assert_agreement(line)


def test_updates_of_an_individual_both_ways(line: Line) -> None:
    contact, customer = individual(line)
    line.salesforce.org.edit("Contact", {"Email": "ann@new.example", "MailingCity": "York"}, contact)
    line.settle()
    [person] = line.in_zoho(customer)["contact_persons"]
    assert person["email"] == "ann@new.example"
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    line.zoho.book.change_person(person["contact_person_id"], {"mobile": "555 0100 200"})
    line.settle()
    assert line.in_salesforce("Contact", contact)["MobilePhone"] == "555 0100 200"
    assert_agreement(line)


def test_an_individual_is_renamed_both_ways(line: Line) -> None:
    contact, customer = individual(line)
    line.salesforce.org.edit("Contact", {"LastName": "Harbour"}, contact)
    line.settle()
    assert line.in_zoho(customer)["contact_name"] == "Ann Harbour"
    assert line.in_zoho(customer)["contact_persons"][0]["last_name"] == "Harbour"
    line.zoho.book.save({"contact_name": "Anna Harbour"}, customer)
    line.settle()
    assert line.in_salesforce("Contact", contact)["FirstName"] == "Anna"
    assert_agreement(line)


@pytest.mark.parametrize("make", [joined, individual])
def test_status_both_ways(line: Line, make: object) -> None:
    assert callable(make)
    record, customer = make(line)
    entity = "Account" if make is joined else "Contact"
    line.salesforce.org.edit(entity, {"Is_Active__c": False}, record)
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    line.zoho.book.set_status(customer, "active")
    line.settle()
    assert line.in_salesforce(entity, record)["Is_Active__c"] is True
    assert_agreement(line)


def test_an_inactive_customer_becomes_an_inactive_account(line: Line) -> None:
    line.zoho.book.set_status(line.customer(), "inactive")
    line.settle()
    assert [account["Is_Active__c"] for account in line.accounts] == [False]
    assert_agreement(line)


def test_an_inactive_account_becomes_an_inactive_customer(line: Line) -> None:
    line.account(Is_Active__c=False)
    line.settle()
    assert [customer["status"] for customer in line.customers] == ["inactive"]
    assert_agreement(line)


def test_a_burst_is_one_write(line: Line) -> None:
    account, _ = joined(line)
    line.forget_calls()
    for number in range(50):
        line.salesforce.org.edit("Account", {"Phone": f"+44 20 7946 {number:04}"}, account)
    line.settle()
    assert line.zoho.calls.writes == 1
    assert_agreement(line)


@pytest.mark.parametrize("side", list(Side))
def test_an_echo_writes_nothing(line: Line, side: Side) -> None:
    account, customer = joined(line)
    if side is Side.SALESFORCE:
        line.zoho.book.save({"website": "https://mills.example"}, customer)
    else:
        line.salesforce.org.edit("Account", {"Website": "https://mills.example"}, account)
    line.settle(deliver=False)
    line.listen()
    line.receive()
    line.settle(deliver=False)
    line.forget_calls()
    line.settle()
    assert line.salesforce.calls.writes + line.zoho.calls.writes == 0
    assert_agreement(line)
    assert line.reading(lambda uow: uow.reports.echo_writes()) == 0


def test_lines_do_not_see_each_other(make_line: MakesLine) -> None:
    left, right = make_line(), make_line()
    joined(left)
    right.settle()
    assert right.customers == []
    assert right.events() == []
