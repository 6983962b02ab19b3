"""What a write of a contact may contain: keys, types and lengths. Nothing here looks at other records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import invalid_element, invalid_value
from integration.sandbox.zoho.fields import clean_choice, clean_flag, clean_integer, clean_list, clean_text

TEXTS: Mapping[str, int | None] = {
    "contact_name": 200, "company_name": 200, "website": None, "notes": None, "payment_terms_label": 100,
    "language_code": 100, "contact_number": 100, "tax_id": 100, "gst_no": 100, "gst_treatment": 100,
    "vat_reg_no": 100, "tax_treatment": 100, "place_of_contact": 100, "facebook": 100, "twitter": 100,
    "tax_reg_no": 100, "country_code": 100, "vat_treatment": 100, "tax_regime": 100, "legal_name": 200,
    "avatax_exempt_no": 100, "avatax_use_code": 100, "tax_exemption_id": 100, "tax_authority_id": 100,
    "tax_authority_name": 100, "tax_exemption_code": 100,
}  # fmt: skip
FLAGS = frozenset({"is_taxable", "is_tds_registered"})
CHOICES = {"contact_type": ("customer", "vendor"), "customer_sub_type": ("business", "individual")}
ADDRESS: Mapping[str, int | None] = {
    "attention": 100, "address": 500, "street2": 255, "city": 100, "state": 100, "state_code": 100, "zip": 50,
    "country": 100, "county": 100, "country_code": 100, "phone": 50, "fax": 50,
}  # fmt: skip
PERSON: Mapping[str, int | None] = {
    "salutation": 25, "first_name": 100, "last_name": 100, "email": 100, "phone": 50, "mobile": 50,
    "designation": 50, "department": 50, "skype": 50, "fax": 50,
}  # fmt: skip
_STRUCTURED = frozenset({"custom_fields", "contact_persons", "billing_address", "shipping_address"})
_LISTS = frozenset({"opening_balances", "tags", "documents"})
# Keys of the answer that clients send back: projections of other data, taken and not looked at.
_PROJECTIONS = frozenset({
    "contact_id", "customer_name", "vendor_name", "contact_type_formatted", "first_name", "last_name",
    "designation", "department", "contact_salutation", "email", "phone", "mobile", "portal_status",
    "has_transaction", "owner_id", "owner_name", "source", "is_crm_customer", "is_linked_with_zohocrm",
    "primary_contact_id", "zcrm_account_id", "zcrm_contact_id", "crm_owner_id", "payment_terms_id",
    "credit_limit_exceeded_amount", "currency_code", "currency_symbol", "price_precision", "exchange_rate",
    "opening_balance_amount", "outstanding_receivable_amount", "outstanding_receivable_amount_bcy",
    "outstanding_payable_amount", "outstanding_payable_amount_bcy", "unused_credits_receivable_amount",
    "unused_credits_payable_amount", "unused_retainer_payments", "status", "payment_reminder_enabled",
    "is_sms_enabled", "custom_field_hash", "contact_category", "sales_channel", "entity_address_id",
    "addresses", "pricebook_id", "pricebook_name", "created_time", "created_date", "created_by_name",
    "last_modified_time", "approvers_list", "integration_references", "default_templates", "location_id",
})  # fmt: skip
_PERSON_EXTRAS = frozenset({
    "contact_person_id", "contact_id", "is_primary_contact", "enable_portal", "communication_preference",
    "zcrm_contact_id", "is_added_in_portal", "can_invite", "photo_url",
})  # fmt: skip
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")


def clean_contact(body: Mapping[str, Any], switches: Switches, currencies: frozenset[str]) -> dict[str, Any]:
    """The scalar values of a write; sub-objects are cleaned by those who own them.

    :raises ApiError: an unknown key, a wrong type, a text too long
    """
    cleaned: dict[str, Any] = {}
    for key, value in body.items():
        if key in TEXTS:
            cleaned[key] = clean_text(key, value, TEXTS[key])
        elif key in _CHECKS:
            cleaned[key] = _CHECKS[key](key, value)
        elif key == "currency_id":
            if value not in currencies:
                raise invalid_value(key)
            cleaned[key] = value
        elif not _ignored(key) and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)
    return cleaned


def clean_address(
    key: str, address: object, current: Mapping[str, str], switches: Switches
) -> dict[str, str]:
    """A whole address after a write; sub-keys left out are blanked or kept as the switch says."""
    if not isinstance(address, dict):
        raise invalid_value(key)
    kept = current if switches.zoho_address_put == "keep" else {}
    return {
        name: clean_text(name, address[name], limit) if name in address else kept.get(name, "")
        for name, limit in ADDRESS.items()
    }


def clean_person(person: object, switches: Switches) -> dict[str, Any]:
    """The values of a person that a write names."""
    if not isinstance(person, dict):
        raise invalid_value("contact_persons")
    unknown = next((key for key in person if key not in PERSON and key not in _PERSON_EXTRAS), None)
    if unknown is not None and switches.zoho_unknown_keys == "reject":
        raise invalid_element(unknown, switches)
    if person.get("enable_portal") and not switches.zoho_person_portal:
        raise invalid_element("enable_portal", switches)
    cleaned: dict[str, Any] = {
        key: clean_text(key, person[key], limit) for key, limit in PERSON.items() if key in person
    }
    if cleaned.get("email") and not _EMAIL.match(cleaned["email"]):
        raise invalid_value("email")
    if "communication_preference" in person:
        cleaned["communication_preference"] = _preference(person["communication_preference"])
    return cleaned


def _ignored(key: str) -> bool:
    return key in _PROJECTIONS or key in _STRUCTURED or key.startswith("cf_") or key.endswith("_formatted")


def _preference(value: object) -> dict[str, bool]:
    if not isinstance(value, dict):
        raise invalid_value("communication_preference")
    known = ("is_sms_enabled", "is_whatsapp_enabled")
    return {name: flag for name, flag in value.items() if name in known and isinstance(flag, bool)}


_CHECKS: Mapping[str, Callable[[str, object], Any]] = {
    "payment_terms": clean_integer,
    **dict.fromkeys(FLAGS, clean_flag),
    **{key: partial(clean_choice, choices=choices) for key, choices in CHOICES.items()},
    **dict.fromkeys(_LISTS, clean_list),
}
