"""Writes of the Zoho connector: which calls they take; `gateways` has what all gateways keep."""

from __future__ import annotations

import pytest

from integration.connectors.zoho.config import Dialect
from integration.errors import Rejected
from tests.contract.sandbox_process import Sandbox
from tests.contract.zoho_parts import (
    ACME,
    KEY,
    Connected,
    Connector,
    connect,
    plain,
    plain_process,
    zoho,
)

__all__ = ["connect", "plain", "plain_process", "zoho"]  # fixtures

pytestmark = pytest.mark.redis


def test_a_contact_with_persons_is_made_in_one_call_and_answered_whole(zoho: Connected) -> None:
    children = ({"first_name": "Bo", "last_name": "Second", "email": "bo@acme.example"},)
    zoho.gateway.probe()
    before = len(zoho.api_calls())
    zoho.gateway.currency_codes()
    answer = zoho.create(ACME, key=KEY, children=children)
    assert zoho.api_calls()[before:] == [("GET", "/settings/currencies"), ("POST", "/contacts")]
    assert answer.created
    root, primary, second = answer.records
    assert root.record_id == answer.record_id
    expected = {name: value for name, value in ACME.items() if value not in (None, "")}
    assert expected.items() <= root.image.items()
    assert root.image["billing_address.state"] is None
    assert root.image["cf_salesforce_id"] == KEY
    assert root.image["primary_person.contact_person_id"] == primary.record_id
    assert (primary.image["is_primary_contact"], second.image["is_primary_contact"]) == (True, False)
    assert (second.entity, second.parent_id) == ("contact_person", root.record_id)
    assert second.image["email"] == "bo@acme.example"
    assert root.whole
    assert root.at == second.at > 1_600_000_000_000
    assert zoho.read(root.record_id) == answer.records


def test_a_contact_without_persons_is_upserted_by_key(zoho: Connected) -> None:
    first = zoho.create({"contact_name": "Solo Ltd"}, key=KEY)
    assert first.created
    again = zoho.create({"contact_name": "Solo Limited"}, key=KEY)
    assert again.record_id == first.record_id
    assert [row["contact_name"] for row in zoho.sandbox.records("zoho", "contact")] == ["Solo Limited"]
    assert set(zoho.api_calls()[2:]) == {("PUT", "/contacts")}


def test_without_the_capability_a_create_is_a_post(plain: Connected) -> None:
    assert plain.gateway.probe() is False
    answer = plain.create({"contact_name": "Solo Ltd"}, key=KEY)
    assert answer.created
    assert plain.api_calls()[-1] == ("POST", "/contacts")
    assert answer.records[0].image["cf_salesforce_id"] == KEY
    with pytest.raises(Rejected):
        plain.create({"contact_name": "Solo Limited"}, key=KEY)
    assert len(plain.sandbox.records("zoho", "contact")) == 1


def test_the_probe_asks_once_and_changes_nothing(zoho: Connected) -> None:
    assert [zoho.gateway.probe() for _ in range(3)] == [True] * 3
    assert zoho.api_calls() == [("GET", "/settings/fields"), ("PUT", "/contacts")]
    assert zoho.sandbox.records("zoho", "contact") == []


def test_the_probe_wants_a_unique_field(sandbox: Sandbox, connect: Connector) -> None:
    zoho = connect(sandbox, key_field="cf_region")
    assert zoho.gateway.probe() is False
    assert zoho.api_calls() == [("GET", "/settings/fields")]


def test_the_dialect_may_settle_the_capability(sandbox: Sandbox, connect: Connector) -> None:
    for told in ("yes", "no"):
        zoho = connect(sandbox, dialect=Dialect(keyed_upsert=told))
        assert zoho.gateway.probe() is (told == "yes")
        assert zoho.api_calls() == []
