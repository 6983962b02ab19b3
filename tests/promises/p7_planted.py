"""Records, webhooks and files full of canaries."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from tests.crash.processes import SECRET
from tests.promises.p7_canaries import PERSONAL, SENT, TYPED

CUSTOM_FIELD = """\
record: zoho_contact
rules:
  species: {canonical: custom.species, field: cf_species}
---
record: salesforce_account
rules:
  species: {canonical: custom.species, field: Site}
"""


def signed(message: bytes) -> str:
    """As Zoho signs: the pairs of the query run together, then the body."""
    return hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


def person() -> Mapping[str, str]:
    return {
        "FirstName": PERSONAL["first name"],
        "LastName": PERSONAL["last name"],
        "Email": f"{PERSONAL['e-mail']}@vexmail.example",
        "MobilePhone": f"+44 20 {PERSONAL['phone']}",
    }


def hook(record_id: str) -> dict[str, Any]:
    return {
        "contact": {
            "contact_id": record_id,
            "contact_name": f"{PERSONAL['individual']} {SENT['body']}",
            "contact_type": "customer",
            "customer_sub_type": "business",
            "status": "active",
            "last_modified_time": "2026-06-09T13:15:34+0000",
            "custom_fields": [{"api_name": "cf_species", "value": PERSONAL["custom field"]}],
            "contact_persons": [],
            "billing_address": {"address": PERSONAL["street"]},
        }
    }


def mistaken() -> str:
    """A value map over what people typed, with a mistake beside it."""
    word = TYPED["mapping"]
    return (
        "record: zoho_contact\nrules:\n"
        f"  species: {{canonical: custom.species, feild: cf_species, values: {{{word}: {word} x}}}}\n"
    )
