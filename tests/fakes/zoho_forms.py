"""How a contact of the organisation in memory looks in answers: whole, as a row of a list, in a webhook."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Contact = dict[str, Any]

CURRENCIES = {"USD": "460000000000097", "EUR": "460000000000099", "GBP": "460000000000101"}
ADDRESS = {
    "attention": 100, "address": 500, "street2": 255, "city": 100, "state": 100, "state_code": 100, "zip": 50,
    "country": 100, "county": 100, "country_code": 100, "phone": 50, "fax": 50,
}  # fmt: skip
PERSON = {
    "salutation": 25, "first_name": 100, "last_name": 100, "email": 100, "phone": 50, "mobile": 50,
    "designation": 50, "department": 50, "skype": 50, "fax": 50,
}  # fmt: skip
SHOWN = ("contact_name", "company_name", "contact_type", "customer_sub_type", "website", "language_code",
         "twitter", "facebook", "status", "source", "payment_terms", "created_time", "last_modified_time")  # fmt: skip
AMOUNTS = [f"{what}_amount{form}" for what in ("outstanding_receivable", "outstanding_payable")
           for form in ("", "_bcy")] + ["unused_credits_receivable_amount", "unused_credits_payable_amount"]  # fmt: skip
UNUSED = {
    "portal_status": "disabled", "is_linked_with_zohocrm": False, **dict.fromkeys(AMOUNTS, 0),
}  # fmt: skip
UNUSED_WHOLE = {
    **dict.fromkeys(("owner_id", "owner_name", "zcrm_account_id", "zcrm_contact_id", "crm_owner_id",
                     "exchange_rate", "contact_category", "pricebook_id", "pricebook_name"), ""),
    **dict.fromkeys(("credit_limit_exceeded_amount", "opening_balance_amount", "unused_retainer_payments"), 0),
    "is_crm_customer": False, "payment_terms_id": "460000000093081", "price_precision": 2,
    "payment_reminder_enabled": True, "is_sms_enabled": True, "sales_channel": "direct_sales",
    "created_by_name": "Robin Sample",
    "documents": [], "addresses": [], "tags": [], "opening_balances": [],
}  # fmt: skip
UNUSED_PERSON = {"zcrm_contact_id": "", "is_added_in_portal": False, "can_invite": True, "photo_url": ""}


def detail(contact: Contact) -> Contact:
    """The contact whole, as one is answered and as webhooks carry it."""
    primary = primary_of(contact)
    return copy.deepcopy(
        {
            **_shared(contact),
            **UNUSED_WHOLE,
            "designation": primary.get("designation", ""),
            "department": primary.get("department", ""),
            "contact_salutation": primary.get("salutation", ""),
            "primary_contact_id": primary.get("contact_person_id", ""),
            "has_transaction": contact["has_transaction"],
            "currency_symbol": {"USD": "$", "EUR": "€", "GBP": "£"}[contact["currency_code"]],
            "notes": contact["notes"],
            "created_date": contact["created_time"][:10],
            "entity_address_id": contact["billing_address"]["address_id"],
            "billing_address": contact["billing_address"],
            "shipping_address": contact["shipping_address"],
            "custom_fields": contact["custom_fields"],
            "contact_persons": [{**UNUSED_PERSON, **person} for person in contact["contact_persons"]],
            **_customs(contact),
        }
    )


def row(contact: Contact) -> Contact:
    """The contact as lists show it: no addresses, no persons, no notes."""
    name = contact["contact_name"]
    more = {"customer_name": name, "vendor_name": name, "has_attachment": False}
    return copy.deepcopy({**_shared(contact), **more, **_customs(contact)})


def primary_of(contact: Contact) -> Mapping[str, Any]:
    """The primary person, or nothing."""
    return next((p for p in contact["contact_persons"] if p["is_primary_contact"]), {})


def custom(contact: Contact, name: str) -> Any:
    """The value of a custom field, empty where it has none."""
    return next((c["value"] for c in contact["custom_fields"] if c["api_name"] == name), "")


def instant(contact: Contact) -> int:
    """Epoch milliseconds of its last modification."""
    return round(datetime.fromisoformat(contact["last_modified_time"]).timestamp() * 1_000)


def _shared(contact: Contact) -> Contact:
    primary, days = primary_of(contact), contact["payment_terms"]
    return {
        "contact_id": contact["contact_id"],
        **{name: contact[name] for name in SHOWN},
        **UNUSED,
        **{name: primary.get(name, "") for name in ("first_name", "last_name", "email", "phone", "mobile")},
        "payment_terms_label": contact["payment_terms_label"]
        or (f"Net {days}" if days else "Due on Receipt"),
        "currency_code": contact["currency_code"],
        "currency_id": CURRENCIES[contact["currency_code"]],
    }


def _customs(contact: Contact) -> Contact:
    """Custom fields beside the others: as a text, and as what they are."""
    found: Contact = {}
    for entry in contact["custom_fields"]:
        value = entry["value"]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found |= {entry["api_name"]: text, f"{entry['api_name']}_unformatted": value}
    return found
