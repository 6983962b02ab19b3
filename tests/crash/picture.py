"""What both systems hold, told without ids: two runs of one scenario must end in the same picture."""

from __future__ import annotations

from typing import Any

from tests.flows.line import Line

KEYS = ("Zoho_Id__c", "AccountId")
TIMES = ("contact_id", "created_time", "last_modified_time", "contact_persons", "custom_fields")

Picture = dict[str, list[str]]


def picture_of(line: Line) -> Picture:
    """Living records of both sides with their partners."""
    return {
        "Account": sorted(_account(line, row.record_id) for row in line.salesforce.org.alive("Account")),
        "Contact": sorted(_contact(line, row.record_id) for row in line.salesforce.org.alive("Contact")),
        "customer": sorted(_customer(line, contact) for contact in line.customers),
    }


def _account(line: Line, record_id: str) -> str:
    fields = line.in_salesforce("Account", record_id)
    return repr((_plain(fields), "joined" if line.partner(record_id) else "alone"))


def _contact(line: Line, record_id: str) -> str:
    fields = line.in_salesforce("Contact", record_id)
    parent = line.salesforce.org.rows.get(("Account", str(fields.get("AccountId"))))
    under = parent.fields["Name"] if parent else ""
    return repr((_plain(fields), under, "joined" if line.partner(record_id) else "alone"))


def _customer(line: Line, contact: dict[str, Any]) -> str:
    told = sorted((name, str(value)) for name, value in contact.items() if name not in TIMES)
    persons = sorted(
        str(sorted((name, str(value)) for name, value in person.items() if name != "contact_person_id"))
        for person in contact["contact_persons"]
    )
    return repr((told, persons, "joined" if line.partner(contact["contact_id"]) else "alone"))


def _plain(fields: Any) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in fields.items() if name not in KEYS)
