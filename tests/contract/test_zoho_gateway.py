"""The Zoho connector against the stand-in: what only it does; `gateways` has what all gateways keep."""

from __future__ import annotations

import pytest

from integration.errors import ConfigurationFault
from tests.contract.sandbox_process import Sandbox
from tests.contract.zoho_parts import (
    Connected,
    Connector,
    connect,
    plain,
    plain_process,
    zoho,
)

__all__ = ["connect", "plain", "plain_process", "zoho"]  # fixtures

pytestmark = pytest.mark.redis


# ------------------------------------------------------------------- organisation


def test_the_organisation_is_verified(zoho: Connected, sandbox: Sandbox, connect: Connector) -> None:
    assert zoho.gateway.organization_id() == sandbox.zoho["organization_id"]
    foreign = connect(sandbox, organization_id="1")
    for call in (foreign.gateway.organization_id, lambda: foreign.gateway.list_page("contact", "")):
        with pytest.raises(ConfigurationFault) as caught:
            call()
        assert caught.value.code == "zoho.wrong_organization"


def test_currencies(zoho: Connected) -> None:
    codes = zoho.gateway.currency_codes()
    assert {"USD", "EUR", "GBP"} == set(codes.values())
    assert zoho.gateway.currency_codes() == codes
    assert len(zoho.api_calls()) == 1


def test_absent_and_writable_fields(zoho: Connected) -> None:
    asked = ["contact_name", "cf_region", "cf_nobody", "shoe_size", "primary_person.email"]
    assert zoho.gateway.absent_fields("contact", asked) == ["cf_nobody", "shoe_size"]
    assert zoho.gateway.absent_fields("contact_person", ["email", "shoe_size"]) == ["shoe_size"]
    writable = zoho.gateway.writable_fields("contact")
    assert {"contact_name", "cf_region", "billing_address.city", "primary_person.email"} <= writable
    assert not {"status", "email", "created_time", "cf_nobody"} & writable
    assert "email" in zoho.gateway.writable_fields("contact_person")


def test_without_definitions_a_contact_shows_the_fields(plain: Connected) -> None:
    assert plain.gateway.absent_fields("contact", ["cf_nobody", "shoe_size"]) == ["shoe_size"]
    plain.create({"contact_name": "Acme", "cf_region": "North"})
    later = plain.gateway.absent_fields("contact", ["cf_region", "cf_nobody"])
    assert "cf_region" not in later
