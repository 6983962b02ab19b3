"""Beginnings that many tests share."""

from __future__ import annotations

from typing import Any

from tests.flows.line import Line


def joined(line: Line, name: str = "Harbour Mills Ltd") -> tuple[str, str]:
    """An Account and its customer."""
    phone = f"+44 20 7946 {sum(map(ord, name)) % 10_000:04}"
    account = line.account(name, Phone=phone, BillingCity="Hull")
    line.settle()
    return account, line.partner(account)


def individual(line: Line) -> tuple[str, str]:
    """A Contact without Account and its customer."""
    contact = line.contact("Ferry", FirstName="Ann", Email="ann@ferry.example", MailingCity="Hull")
    line.settle()
    return contact, line.partner(contact)


def family(line: Line) -> tuple[str, str, str, str]:
    """An Account with two Contacts and its customer: ids of the Account, both Contacts and the customer."""
    account = line.account()
    ann = line.contact("Ferry", account, FirstName="Ann", Email="ann@mills.example")
    bo = line.contact("Sample", account, FirstName="Bo", Email="bo@mills.example")
    line.settle()
    return account, ann, bo, line.partner(account)


def persons(line: Line, customer: str) -> dict[str, dict[str, Any]]:
    """Persons of a customer in Zoho by last name."""
    return {person["last_name"]: person for person in line.in_zoho(customer)["contact_persons"]}
