"""What spoilt calls, restarts in awkward moments and taxes in use must not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from integration.sandbox.errors import RefusedError
from tests.contract.sandbox_zoho.broken_calls import Spoiler
from tests.contract.sandbox_zoho.in_process import InProcess, Json
from tests.contract.sandbox_zoho.running import Running, sandbox


def restarted(zoho: InProcess) -> InProcess:
    """The organisation of the next start, from a file."""
    after = InProcess()
    after.org.load(orjson.loads(orjson.dumps(zoho.org.dump())))
    return after


def test_spoilt_calls_are_answered_and_what_they_left_outlives_a_restart() -> None:
    spoiler, good = Spoiler(7), set()
    for _ in range(1500):
        endpoint, status = spoiler.call()
        good |= {endpoint} if status < 300 else set()
    # Where no call ever works there is nothing that could go wrong with what it leaves.
    assert len(good) > 80
    zoho, after = spoiler.zoho, restarted(spoiler.zoho)
    assert orjson.dumps(after.org.dump()) == orjson.dumps(zoho.org.dump())
    for entity, module in zoho.org.modules.items():
        again = after.org.modules[entity]
        for record_id in module.ids():
            assert again.detail(record_id) == module.detail(record_id)
    zoho.org.reset()
    counts = {
        entity: count for entity, count in zoho.org.counts().items() if entity not in {"limits", "location"}
    }
    assert {number for count in counts.values() for number in count.values()} == {0}


def _lines(zoho: InProcess, **line: object) -> Json:
    item = zoho.good("POST", "/items", {"name": "Lamp", "rate": 100})["item"]["item_id"]
    customer = zoho.good("POST", "/contacts", {"contact_name": "Muster"})["contact"]["contact_id"]
    return {"customer_id": customer, "line_items": [{"item_id": item, "quantity": 10, **line}]}


@pytest.mark.parametrize(("discount", "total"), [("10%", 900), (10, 990), ("100%", 0)])
def test_a_discount_of_ten_outlives_a_restart_and_goes_on_invoices(discount: object, total: float) -> None:
    zoho = InProcess()
    body = {**_lines(zoho, discount=discount), "discount_type": "item_level"}
    order = zoho.good("POST", "/salesorders", body)["salesorder"]
    after = restarted(zoho)
    path = f"/salesorders/{order['salesorder_id']}"
    assert after.good("GET", path) == zoho.good("GET", path)
    after.good("POST", f"{path}/status/confirmed")
    lines = [{"salesorder_item_id": order["line_items"][0]["line_item_id"], "quantity": 10}]
    invoice = after.good("POST", "/invoices", {"line_items": lines}, salesorder_id=order["salesorder_id"])[
        "invoice"
    ]
    assert (order["total"], invoice["total"]) == (total, total)


def test_a_discount_on_the_whole_order_outlives_a_restart() -> None:
    zoho = InProcess()
    order = zoho.good("POST", "/salesorders", {**_lines(zoho), "discount": "10%"})["salesorder"]
    assert restarted(zoho).good("GET", f"/salesorders/{order['salesorder_id']}")["salesorder"]["total"] == 900


def test_taxes_of_documents_keep_their_rate_and_stay() -> None:
    zoho = InProcess()
    tax = zoho.good("POST", "/settings/taxes", {"tax_name": "T", "tax_percentage": 7})["tax"][0]["tax_id"]
    group = zoho.good("POST", "/settings/taxgroups", {"tax_group_name": "G", "taxes": tax})["tax_group"][
        "tax_group_id"
    ]
    order = zoho.good("POST", "/salesorders", _lines(zoho, tax_id=group))["salesorder"]
    path, refusal = f"/settings/taxes/{tax}", (400, zoho.switches.zoho_setting_in_use_code)
    first = zoho.good("GET", "/settings/taxes")["taxes"][-1]["tax_id"]
    for method, where, body in (
        ("PUT", path, {"tax_percentage": 8}),
        ("PUT", path, {"tax_type": "compound_tax"}),
        ("PUT", f"/settings/taxgroups/{group}", {"taxes": f"{tax},{first}"}),
        ("DELETE", f"/settings/taxgroups/{group}", None),
    ):
        status, answer = zoho.call(method, where, body)
        assert (status, answer["code"]) == refusal, (method, where)
    zoho.good("PUT", path, {"tax_name": "Another", "tax_percentage": 7})
    zoho.good("DELETE", f"/salesorders/{order['salesorder_id']}")
    zoho.good("PUT", path, {"tax_percentage": 8})
    assert zoho.good("GET", f"/settings/taxgroups/{group}")["tax_group"]["tax_group_percentage"] == 8


def test_a_percentage_is_read_back_with_all_its_decimals() -> None:
    zoho = InProcess()
    order = zoho.good("POST", "/salesorders", {**_lines(zoho), "discount": "12.345%"})["salesorder"]
    assert (order["discount"], order["total"]) == ("12.345%", 876.55)
    again = zoho.good("PUT", f"/salesorders/{order['salesorder_id']}", order)["salesorder"]
    assert again["total"] == 876.55


def test_a_location_that_an_order_names_stays() -> None:
    zoho = InProcess()
    place = zoho.good("POST", "/locations", {"location_name": "Annex", "type": "general"})
    path = f"/locations/{next(each for each in place.values() if isinstance(each, dict))['location_id']}"
    body = _lines(zoho, location_id=path.rpartition("/")[2])
    order = zoho.good("POST", "/salesorders", body)["salesorder"]
    assert zoho.call("DELETE", path)[1]["code"] == zoho.switches.zoho_setting_in_use_code
    zoho.good("DELETE", f"/salesorders/{order['salesorder_id']}")
    zoho.good("DELETE", path)


def test_a_customer_with_nothing_but_a_payment_stays() -> None:
    zoho = InProcess()
    customer = zoho.good("POST", "/contacts", {"contact_name": "Muster"})["contact"]["contact_id"]
    body = {"customer_id": customer, "amount": 5}
    payment = zoho.good("POST", "/customerpayments", body)["payment"]["payment_id"]
    refused = zoho.call("DELETE", f"/contacts/{customer}")
    assert (refused[0], refused[1]["code"]) == (400, zoho.switches.zoho_has_transaction_code)
    zoho.good("DELETE", f"/customerpayments/{payment}")
    zoho.good("DELETE", f"/contacts/{customer}")


def test_unique_values_of_invoices_are_unique() -> None:
    zoho = InProcess()
    field = {"label": "Key", "entity": "invoice", "data_type": "string", "is_unique": True}
    zoho.good("POST", "/settings/fields", field)
    body = {**_lines(zoho), "custom_fields": [{"api_name": "cf_key", "value": "K-1"}]}
    invoice = zoho.good("POST", "/invoices", body)["invoice"]["invoice_id"]
    refused = zoho.call("POST", "/invoices", body)
    assert (refused[0], refused[1]["code"]) == (400, zoho.switches.zoho_duplicate_custom_value_code)
    zoho.good("DELETE", f"/invoices/{invoice}")
    zoho.good("POST", "/invoices", body)


@pytest.mark.parametrize("value", ["2026-W01-1", "20260101", "2026-1-1", "2026-02-30", "2026-01-01T00:00:00"])
def test_only_a_day_is_a_day(value: str) -> None:
    zoho = InProcess()
    assert zoho.call("POST", "/salesorders", {**_lines(zoho), "date": value})[1]["code"] == 2
    assert zoho.call("GET", "/salesorders", date_start=value)[1] == {
        "code": 2, "message": "Invalid value passed for Date Start",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1e999", "1_000", "٣", "ten"])
def test_only_a_number_is_a_number(value: str) -> None:
    refusal = {"code": 2, "message": "Invalid value passed for Rate Less Than"}
    assert InProcess().call("GET", "/items", rate_less_than=value) == (400, refusal)


@pytest.mark.parametrize("data_type", [[], {}, None, 5, "no such type"])
def test_a_custom_field_has_one_of_the_types(data_type: object) -> None:
    body = {"label": "Shade", "entity": "item", "data_type": data_type}
    assert (
        InProcess().call("POST", "/settings/fields", body)[1]["message"]
        == "Invalid value passed for Data Type"
    )


@pytest.mark.parametrize("package_ids", [None, [], "", 0])
def test_a_person_who_names_no_package_ships_all(package_ids: object) -> None:
    zoho = InProcess()
    order = zoho.good("POST", "/salesorders", _lines(zoho))["salesorder"]["salesorder_id"]
    zoho.good("POST", f"/salesorders/{order}/status/confirmed")
    fields = {"salesorder_id": order, "package_ids": package_ids}
    assert zoho.org.edit("shipmentorder", None, fields)["status"] == "shipped"
    with pytest.raises(RefusedError):
        zoho.org.edit("shipmentorder", None, {**fields, "package_ids": 5})
    assert zoho.good("GET", f"/salesorders/{order}")["salesorder"]["shipped_status"] == "shipped"


@pytest.fixture(scope="module")
def zoho() -> Iterator[Running]:
    with sandbox("--zoho-per-minute", "100000", "--switch", "zoho_keyed_create_stores_key=true") as running:
        yield running


def test_headers_that_are_no_text_are_answered(zoho: Running) -> None:
    key = zoho.get("/settings/fields", entity="contact", filter_custom_fields="true")["fields"][0]["api_name"]
    for name, value in ((key, b"\xff\xfe"), (b"cf_\xed\xa0\x80", b"1")):
        headers: Any = {
            "X-Unique-Identifier-Key": name,
            "X-Unique-Identifier-Value": value,
            "X-Upsert": "true",
        }
        answer = zoho.call("PUT", "/contacts", {"contact_name": "Muster"}, headers=headers)
        assert answer.status_code in {200, 400}, answer.text
        assert (answer.json()["code"] == 0) is (answer.status_code == 200)
    assert [row["contact_name"] for row in zoho.get("/contacts")["contacts"]] == ["Muster"]
