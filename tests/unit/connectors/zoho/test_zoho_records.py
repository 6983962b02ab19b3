"""Contacts as Zoho shows them → native images, and the bodies made from flat fields."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.connectors.zoho.fields import WRITABLE_CONTACT
from integration.connectors.zoho.records import (
    contact_body,
    contact_records,
    instant,
    json_safe,
    person_body,
    persons_body,
    split_primary,
)
from integration.errors import BadInput, ConfigurationFault

DETAIL: dict[str, Any] = {
    "contact_id": "4600000000026049",
    "contact_name": "Acme GmbH",
    "website": "",
    "exchange_rate": "",
    "payment_terms": 0,
    "outstanding_receivable_amount": Decimal("12.50"),
    "unused_credits_receivable_amount": Decimal("0.0"),
    "status": "active",
    "currency_code": "USD",
    "created_time_formatted": "yesterday",
    "documents": [],
    "custom_field_hash": {"cf_region": "North", "cf_region_unformatted": "North"},
    "cf_key_account": "true",
    "cf_key_account_unformatted": True,
    "custom_fields": [
        {"api_name": "cf_region", "value": "North", "data_type": "string"},
        {"api_name": "cf_key_account", "value": "true", "data_type": "check_box"},
        {"api_name": "cf_score", "value": "7.50", "data_type": "decimal"},
        {"api_name": "cf_since", "value": "2026-01-31", "data_type": "date"},
        {"api_name": "cf_blank", "value": "", "data_type": "number"},
    ],
    "billing_address": {"address_id": "1", "city": "Köln", "zip": "50667", "street2": ""},
    "shipping_address": {},
    "contact_persons": [
        {"contact_person_id": "11", "first_name": "Bo", "email": "", "is_primary_contact": False},
        {"contact_person_id": "12", "first_name": "Ada", "phone": "1", "is_primary_contact": True,
         "communication_preference": {"is_sms_enabled": True}},
    ],
    "last_modified_time": "2026-06-09T13:15:34-0400",
}  # fmt: skip


def test_a_detail_is_flattened() -> None:
    root, bo, ada = contact_records(DETAIL, {"cf_region", "cf_missing"})
    assert root.whole
    assert root.at == 1_781_025_334_000
    expected = {
        "contact_name": "Acme GmbH", "website": None, "exchange_rate": None, "payment_terms": 0,
        "outstanding_receivable_amount": {"$decimal": "12.5"}, "unused_credits_receivable_amount": 0,
        "cf_region": "North", "cf_key_account": True, "cf_score": {"$decimal": "7.5"},
        "cf_since": "2026-01-31",
        "cf_blank": None, "cf_missing": None, "billing_address.city": "Köln", "billing_address.street2": None,
        "primary_person.first_name": "Ada", "primary_person.contact_person_id": "12",
        "primary_person.email": None,
    }  # fmt: skip
    assert expected.items() <= root.image.items()
    assert (
        not {"contact_id", "documents", "custom_fields", "contact_persons", "billing_address"}
        & root.image.keys()
    )
    assert not [name for name in root.image if name.endswith(("_formatted", "_unformatted"))]
    assert (bo.record_id, bo.parent_id, bo.at) == ("11", root.record_id, root.at)
    assert bo.image == {"first_name": "Bo", "email": None, "is_primary_contact": False}
    assert ada.image == {"first_name": "Ada", "phone": "1", "is_primary_contact": True}


def test_a_detail_stored_with_an_event_reads_the_same() -> None:
    stored = json.loads(json.dumps(json_safe(DETAIL)))
    assert contact_records(stored) == contact_records(DETAIL)


def test_a_list_row_is_a_summary() -> None:
    row = {
        "contact_id": 4600000000026049,
        "contact_name": "Acme",
        "cf_key_account": "true",
        "cf_key_account_unformatted": True,
        "last_modified_time": "2026-06-09T17:15:34+0000",
    }
    [summary] = contact_records(row, {"cf_region"})
    assert not summary.whole
    assert summary.record_id == "4600000000026049"
    assert summary.image["cf_key_account"] is True
    assert "cf_region" not in summary.image, "a row does not show empty fields, so nothing is known"
    assert summary.at == 1_781_025_334_000


def test_no_person_is_primary() -> None:
    [root] = contact_records(DETAIL | {"contact_persons": []})
    assert root.image["primary_person.contact_person_id"] is None
    assert root.image["primary_person.email"] is None


@pytest.mark.parametrize("contact_id", [None, "", "x", True, ["1"]])
def test_no_id_no_record(contact_id: object) -> None:
    with pytest.raises(BadInput):
        contact_records({"contact_id": contact_id})


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        (None, 0),
        ("2026-03-29T01:59:59+0100", 1_774_745_999_000),
        ("2026-03-29T03:00:00+0200", 1_774_746_000_000),  # one second later, over the change to summer time
        ("2026-06-09T13:15:34-0400", 1_781_025_334_000),
    ],
)
def test_times_are_instants(text: str | None, at: int) -> None:
    assert instant(text) == at


def test_a_body_is_nested() -> None:
    body = contact_body(
        {
            "contact_name": "Acme",
            "website": None,
            "payment_terms": 30,
            "billing_address.city": "Köln",
            "billing_address.zip": None,
            "cf_score": {"$decimal": "21.651038"},
            "cf_since": {"$date": "2026-01-31"},
            "cf_flag": True,
        }
    )
    assert body == {
        "contact_name": "Acme",
        "website": "",
        "payment_terms": 30,
        "billing_address": {"city": "Köln", "zip": ""},
        "custom_fields": [
            {"api_name": "cf_score", "value": 21.651038},
            {"api_name": "cf_since", "value": "2026-01-31"},
            {"api_name": "cf_flag", "value": True},
        ],
    }
    assert json.dumps(body["custom_fields"][0]) == '{"api_name": "cf_score", "value": 21.651038}'  # type: ignore[index]


@pytest.mark.parametrize(
    "name", ["status", "email", "nothing", "primary_person.email", "billing_address.address_id"]
)
def test_what_cannot_be_written_is_named(name: str) -> None:
    with pytest.raises(ConfigurationFault, match=name.replace(".", r"\.")):
        contact_body({name: "x"})
    with pytest.raises(ConfigurationFault):
        person_body({"contact_person_id": "1"})


def test_persons_of_a_create() -> None:
    own, primary = split_primary({"contact_name": "A", "primary_person.email": "a@b.example"})
    assert own == {"contact_name": "A"}
    assert persons_body(primary, [{"last_name": "B", "phone": None}, {"is_primary_contact": False}]) == [
        {"email": "a@b.example", "is_primary_contact": True},
        {"last_name": "B", "phone": ""},
        {},
    ]
    assert persons_body({"email": None}, []) == []


@given(st.dictionaries(st.sampled_from(sorted(n for n in WRITABLE_CONTACT if not n.startswith("primary_"))),
                       st.none() | st.text(min_size=1) | st.integers() | st.booleans()))  # fmt: skip
def test_what_is_sent_reads_back_the_same(fields: dict[str, Any]) -> None:
    shown = {"contact_id": "1", "contact_persons": [], "billing_address": {}, **contact_body(fields)}
    image = contact_records(shown)[0].image
    assert {name: image[name] for name in fields} == fields
