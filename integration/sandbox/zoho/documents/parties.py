"""The contact a document is for: who may be on it, in which currency, with which of its persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.documents.money import RATE_DECIMALS, rounded
from integration.sandbox.zoho.documents.numeric import clean_exchange_rate
from integration.sandbox.zoho.faults import ApiError, invalid_value, missing_value
from integration.sandbox.zoho.profile import Currency

PersonRef = tuple[str, tuple[tuple[str, bool], ...]]
_LABELS = {"customer": "Customer", "vendor": "Vendor"}
_PREFERRED = {"is_email_enabled": True, "is_whatsapp_enabled": False}
_PREFERENCES = ("is_email_enabled", "is_sms_enabled", "is_whatsapp_enabled")


def party_id(key: str, body: Mapping[str, Any]) -> str:
    """The id under `customer_id` or `vendor_id`. :raises ApiError: it is missing or no id."""
    found = body.get(key)
    if found in (None, ""):
        raise missing_value(key)
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise invalid_value(key)
    return str(found)


def check_party(contact: Contact | None, contact_type: str, switches: Switches) -> Contact:
    """The contact, if a document of this type may be written for it now.

    :raises ApiError: there is none, it is of the other type, or inactive
    """
    if contact is None:
        raise ApiError(404, 1002, f"The {_LABELS[contact_type]} is not accessible.")
    if contact.contact_type != contact_type:
        raise ApiError(
            400,
            switches.zoho_contact_type_code,
            "Make sure that you have selected a contact of the correct contact type (customer/vendor).",
        )
    if contact.status != "active":
        raise ApiError(
            400, switches.zoho_inactive_contact_code, f'The {contact_type} "{contact.name}" is inactive.'
        )
    return contact


def currency_of(body: Mapping[str, Any], currency: Currency, current: Decimal | None = None) -> Decimal:
    """The exchange rate of a document in the contact's currency, which is the only one it may be in.

    `current` is the rate it has; a new one takes the organisation's.
    :raises ApiError: another currency, a rate for the base currency other than 1
    """
    named = body.get("currency_id")
    if named not in (None, "") and str(named) != currency.currency_id:
        raise invalid_value("currency_id")
    code = body.get("currency_code")
    if code not in (None, "") and code != currency.code:
        raise invalid_value("currency_code")
    if body.get("exchange_rate") in (None, ""):
        return current if current is not None else Decimal(str(currency.rate))
    found = clean_exchange_rate("exchange_rate", body["exchange_rate"])
    if currency.is_base and found != 1:
        raise invalid_value("exchange_rate")
    return found


def rate_in(rate: float, exchange_rate: Decimal) -> Decimal:
    """A price of the base currency in a currency of that exchange rate."""
    return rounded(Fraction(Decimal(str(rate))) / Fraction(exchange_rate), RATE_DECIMALS).normalize()


def persons_of(
    body: Mapping[str, Any], contact: Contact, current: tuple[PersonRef, ...]
) -> tuple[PersonRef, ...]:
    """The persons of the contact that the document goes to, in the newer form or as a list of ids.

    :raises ApiError: a person who is not one of the contact's
    """
    if "contact_persons_associated" in body:
        key = "contact_persons_associated"
        entries = _list(key, body[key])
        return tuple(_person(key, entry, contact) for entry in entries)
    if "contact_persons" in body:
        key = "contact_persons"
        named = (
            {"contact_person_id": entry} if isinstance(entry, str) else entry
            for entry in _list(key, body[key])
        )
        return tuple(_person(key, entry, contact) for entry in named)
    return current


def persons_shown(refs: Iterable[PersonRef], contact: Contact | None) -> list[dict[str, Any]]:
    """`contact_persons_associated` of an answer; a person who is gone since is left out."""
    shown = []
    for person_id, preference in refs:
        person = contact.person(person_id) if contact is not None else None
        if person is None:
            continue
        first, last = person.get("first_name", ""), person.get("last_name", "")
        shown.append({
            "contact_person_id": person_id, "contact_person_name": f"{first} {last}".strip(),
            "first_name": first, "last_name": last, "contact_person_email": person.get("email", ""),
            "phone": person.get("phone", ""), "mobile": person.get("mobile", ""),
            "communication_preference": {**_PREFERRED, **dict(preference)},
        })  # fmt: skip
    return shown


def _list(key: str, sent: object) -> list[Any]:
    if not isinstance(sent, list):
        raise invalid_value(key)
    return sent


def _person(key: str, entry: object, contact: Contact) -> PersonRef:
    person_id = entry.get("contact_person_id") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or contact.person(str(person_id)) is None:
        raise invalid_value(key)
    wanted = entry.get("communication_preference")
    if wanted is None:
        return str(person_id), ()
    if not isinstance(wanted, dict):
        raise invalid_value("communication_preference")
    flags = tuple((name, wanted[name]) for name in _PREFERENCES if isinstance(wanted.get(name), bool))
    return str(person_id), flags
