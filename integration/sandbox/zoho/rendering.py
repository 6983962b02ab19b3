"""How a contact looks in answers: the whole record, a list row, a person, an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.contact_fields import ADDRESS, PERSON, TEXTS
from integration.sandbox.zoho.custom_fields import CustomFields
from integration.sandbox.zoho.profile import Currency, Profile

_ALWAYS_SHOWN = frozenset({"contact_name", "company_name", "website", "notes", "facebook", "twitter",
                           "language_code"})  # fmt: skip
_OPTIONAL = tuple(key for key in TEXTS if key not in _ALWAYS_SHOWN and key != "payment_terms_label")
_AMOUNTS = (
    "outstanding_receivable_amount", "outstanding_receivable_amount_bcy", "outstanding_payable_amount",
    "outstanding_payable_amount_bcy", "unused_credits_receivable_amount", "unused_credits_payable_amount",
)  # fmt: skip


class Rendering:
    """Answers of one organisation; times carry its offset, which changes with daylight saving."""

    def __init__(self, profile: Profile, custom_fields: CustomFields) -> None:
        self._profile = profile
        self._custom = custom_fields
        self._zone = ZoneInfo(profile.time_zone)
        self._currencies = {currency.currency_id: currency for currency in profile.currencies}

    def time(self, seconds: int) -> str:
        """`2026-06-09T13:15:34-0400`: whole seconds, no colon in the offset."""
        return datetime.fromtimestamp(seconds, self._zone).strftime("%Y-%m-%dT%H:%M:%S%z")

    def detail(self, contact: Contact) -> Json:
        """What GET /contacts/{id} and webhooks show."""
        shown = self._shared(contact)
        shown.update(self._constants(contact))
        shown.update(
            custom_fields=self._custom.array(contact.custom),
            custom_field_hash=self._custom.flat(contact.custom),
            opening_balances=contact.values.get("opening_balances", []),
            billing_address=address(contact.billing_address),
            shipping_address=address(contact.shipping_address),
            contact_persons=[person(each) for each in contact.persons],
            notes=contact.values.get("notes", ""),
            created_date=self.time(contact.created)[:10],
            created_by_name=self._profile.user_name,
            tags=contact.values.get("tags", []),
        )
        shown.update({key: contact.values[key] for key in _OPTIONAL if contact.values.get(key)})
        shown.update(self._custom.flat(contact.custom))
        return shown

    def row(self, contact: Contact) -> Json:
        """A list row: no addresses, no persons, no notes, no array of custom fields."""
        shown = self._shared(contact)
        created, modified = shown["created_time"], shown["last_modified_time"]
        shown.update(
            customer_name=contact.name,
            vendor_name=contact.name,
            contact_type_formatted=contact.contact_type.title(),
            created_time_formatted=f"{created[:10]} {created[11:16]}",
            last_modified_time_formatted=f"{modified[:10]} {modified[11:16]}",
            has_attachment=False,
        )
        shown.update(self._custom.flat(contact.custom))
        return shown

    def currency(self, contact: Contact) -> Currency:
        """The contact's currency; the organisation's where none was chosen."""
        return self._currencies.get(contact.values.get("currency_id", ""), self._profile.base_currency)

    def _shared(self, contact: Contact) -> Json:
        values, primary, currency = contact.values, contact.primary, self.currency(contact)
        terms = values.get("payment_terms", 0)
        return {
            "contact_id": contact.contact_id,
            "contact_name": contact.name,
            "company_name": values.get("company_name", ""),
            "website": values.get("website", ""),
            "language_code": values.get("language_code", ""),
            "contact_type": contact.contact_type,
            "customer_sub_type": values.get("customer_sub_type", "business"),
            "status": contact.status,
            "source": contact.source,
            "is_linked_with_zohocrm": False,
            "payment_terms": terms,
            "payment_terms_label": values.get("payment_terms_label") or _terms_label(terms),
            "currency_id": currency.currency_id,
            "currency_code": currency.code,
            "twitter": values.get("twitter", ""),
            "facebook": values.get("facebook", ""),
            **dict.fromkeys(_AMOUNTS, 0.0),
            **{key: primary.get(key, "") for key in ("first_name", "last_name", "email", "phone", "mobile")},
            "portal_status": "disabled",
            "created_time": self.time(contact.created),
            "last_modified_time": self.time(contact.modified),
        }

    def _constants(self, contact: Contact) -> Json:
        primary = contact.primary
        return {
            "designation": primary.get("designation", ""), "department": primary.get("department", ""),
            "contact_salutation": primary.get("salutation", ""), "has_transaction": contact.has_transaction,
            "owner_id": "", "owner_name": "", "documents": contact.values.get("documents", []),
            "is_crm_customer": False, "primary_contact_id": primary.get("contact_person_id", ""),
            "zcrm_account_id": "", "zcrm_contact_id": "", "crm_owner_id": "",
            "payment_terms_id": f"{self._profile.id_prefix}{93081:012d}", "credit_limit_exceeded_amount": 0.0,
            "currency_symbol": self.currency(contact).symbol, "price_precision": 2, "exchange_rate": "",
            "opening_balance_amount": 0.0, "unused_retainer_payments": 0.0, "payment_reminder_enabled": True,
            "is_sms_enabled": True, "contact_category": "", "sales_channel": "direct_sales",
            "entity_address_id": contact.billing_address.get("address_id", ""), "addresses": [],
            "pricebook_id": "", "pricebook_name": "", "default_templates": {}, "approvers_list": [],
            "integration_references": [],
        }  # fmt: skip


def person(values: Mapping[str, Any]) -> Json:
    """A person inside its contact."""
    return {
        "contact_person_id": values["contact_person_id"],
        **{key: values.get(key, "") for key in PERSON},
        "zcrm_contact_id": "", "is_added_in_portal": False, "can_invite": True,
        "is_primary_contact": values["is_primary_contact"], "photo_url": "",
        "communication_preference": values["communication_preference"],
    }  # fmt: skip


def address(values: Mapping[str, str]) -> Json:
    """An address with every key, empty ones as an empty text."""
    return {"address_id": values.get("address_id", ""), **{key: values.get(key, "") for key in ADDRESS}}


def _terms_label(days: int) -> str:
    return f"Net {days}" if days else "Due on Receipt"
