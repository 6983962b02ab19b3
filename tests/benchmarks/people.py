"""Sample customers by number, as both organisations show them; all names are made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integration.canonical.event import NativeRecord
from integration.canonical.values import Json, Side
from integration.connectors.zoho.records import contact_records

KEY_FIELD = "Zoho_Id__c"
KEY_CUSTOM = "cf_salesforce_id"
WORDS = (
    "Alder Birch Cedar Dogwood Elder Fir Ginkgo Hazel Ivy Juniper Kelp Larch Maple Nettle Oak Pine".split()
)
TOWNS = "Hull York Leeds Ripon Selby Otley Whitby Malton".split()
BASE_MS = 1_750_000_000_000


def account_id(n: int) -> str:
    """The Salesforce id of customer n."""
    return f"001{n:012d}AAA"


def contact_id(n: int) -> str:
    """The Zoho id of customer n."""
    return f"46000000{n:08d}"


def number_of(record_id: str) -> int:
    """The customer an id of either side belongs to, its person's included."""
    return int(record_id[3:15]) if record_id.endswith("AAA") else int(record_id[8:])


def has_person(n: int) -> bool:
    """Every second customer has a person."""
    return n % 2 == 0


def salesforce_records(n: int, phone: str, at: int) -> list[NativeRecord]:
    """The Account of customer n, and its Contact where it has one."""
    account: dict[str, Json] = {
        "Name": _name(n),
        "Website": f"https://{_slug(n)}.example",
        "Description": None,
        "Phone": phone,
        "Fax": None,
        "Is_Active__c": True,
        "BillingStreet": f"{n % 200 + 1} Quay Street",
        "BillingCity": TOWNS[n % len(TOWNS)],
        "BillingState": None,
        "BillingPostalCode": f"YO{n % 90 + 10} 1AA",
        "BillingCountry": "United Kingdom",
        **dict.fromkeys(f"Shipping{part}" for part in ("Street", "City", "State", "PostalCode", "Country")),
        KEY_FIELD: contact_id(n),
    }
    records = [NativeRecord(Side.SALESFORCE, "Account", account_id(n), account, at)]
    if has_person(n):
        first, last = _person(n)
        person: dict[str, Json] = {
            "AccountId": account_id(n),
            "Salutation": None,
            "FirstName": first,
            "LastName": last,
            "Email": f"{first}.{last}@{_slug(n)}.example".lower(),
            "Phone": None,
            "MobilePhone": None,
            "Title": "Buyer",
            "Department": None,
            "Is_Primary__c": True,
            "Is_Active__c": True,
            KEY_FIELD: None,
        }
        child = f"003{n:012d}AAA"
        records.append(NativeRecord(Side.SALESFORCE, "Contact", child, person, BASE_MS, account_id(n)))
    return records


def zoho_contact(n: int, phone: str, at: int) -> dict[str, Any]:
    """Customer n as Zoho's API and its webhooks show it."""
    blank = dict.fromkeys(("attention", "street2", "state", "state_code", "fax"), "")
    address = {
        **blank,
        "address": f"{n % 200 + 1} Quay Street",
        "city": TOWNS[n % len(TOWNS)],
        "zip": f"YO{n % 90 + 10} 1AA",
        "country": "United Kingdom",
        "phone": phone,
    }
    return {
        "contact_id": contact_id(n),
        "contact_name": _name(n),
        "company_name": _name(n),
        "contact_type": "customer",
        "customer_sub_type": "business",
        "website": f"https://{_slug(n)}.example",
        "notes": "",
        "currency_code": "GBP",
        "status": "active",
        "has_transaction": False,
        "billing_address": address,
        "shipping_address": dict.fromkeys(address, ""),
        "custom_fields": [{"api_name": KEY_CUSTOM, "data_type": "string", "value": account_id(n)}],
        "contact_persons": [_zoho_person(n)] if has_person(n) else [],
        "created_time": _stamp(BASE_MS),
        "last_modified_time": _stamp(at),
    }


def zoho_records(n: int, phone: str, at: int) -> list[NativeRecord]:
    """The contact of customer n and its person, as the connector decodes them."""
    return contact_records(zoho_contact(n, phone, at), (KEY_CUSTOM,))


def _zoho_person(n: int) -> dict[str, Any]:
    first, last = _person(n)
    return {
        "contact_person_id": f"47000000{n:08d}",
        "salutation": "",
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}@{_slug(n)}.example".lower(),
        "phone": "",
        "mobile": "",
        "designation": "Buyer",
        "department": "",
        "is_primary_contact": True,
    }


def _name(n: int) -> str:
    return f"{WORDS[n % 16]} {WORDS[n // 16 % 16]} Works {n:05d} Ltd"


def _slug(n: int) -> str:
    return f"{WORDS[n % 16]}-{WORDS[n // 16 % 16]}-{n:05d}".lower()


def _person(n: int) -> tuple[str, str]:
    return WORDS[n * 7 % 16], f"{WORDS[n * 5 % 16]}son{n:05d}"


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
