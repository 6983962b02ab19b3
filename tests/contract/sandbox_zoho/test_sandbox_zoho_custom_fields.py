"""Custom fields and the keyed PUT."""

from __future__ import annotations

import pytest

from tests.contract.sandbox_zoho.running import Running, sandbox

KEY = "cf_salesforce_id"


def keyed(value: str, *, upsert: bool = False) -> dict[str, str]:
    headers = {"X-Unique-Identifier-Key": KEY, "X-Unique-Identifier-Value": value}
    return {**headers, "X-Upsert": "true"} if upsert else headers


def value_of(api_name: str, value: object) -> dict[str, object]:
    return {"api_name": api_name, "value": value}


def test_the_three_forms_of_a_value(zoho: Running) -> None:
    contact = zoho.customer(
        "Acme", custom_fields=[value_of("cf_key_account", value=True), value_of("cf_region", "N")]
    )
    by_name = {entry["api_name"]: entry for entry in contact["custom_fields"]}
    assert by_name["cf_key_account"]["value"] is True
    assert by_name["cf_key_account"]["value_formatted"] == "true"
    assert contact["custom_field_hash"]["cf_key_account"] == "true"
    assert contact["cf_key_account_unformatted"] is True
    assert contact["cf_region"] == "N"
    assert KEY not in contact


def test_values_not_listed_stay_and_an_empty_one_clears(zoho: Running) -> None:
    contact = zoho.customer("Acme", custom_fields=[value_of(KEY, "001A"), value_of("cf_region", "N")])
    path = f"/contacts/{contact['contact_id']}"
    after = zoho.put(path, {"custom_fields": [value_of("cf_region", "")]})["contact"]
    assert (after[KEY], "cf_region" in after) == ("001A", False)


def test_fields_are_named_by_id_label_or_index_too(zoho: Running) -> None:
    fields = zoho.get("/settings/fields", entity="contact", filter_custom_fields="true")["fields"]
    definition = next(field for field in fields if field["api_name"] == "cf_region")
    for name in ("customfield_id", "label", "index"):
        contact = zoho.customer(f"By {name}", custom_fields=[{name: definition[name], "value": name}])
        assert contact["cf_region"] == name


def test_a_unique_value_belongs_to_one_contact(zoho: Running) -> None:
    first = zoho.customer("One", custom_fields=[value_of(KEY, "001A")])
    second = zoho.customer("Two")
    body = {"custom_fields": [value_of(KEY, "001A")]}
    assert zoho.call("POST", "/contacts", {"contact_name": "Three", **body}).json()["code"] == 110_817
    assert zoho.call("PUT", f"/contacts/{second['contact_id']}", body).json()["code"] == 110_817
    zoho.put(f"/contacts/{first['contact_id']}", body)
    zoho.delete(f"/contacts/{first['contact_id']}")
    zoho.put(f"/contacts/{second['contact_id']}", body)


def test_keyed_put_updates_what_it_finds(zoho: Running) -> None:
    contact = zoho.customer("One", custom_fields=[value_of(KEY, "001A")])
    after = zoho.put("/contacts", {"notes": "x"}, keyed("001A"))["contact"]
    assert (after["contact_id"], after["notes"]) == (contact["contact_id"], "x")
    missing = zoho.call("PUT", "/contacts", {"notes": "x"}, headers=keyed("001B"))
    assert (missing.status_code, missing.json()["code"]) == (404, 1002)


def test_keyed_put_creates_once_with_upsert(zoho: Running) -> None:
    body = {"contact_name": "New", "custom_fields": [value_of(KEY, "001N")]}
    answers = [zoho.put("/contacts", body, keyed("001N", upsert=True)) for _ in range(2)]
    assert len({answer["contact"]["contact_id"] for answer in answers}) == 1
    assert zoho.names() == ["New"]


def test_a_keyed_create_does_not_store_the_key_by_itself(zoho: Running) -> None:
    made = zoho.put("/contacts", {"contact_name": "New"}, keyed("001N", upsert=True))["contact"]
    assert KEY not in made


@pytest.mark.parametrize("key", ["cf_region", "cf_none"])
def test_only_a_unique_field_can_be_the_key(zoho: Running, key: str) -> None:
    headers = {"X-Unique-Identifier-Key": key, "X-Unique-Identifier-Value": "x", "X-Upsert": "true"}
    assert zoho.call("PUT", "/contacts", {"contact_name": "A"}, headers=headers).status_code == 400


def test_without_the_capability_a_keyed_put_is_405() -> None:
    with sandbox("--switch", "zoho_keyed_upsert=false") as running:
        answer = running.call("PUT", "/contacts", {"contact_name": "A"}, headers=keyed("1", upsert=True))
        assert answer.status_code == 405
        assert running.names() == []


@pytest.mark.parametrize(
    ("spec", "good", "bad"),
    [
        ("cf_size:number", 5, "many"),
        ("cf_rate:decimal", 1.5, "x"),
        ("cf_since:date", "2026-02-28", "2026-02-30"),
        ("cf_level:dropdown:options=Gold|Silver", "Gold", "Bronze"),
        ("cf_flag:check_box", "true", "yes"),
        ("cf_text:string", "x" * 255, "x" * 256),
    ],
)
def test_types_given_at_the_start_are_enforced(spec: str, good: object, bad: object) -> None:
    api_name = spec.partition(":")[0]
    with sandbox("--zoho-custom-field", spec) as running:
        running.customer("Good", custom_fields=[value_of(api_name, good)])
        body = {"contact_name": "Bad", "custom_fields": [value_of(api_name, bad)]}
        assert running.call("POST", "/contacts", body).status_code == 400


def test_a_field_defined_over_the_api(zoho: Running) -> None:
    body = {"label": "Sales Region 2", "data_type": "string", "entity": "contact", "is_unique": True}
    assert zoho.post("/settings/fields", body)["field"]["api_name"] == "cf_sales_region_2"
    zoho.customer("One", custom_fields=[value_of("cf_sales_region_2", "N")])
    taken = {"contact_name": "Two", "custom_fields": [value_of("cf_sales_region_2", "N")]}
    assert zoho.call("POST", "/contacts", taken).status_code == 400
