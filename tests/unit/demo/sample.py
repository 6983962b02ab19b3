"""A small truth and the two systems that go with it, as the sandbox would tell them."""

from __future__ import annotations

from typing import Any


def truth(shared: int = 60, alone: int = 60) -> dict[str, Any]:
    """Companies both systems know, companies one system has alone, and one case nobody can decide."""
    return {
        "shared": [
            {"kind": "company", "salesforce": f"001S{n:011d}AAA", "zoho": f"3400{n:04d}"}
            for n in range(shared)
        ],
        "only_salesforce": [f"001O{n:011d}AAA" for n in range(alone)],
        "only_zoho": [f"3500{n:04d}" for n in range(alone)],
        "vendors": ["36000001"],
        "ambiguous": [
            {"kind": "two fit", "salesforce": ["001A00000000001AAA"], "zoho": ["37000001", "37000002"]}
        ],
    }


def account(record_id: str, name: str = "Acme Ltd", **changed: object) -> dict[str, Any]:
    """A living Account."""
    return {
        "Id": record_id,
        "Name": name,
        "Phone": "+31 20 1",
        "Zoho_Id__c": None,
        "deleted": False,
        **changed,
    }


def customer(record_id: str, name: str = "Acme Ltd", **changed: object) -> dict[str, Any]:
    """A living business customer."""
    return {
        "contact_id": record_id, "contact_name": name, "customer_sub_type": "business", "contact_persons": [],
        "billing_address": {"phone": "0031201"}, "deleted": False, **changed,
    }  # fmt: skip
