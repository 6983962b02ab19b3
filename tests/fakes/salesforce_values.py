"""What fields of a Salesforce org take, and the form in which they keep and show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from integration.canonical.values import Json, decode_value, encode_value
from integration.connectors.salesforce.ids import is_record_id
from integration.errors import Rejected

KEY_FIELD = "Zoho_Id__c"
CHECKBOXES = frozenset({"Is_Active__c", "Is_Primary__c", "IsPersonAccount"})
NUMBERS = frozenset({"AnnualRevenue", "NumberOfEmployees", "BillingLatitude", "BillingLongitude"})
DATES = frozenset({"Birthdate"})
REFERENCES = frozenset({"AccountId"})
DERIVED = {"Account": frozenset[str](), "Contact": frozenset({"Name"})}
"""Fields every org has and nobody writes."""
COMPUTED = {entity: names | {"IsPersonAccount"} for entity, names in DERIVED.items()}
DEFAULTS: Mapping[str, Mapping[str, Json]] = {
    "Account": {"Is_Active__c": True, "IsPersonAccount": False},
    "Contact": {"Is_Active__c": True, "Is_Primary__c": False},
}
REQUIRED = {"Account": ("Name",), "Contact": ("LastName",)}
ADDRESS = {"Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80}
LENGTHS = {
    "Name": 255, "FirstName": 40, "LastName": 80, "Salutation": 40, "Title": 128, "Department": 80, "Email": 80,
    "Phone": 40, "MobilePhone": 40, "Fax": 40, "Website": 255, "Description": 32_000, KEY_FIELD: 255,
    **{f"{kind}{part}": most for kind in ("Billing", "Shipping", "Mailing", "Other") for part, most in ADDRESS.items()},
}  # fmt: skip
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


def kept(name: str, value: Json) -> Json:
    """The form an org keeps: text without outer blanks, empty text as nothing, numbers without zeros.

    Raises Rejected.
    """
    decoded = Decimal(str(value)) if isinstance(value, float) else decode_value(value)
    if decoded is None or decoded == "":
        if name in CHECKBOXES:
            raise _refused("invalid_type_on_field_in_record", name)
        return None
    if name in CHECKBOXES | NUMBERS | DATES:
        return _typed(name, decoded)
    if not isinstance(decoded, str):
        raise _refused("json_parser_error", name)
    return _text(name, decoded.strip())


def _typed(name: str, value: object) -> Json:
    if name in NUMBERS and isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else encode_value(number.normalize())
    if name in CHECKBOXES and isinstance(value, bool):
        return value
    if name in DATES and isinstance(value, str | date) and not isinstance(value, datetime):
        return str(value)
    raise _refused("json_parser_error", name)


def _text(name: str, text: str) -> Json:
    if len(text) > LENGTHS.get(name, 255):
        raise _refused("string_too_long", name)
    if name == "Email" and text and not _EMAIL.fullmatch(text):
        raise _refused("invalid_email_address", name)
    if name in REFERENCES and not is_record_id(text):
        raise _refused("malformed_id", name)
    return text or None


def _refused(code: str, name: str) -> Rejected:
    return Rejected(f"salesforce.{code}", "the value does not fit its field", evidence={"fields": [name]})
