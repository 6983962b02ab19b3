"""Persons of a business customer, both ways; moves of a Contact between Accounts."""

from __future__ import annotations

import pytest

from integration.errors import Retryable
from tests.flows.agreement import assert_agreement, assert_ended
from tests.flows.line import Line
from tests.flows.people import family, individual, joined, persons


def test_contacts_of_an_account_become_persons(line: Line) -> None:
    _, ann, bo, customer = family(line)
    found = persons(line, customer)
    assert found.keys() == {"Ferry", "Sample"}
    assert found["Ferry"]["email"] == "ann@mills.example"
    assert line.partner(ann) == found["Ferry"]["contact_person_id"]
    assert line.partner(bo) == found["Sample"]["contact_person_id"]
    assert sum(person["is_primary_contact"] for person in found.values()) == 1
    assert_agreement(line)


def test_persons_become_contacts(line: Line) -> None:
    line.customer(
        contact_persons=[
            {
                "first_name": "Ann",
                "last_name": "Ferry",
                "email": "ann@mills.example",
                "is_primary_contact": True,
            },
            {"first_name": "Bo", "last_name": "Sample", "phone": "555 0100 200"},
        ]
    )
    line.settle()
    [account] = line.salesforce.org.alive("Account")
    assert {contact["LastName"] for contact in line.contacts} == {"Ferry", "Sample"}
    assert {contact["AccountId"] for contact in line.contacts} == {account.record_id}
    assert {c["LastName"]: c["Is_Primary__c"] for c in line.contacts} == {"Ferry": True, "Sample": False}
    assert_agreement(line)


def test_a_contact_added_later_becomes_a_person(line: Line) -> None:
    account, customer = joined(line)
    line.contact("Ferry", account, FirstName="Ann")
    line.settle()
    line.contact("Sample", account, FirstName="Bo")
    line.settle()
    assert persons(line, customer).keys() == {"Ferry", "Sample"}
    assert_agreement(line)


def test_a_person_added_later_becomes_a_contact(line: Line) -> None:
    account, customer = joined(line)
    line.zoho.book.add_person(customer, {"first_name": "Ann", "last_name": "Ferry"})
    line.settle()
    [contact] = line.contacts
    assert (contact["LastName"], contact["AccountId"]) == ("Ferry", account)
    assert_agreement(line)


def test_updates_of_a_person_both_ways(line: Line) -> None:
    _, ann, _, customer = family(line)
    line.salesforce.org.edit("Contact", {"Phone": "555 0100 300", "Title": "Miller"}, ann)
    line.settle()
    found = persons(line, customer)["Ferry"]
    assert (found["phone"], found["designation"]) == ("555 0100 300", "Miller")
    line.zoho.book.change_person(
        found["contact_person_id"], {"email": "ann@new.example", "mobile": "555 0100 400"}
    )
    line.settle()
    assert line.in_salesforce("Contact", ann)["Email"] == "ann@new.example"
    assert line.in_salesforce("Contact", ann)["MobilePhone"] == "555 0100 400"
    assert_agreement(line)


def test_another_person_becomes_primary(line: Line) -> None:
    _, ann, bo, customer = family(line)
    second = next(p for p in persons(line, customer).values() if not p["is_primary_contact"])
    line.zoho.book.change_person(second["contact_person_id"], {"is_primary_contact": True})
    line.settle()
    chosen = line.partner(second["contact_person_id"])
    flags = {one: line.in_salesforce("Contact", one)["Is_Primary__c"] for one in (ann, bo)}
    assert flags == {one: one == chosen for one in (ann, bo)}
    assert_agreement(line)


