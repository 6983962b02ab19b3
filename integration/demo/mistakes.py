"""Records that cannot, or can only just, be carried over: what people really type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integration.demo.people import Newcomers

ACROSS_LIMITS = 240
ZOHO_NAME = 200


def bad_records(new: Newcomers) -> Iterator[dict[str, Any]]:
    """Creations, each with a difficulty of its own."""
    long = new.company().name
    yield _account(Name=(long + " and Partners of the Very Long Name" * 8)[:ACROSS_LIMITS])
    yield _contact_of_salesforce(new, Title="Chief " + "Assistant " * 8)
    yield _customer(new, persons=[{"first_name": "Nomen", "is_primary_contact": True}])
    yield _customer(new, website="https://" + "long-" * 60 + "address.example.com")
    twin = (new.company().name + " with a name as long as Zoho allows" * 8)[:ZOHO_NAME]
    yield _account(Name=twin)
    yield _account(Name=twin.upper())
    yield _account(Name=f"{new.company().name} 🚚 Lieferdienst")
    yield _account(Name=f"שירותי משלוחים {new.company().name}")
    yield _customer(new, persons=[{"first_name": "نور", "last_name": "حداد", "is_primary_contact": True}])


def _account(**fields: str) -> dict[str, Any]:
    return {"op": "edit", "system": "salesforce", "entity": "Account", "fields": fields}


def _contact_of_salesforce(new: Newcomers, **fields: str) -> dict[str, Any]:
    person = new.person()
    named = {"FirstName": person.first, "LastName": person.last, "Email": person.email}
    return {"op": "edit", "system": "salesforce", "entity": "Contact", "fields": {**named, **fields}}


def _customer(
    new: Newcomers, *, persons: list[dict[str, Any]] | None = None, website: str = ""
) -> dict[str, Any]:
    name = new.company().name
    fields: dict[str, Any] = {
        "contact_name": name, "company_name": name, "customer_sub_type": "business",
    }  # fmt: skip
    if persons:
        fields["contact_persons"] = persons
    if website:
        fields["website"] = website
    return {"op": "edit", "system": "zoho", "entity": "contact", "fields": fields}
