from __future__ import annotations

import pytest

from integration.connectors.redaction import endpoint


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/contacts/4600000000026049/active", "/contacts/{id}/active"),
        ("https://h.example/inventory/v1/contacts?email=a@b.example", "/inventory/v1/contacts"),
        ("/contacts/contactpersons/46/primary", "/contacts/contactpersons/{id}/primary"),
        (
            "/services/data/v61.0/sobjects/Account/001xx000003DGb2AAG",
            "/services/data/v61.0/sobjects/Account/{id}",
        ),
        ("/sobjects/Account/Zoho_Id__c/460000", "/sobjects/Account/Zoho_Id__c/{id}"),
        ("/contacts/ada%40example.com", "/contacts/{id}"),
    ],
)
def test_ids_and_queries_are_left_out(address: str, told: str) -> None:
    assert endpoint(address) == told
