"""A small org with every kind of field, and what its API shows of it: the data of generated queries."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.contract.sandbox_salesforce.running_org import Running

Record = dict[str, Any]
Where = tuple[str, str]
"""A look-up: its field and the object it points to."""

PARCEL = {
    "name": "Parcel__c",
    "key_prefix": "a07",
    "fields": [
        {"name": "Name", "type": "string", "length": 80},
        {"name": "Code__c", "type": "string", "length": 20, "case_sensitive": True},
        {"name": "Tags__c", "type": "multipicklist", "length": 4099, "picklist": ["red", "Blue", "green"]},
        {"name": "State__c", "type": "picklist", "length": 40, "picklist": ["Sent", "Lost", "Found"]},
        {"name": "Weight__c", "type": "double", "precision": 18, "scale": 2},
        {"name": "Pieces__c", "type": "int", "precision": 8},
        {"name": "Price__c", "type": "currency", "precision": 18, "scale": 2},
        {"name": "Fragile__c", "type": "boolean", "nillable": False, "default": False},
        {"name": "Due__c", "type": "date"},
        {"name": "Seen__c", "type": "datetime"},
        {"name": "Opens__c", "type": "time"},
        {"name": "Notes__c", "type": "textarea", "length": 32000},
        {
            "name": "Account__c",
            "type": "reference",
            "reference_to": ["Account"],
            "child_relationship": "Parcels__r",
        },
    ],
}
LOOK_UPS: dict[str, dict[str, Where]] = {
    "Account": {"Parent": ("ParentId", "Account"), "Owner": ("OwnerId", "User")},
    "Contact": {"Account": ("AccountId", "Account"), "ReportsTo": ("ReportsToId", "Contact")},
    "Parcel__c": {"Account__r": ("Account__c", "Account"), "CreatedBy": ("CreatedById", "User")},
    "User": {},
}
CHILDREN: dict[str, dict[str, tuple[str, str]]] = {
    "Account": {
        "Contacts": ("Contact", "AccountId"),
        "ChildAccounts": ("Account", "ParentId"),
        "Parcels__r": ("Parcel__c", "Account__c"),
    },
}
FIELDS: dict[str, dict[str, str]] = {
    "Account": {
        "Id": "id",
        "Name": "string",
        "ParentId": "id",
        "BillingCity": "string",
        "Industry": "picklist",
        "AnnualRevenue": "number",
        "NumberOfEmployees": "number",
        "Is_Active__c": "boolean",
        "CreatedDate": "datetime",
        "SystemModstamp": "datetime",
        "IsDeleted": "boolean",
        "Zoho_Id__c": "string",
    },
    "Contact": {
        "Id": "id",
        "Name": "string",
        "LastName": "string",
        "Email": "string",
        "AccountId": "id",
        "Birthdate": "date",
        "DoNotCall": "boolean",
        "LastModifiedDate": "datetime",
    },
    "Parcel__c": {
        "Id": "id",
        "Name": "string",
        "Code__c": "case",
        "Tags__c": "multi",
        "State__c": "picklist",
        "Weight__c": "number",
        "Pieces__c": "number",
        "Price__c": "number",
        "Fragile__c": "boolean",
        "Due__c": "date",
        "Seen__c": "datetime",
        "Opens__c": "time",
        "Account__c": "id",
    },
    "User": {"Name": "string", "Username": "string", "IsActive": "boolean"},
}
PICKLISTS = {"State__c": ["Sent", "Lost", "Found"], "Industry": ["Banking", "Energy", "Retail", "Other"]}
_WORDS = (
    "Alpha",
    "alpha",
    "BETA",
    "Straße",
    "élan",
    "Élan",
    "O'Neil",
    "100% wool",
    "a_b",
    "back\\slash",
    "Ω",
)


@dataclass(frozen=True)
class World:
    """Every record by object as the API shows it, with `deleted`, and the asking user's zone and week."""

    records: dict[str, list[Record]]
    by_id: dict[str, Record]
    zone: str
    sunday_first: bool


