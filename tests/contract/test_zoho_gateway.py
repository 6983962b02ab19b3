"""The Zoho gateway against the stand-in: what it reads, finds and lists."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.errors import ConfigurationFault, NameTaken
from integration.ports import Gateway, Page, ReadRequest, WriteRequest
from tests.contract.sandbox_process import Sandbox
from tests.contract.zoho_parts import (
    ACME,
    EVENT,
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


def test_it_is_a_gateway(zoho: Connected) -> None:
    gateway: Gateway = zoho.gateway
    assert gateway.side is Side.ZOHO
    assert gateway.batch_limit(Operation.UPDATE, "contact") == 1


def test_rows_fail_by_themselves(zoho: Connected) -> None:
    made = zoho.create({"contact_name": "Taken"})
    names = ("One", "Taken", "Two")
    requests = [WriteRequest("contact", Operation.CREATE, fields={"contact_name": name}) for name in names]
    one, taken, two = zoho.gateway.write(requests, EVENT)
    assert (one.fault, two.fault) == (None, None)
    assert isinstance(taken.fault, NameTaken)
    reads = [ReadRequest("contact", record_id) for record_id in (made.record_id, "42", two.record_id)]
    found, gone, last = zoho.gateway.read(reads, WorkClass.LOOKUP)
    assert found.records[0].image["contact_name"] == "Taken"
    assert gone.records[0].deleted
    assert last.records[0].record_id == two.record_id


# ------------------------------------------------------------------- find


def test_find_by_name_email_and_phone_verifies_the_rows(zoho: Connected) -> None:
    acme = zoho.create(ACME, key=KEY, children=({"last_name": "S", "email": "second@acme.example"},))
    zoho.create({"contact_name": "Acme Widgets Two"})
    by_name = zoho.find(name="  acme WIDGETS ")
    assert [record.record_id for record in by_name.others] == [acme.record_id]
    assert not by_name.others[0].whole
    assert [record.record_id for record in zoho.find(email="ADA@acme.example").others] == [acme.record_id]
    assert [record.record_id for record in zoho.find(email="second@acme.example").others] == [acme.record_id]
    assert [record.record_id for record in zoho.find(phone="+1 555 0100").others] == [acme.record_id]
    nothing = zoho.find(name="Nobody", email="no@body.example", phone="000 000 999", key="001none")
    assert (nothing.by_key, nothing.others) == ((), ())


def test_a_record_with_our_key_is_found_as_such(zoho: Connected) -> None:
    acme = zoho.create(ACME, key=KEY)
    found = zoho.find(name="Acme Widgets", key=KEY)
    assert [record.record_id for record in found.by_key] == [acme.record_id]
    assert found.others == ()


def test_a_search_costs_at_most_three_calls(zoho: Connected) -> None:
    zoho.gateway.probe()
    before = len(zoho.api_calls())
    zoho.find(name="A B", email="a@b.example", phone="555 0100 200", key=KEY)
    assert len(zoho.api_calls()) - before == 3
    assert zoho.find().others == ()
    assert len(zoho.api_calls()) - before == 3


def test_long_names_are_found_and_told_apart(zoho: Connected) -> None:
    long = "L" * 150
    made = zoho.create({"contact_name": long})
    zoho.create({"contact_name": long + "x"})
    assert [record.record_id for record in zoho.find(name=long).others] == [made.record_id]


# ------------------------------------------------------------------- lists


def pages(zoho: Connected, listing: str, *arguments: object) -> list[Page]:
    found: list[Page] = []
    token = ""
    while True:
        found.append(getattr(zoho.gateway, listing)("contact", *arguments, token))
        token = found[-1].next_page
        if not token:
            return found


def test_lists_of_everything_go_by_creation(sandbox: Sandbox, connect: Connector) -> None:
    zoho = connect(sandbox, page_size=3)
    ids = [zoho.create({"contact_name": f"N{number}"}).record_id for number in range(7)]
    zoho.write(Operation.DEACTIVATE, record_id=ids[2])
    found = pages(zoho, "list_page")
    assert [len(page.records) for page in found] == [3, 3, 1]
    assert {record.record_id for page in found for record in page.records} == set(ids)
    assert not any(record.whole for page in found for record in page.records)


def test_the_delta_is_newest_first_and_ends_at_the_watermark(sandbox: Sandbox, connect: Connector) -> None:
    zoho = connect(sandbox, page_size=2)
    for number in range(5):
        zoho.create({"contact_name": f"N{number}"})
    whole = [record for page in pages(zoho, "changed_since", 0) for record in page.records]
    assert len(whole) == 5
    assert [record.at for record in whole] == sorted((record.at for record in whole), reverse=True)
    newest = whole[0].at
    assert all(
        record.at >= newest for page in pages(zoho, "changed_since", newest + 999) for record in page.records
    )
    before = len(zoho.api_calls())
    assert zoho.gateway.changed_since("contact", newest + 1000, "") == Page(())
    assert len(zoho.api_calls()) == before + 1
    assert zoho.gateway.deleted_since("contact", 0) == []


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