def test_a_deleted_contact_takes_its_person_along(line: Line) -> None:
    _, ann, _, customer = family(line)
    line.salesforce.org.delete("Contact", ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    assert_agreement(line)


def test_a_deleted_person_leaves_its_contact_standing(line: Line) -> None:
    """A person's Contact has no checkbox to put it away by: it stays, and is not made anew in Zoho."""
    _, ann, _, customer = family(line)
    line.zoho.book.delete_person(persons(line, customer)["Ferry"]["contact_person_id"])
    line.settle()
    line.salesforce.org.edit("Contact", {"Phone": "555 0100 300"}, ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    assert len(line.contacts) == 2
    assert not line.depths()


def test_a_person_made_and_deleted_within_one_second_is_gone(line: Line) -> None:
    _, customer = joined(line)
    ann = line.zoho.book.add_person(customer, {"first_name": "Ann", "last_name": "Ferry"})
    line.receive()
    line.work()
    line.zoho.book.delete_person(ann)
    line.settle()
    assert not line.depths()
    assert persons(line, customer) == {}


@pytest.mark.parametrize("is_known", [False, True])
def test_a_contact_is_given_an_account_before_anybody_looked(line: Line, is_known: bool) -> None:
    """What it was before is never made, neither beside the person nor instead of it."""
    account = line.account()
    if is_known:
        line.settle()
    ann = line.contact("Ferry", FirstName="Ann", Email="ann@mills.example")
    line.salesforce.org.edit("Contact", {"AccountId": account}, ann)
    line.settle()
    [customer] = line.customers
    assert [p["email"] for p in customer["contact_persons"]] == ["ann@mills.example"]
    assert_agreement(line)


def test_a_contact_leaves_its_account_and_returns_before_anybody_looked(line: Line) -> None:
    account, ann, _, customer = family(line)
    for parent in (None, account):
        line.salesforce.org.edit("Contact", {"AccountId": parent}, ann)
    line.settle()
    assert [c["contact_id"] for c in line.customers] == [customer]
    assert persons(line, customer).keys() == {"Ferry", "Sample"}
    assert_agreement(line)


def test_a_contact_moves_to_another_account(line: Line) -> None:
    _, ann, _, customer = family(line)
    other = line.account("Other Mills Ltd")
    line.settle()
    line.salesforce.org.edit("Contact", {"AccountId": other}, ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    assert persons(line, line.partner(other)).keys() == {"Ferry"}
    assert_agreement(line)


def test_a_contact_moves_to_an_account_nobody_knows_yet(line: Line) -> None:
    _, ann, _, customer = family(line)
    line.salesforce.org.edit("Contact", {"AccountId": line.account("Other Mills Ltd")}, ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    [other] = [c for c in line.customers if c["contact_name"] == "Other Mills Ltd"]
    assert persons(line, other["contact_id"]).keys() == {"Ferry"}
    assert_agreement(line)


def test_a_contact_that_loses_its_account_becomes_an_individual(line: Line) -> None:
    _, ann, _, customer = family(line)
    line.salesforce.org.edit("Contact", {"AccountId": None}, ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    [alone] = [c for c in line.customers if c["customer_sub_type"] == "individual"]
    assert alone["contact_name"] == "Ann Ferry"
    assert_agreement(line)


def test_a_contact_without_account_is_looked_for_after_its_old_person_was_deleted(line: Line) -> None:
    """The key it carries is that of a person nobody deleted but we."""
    _, ann, _, customer = family(line)
    line.salesforce.org.edit("Contact", {"AccountId": None}, ann)
    line.zoho.calls.spoil(Retryable("zoho.server_error", "an error inside Zoho"), "find", times=4)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    assert [c["contact_name"] for c in line.customers if c["customer_sub_type"] == "individual"] == [
        "Ann Ferry"
    ]
    assert_agreement(line)


def test_an_individual_that_gets_an_account_becomes_a_person(line: Line) -> None:
    contact, alone = individual(line)
    account, customer = joined(line)
    line.salesforce.org.edit("Contact", {"AccountId": account}, contact)
    line.settle()
    assert persons(line, customer).keys() == {"Ferry"}
    assert line.in_zoho(alone)["status"] == "inactive"
    assert_agreement(line)


def test_a_contact_goes_to_an_account_and_comes_back(line: Line) -> None:
    """Its old customer in Zoho still carries its key: it is taken up again, not made a second time."""
    contact, alone = individual(line)
    account, customer = joined(line)
    line.salesforce.org.edit("Contact", {"AccountId": account}, contact)
    line.settle()
    line.salesforce.org.edit("Contact", {"AccountId": None}, contact)
    line.settle()
    assert persons(line, customer).keys() == set()
    assert [c["contact_id"] for c in line.customers if c["customer_sub_type"] == "individual"] == [alone]
    assert line.in_zoho(alone)["status"] == "active"
    assert_agreement(line)


def test_an_individual_deleted_in_zoho_gets_an_account(line: Line) -> None:
    """Its person in Zoho is known to the lane it leaves, and needs a customer to belong to."""
    contact, alone = individual(line)
    account, customer = joined(line)
    line.zoho.book.delete(alone)
    line.receive()
    line.work()
    line.salesforce.org.edit("Contact", {"AccountId": account}, contact)
    line.settle()
    assert persons(line, customer).keys() == {"Ferry"}
    assert_ended(line)