def build(running: Running, seed: int, *, zone: str, locale: str) -> World:
    """Fills the org with records that touch each other and the edges of their types."""
    rng = random.Random(seed)
    org = running.org
    running.do(org.reset)
    user = org.integration_user
    running.do(lambda: org.edit("User", user, {"TimeZoneSidKey": zone, "LocaleSidKey": locale}))
    accounts: list[str] = []
    people: list[str] = []
    for number in range(40):
        accounts.append(_plant(running, rng, "Account", _account(rng, number, accounts)))
    for _ in range(50):
        people.append(_plant(running, rng, "Contact", _contact(rng, accounts, people)))
    for _ in range(50):
        _plant(running, rng, "Parcel__c", _parcel(rng, accounts))
    for record_id in rng.sample(accounts, 4):
        running.do(lambda chosen=record_id: org.delete("Account", chosen))
    records = {name: running.do(lambda name=name: org.records(name)) for name in FIELDS}
    by_id = {record["Id"]: record for found in records.values() for record in found}
    return World(records, by_id, zone, locale == "en_US")


def _plant(running: Running, rng: random.Random, entity: str, fields: Record) -> str:
    given = {name: value for name, value in fields.items() if value is not None}
    age = rng.choice((0.0, 0.4, 1, 2, 6, 7, 8, 20, 31, 89, 90, 91, 100, 180, 365, 400, 800))
    return str(running.do(lambda: running.org.plant(entity, given, age)))


def _some(rng: random.Random, *values: Any) -> Any:
    return rng.choice((*values, None))


def _account(rng: random.Random, number: int, others: list[str]) -> Record:
    return {
        "Name": rng.choice(_WORDS),
        "ParentId": _some(rng, *others[-6:]),
        "BillingCity": _some(rng, *_WORDS),
        "Industry": _some(rng, "Banking", "Energy", "Retail", "Other"),
        "AnnualRevenue": _some(rng, -5, 0, 100, 1_000_000),
        "NumberOfEmployees": _some(rng, 0, 1, 2, 50),
        "Is_Active__c": rng.random() < 0.5,
        "Zoho_Id__c": f"Z{number}" if rng.random() < 0.7 else None,
    }


def _contact(rng: random.Random, accounts: list[str], people: list[str]) -> Record:
    return {
        "LastName": rng.choice(_WORDS),
        "FirstName": _some(rng, "Ada", "ada", "Zoe"),
        "Email": _some(rng, "a@example.com", "B@example.com"),
        "AccountId": _some(rng, *rng.sample(accounts, 5)),
        "ReportsToId": _some(rng, *people[-3:]),
        "Birthdate": _some(rng, "1990-02-28", "2000-02-29", "2026-11-27", "2026-11-28"),
        "DoNotCall": rng.random() < 0.3,
    }


def _parcel(rng: random.Random, accounts: list[str]) -> Record:
    day = f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    return {
        "Name": rng.choice(_WORDS),
        "Code__c": _some(rng, "ab", "AB", "aB"),
        "Tags__c": _some(rng, "red", "red;Blue", "Blue;green", "red;Blue;green"),
        "State__c": _some(rng, "Sent", "Lost", "Found"),
        "Weight__c": _some(rng, 0.1, 2.5, -1.25, 100),
        "Pieces__c": _some(rng, 0, 1, 7),
        "Price__c": _some(rng, 0, 9.99, 10, 1200.5),
        "Fragile__c": rng.random() < 0.5,
        "Due__c": _some(rng, day, "2026-11-28", "2026-12-01", "2025-12-31"),
        "Seen__c": _some(rng, f"{day}T23:30:00Z", "2026-11-28T04:59:59Z", f"{day}T00:00:00.000+02:00"),
        "Opens__c": _some(rng, "08:00:00.000Z", "23:59:59.999Z"),
        "Notes__c": "long",
        "Account__c": _some(rng, *rng.sample(accounts, 5)),
    }
