"""Whether both systems say the same, told by their own field names and without the product's mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from integration.canonical.outcome import BindingState, Outcome
from integration.flows.reconcile import reconcile
from integration.ports.reports import BindingRow
from tests.flows.line import Line

BUSINESS = {
    "Name": "contact_name",
    "Website": "website",
    "Description": "notes",
    "Phone": "billing_address.phone",
    "Fax": "billing_address.fax",
    "BillingCity": "billing_address.city",
    "BillingPostalCode": "billing_address.zip",
    "BillingCountry": "billing_address.country",
    "ShippingCity": "shipping_address.city",
}
INDIVIDUAL = {
    "Email": "primary_person.email",
    "Phone": "primary_person.phone",
    "MobilePhone": "primary_person.mobile",
    "MailingCity": "billing_address.city",
    "FirstName": "primary_person.first_name",
    "LastName": "primary_person.last_name",
}
PERSON = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "mobile",
    "Title": "designation",
}
ENDS = {outcome.value for outcome in Outcome}


def assert_agreement(line: Line) -> None:
    """Every bound record is equal on both sides, every event has ended, and the proof of the product
    holds.
    """
    assert_equal(line)
    assert_ended(line)
    proof = reconcile(line.services)
    assert not proof.differences, [(d.entity, d.what, d.why) for d in proof.differences]
    assert proof.holds


def assert_ended(line: Line) -> None:
    """Every event ended in exactly one outcome, and no write is left."""
    assert set(line.outcomes()) <= ENDS, line.outcomes()
    assert not line.depths(), line.depths()
    assert not any(event.outcome is None for event in line.events())


def assert_equal(line: Line) -> None:
    """Every living bound record, field by field; nobody has two partners."""
    rows = [row for row in line.bindings() if row.state is BindingState.ACTIVE]
    for side in ("salesforce_id", "zoho_id"):
        twice = [one for one, times in Counter(getattr(row, side) for row in rows).items() if times > 1]
        assert not twice, f"{side} bound twice: {twice}"
    for row in rows:
        left, right = _salesforce(line, row), _zoho(line, row)
        if left is not None and right is not None:
            assert left == right, f"{row.entity} {row.salesforce_id} / {row.zoho_id}"


def _names(row: BindingRow) -> Mapping[str, str]:
    if row.entity == "person":
        return PERSON
    return INDIVIDUAL if row.kind == "individual" else BUSINESS


def _salesforce(line: Line, row: BindingRow) -> dict[str, Any] | None:
    found = line.salesforce.org.rows.get((row.salesforce_entity, row.salesforce_id))
    if found is None or found.deleted:
        return None
    told: dict[str, Any] = {name: found.fields.get(name) or "" for name in _names(row)}
    if row.entity == "customer":
        told["active"] = bool(found.fields.get("Is_Active__c"))
    return told


def _zoho(line: Line, row: BindingRow) -> dict[str, Any] | None:
    if row.entity == "person":
        for contact in line.customers:
            for person in contact["contact_persons"]:
                if person["contact_person_id"] == row.zoho_id:
                    return {name: person.get(there, "") for name, there in PERSON.items()}
        return None
    contact = line.zoho.book.contacts.get(row.zoho_id)
    if contact is None:
        return None
    primary = next((p for p in contact["contact_persons"] if p["is_primary_contact"]), {})
    whole = {**contact, "primary_person": primary}
    told = {name: _at(whole, there) for name, there in _names(row).items()}
    return {**told, "active": contact["status"] == "active"}


def _at(record: Mapping[str, Any], path: str) -> Any:
    head, dot, tail = path.partition(".")
    return record.get(head, {}).get(tail, "") if dot else record.get(head, "")
