"""Inventory adjustments: signed deltas on both ledgers, taken back by an update or a delete."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.contract.sandbox_zoho.running import Receiver, Running

BODY = {"date": "2026-05-01", "reason": "Stock count", "adjustment_type": "quantity"}


def refused(response: requests.Response, status: int, code: int) -> str:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    message: str = response.json()["message"]
    return message


def lamp(zoho: Running, name: str = "Lamp", stock: float = 10, **fields: Any) -> str:
    body = {"name": name, "item_type": "inventory", "initial_stock": stock, "purchase_rate": 2.5, **fields}
    return str(zoho.post("/items", body)["item"]["item_id"])


def stock(zoho: Running, item_id: str) -> tuple[float, float]:
    item = zoho.get(f"/items/{item_id}")["item"]
    return item["stock_on_hand"], item["actual_available_stock"]


def adjust(zoho: Running, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = zoho.post("/inventoryadjustments", {**BODY, "line_items": list(lines), **fields})
    adjustment: dict[str, Any] = made["inventory_adjustment"]
    return adjustment


def test_many_items_move_by_signed_deltas_in_one_call(zoho: Running) -> None:
    first, second = lamp(zoho), lamp(zoho, "Desk", stock=1)
    lines = [{"item_id": first, "quantity_adjusted": -4}, {"item_id": second, "quantity_adjusted": 2.5}]
    answer = zoho.call(
        "POST", "/inventoryadjustments", {**BODY, "reference_number": "R-1", "line_items": lines}
    )
    assert (answer.status_code, answer.json()["message"]) == (201, "Inventory Adjustment has been added")
    made = answer.json()["inventory_adjustment"]
    assert (stock(zoho, first), stock(zoho, second)) == ((6.0, 6.0), (3.5, 3.5))
    assert (made["reference_number"], made["total"], made["reason"]) == ("R-1", -3.75, "Stock count")
    assert [(line["quantity_adjusted"], line["item_total"], line["name"]) for line in made["line_items"]] == [
        (-4.0, -10.0, "Lamp"), (2.5, 6.25, "Desk"),
    ]  # fmt: skip
    assert made["line_items"][0]["adjustment_account_name"] == "Cost of Goods Sold"
    assert made["location_name"] == "Main Warehouse"
    assert (
        zoho.get(f"/inventoryadjustments/{made['inventory_adjustment_id']}")["inventory_adjustment"] == made
    )


def test_lines_have_their_own_location_or_that_of_the_document(zoho: Running) -> None:
    first, second = (place["location_id"] for place in zoho.get("/locations")["locations"])
    item_id = lamp(zoho)
    made = adjust(
        zoho, {"item_id": item_id, "quantity_adjusted": 1}, {"item_id": item_id, "quantity_adjusted": 2, "location_id": first},
        location_id=second,
    )  # fmt: skip
    assert [line["location_id"] for line in made["line_items"]] == [second, first]
    places = zoho.get(f"/items/{item_id}")["item"]["locations"]
    assert [place["location_stock_on_hand"] for place in places] == ["12.0", "1.0"]


def test_an_update_takes_the_old_lines_back_first(zoho: Running) -> None:
    item_id, other = lamp(zoho), lamp(zoho, "Desk")
    made = adjust(
        zoho, {"item_id": item_id, "quantity_adjusted": 5}, {"item_id": other, "quantity_adjusted": 1}
    )
    path = f"/inventoryadjustments/{made['inventory_adjustment_id']}"
    kept = made["line_items"][0]["line_item_id"]
    changed = zoho.put(path, {"line_items": [{"line_item_id": kept, "quantity_adjusted": -2}]})
    assert changed["message"] == "success"
    assert [line["line_item_id"] for line in changed["inventory_adjustment"]["line_items"]] == [kept]
    assert (stock(zoho, item_id)[0], stock(zoho, other)[0]) == (8.0, 10.0)
    assert (
        zoho.put(path, {"description": "counted"})["inventory_adjustment"]["line_items"][0][
            "quantity_adjusted"
        ]
        == -2.0
    )
    assert stock(zoho, item_id) == (8.0, 8.0)
    zoho.delete(f"/items/{other}")
    refused(zoho.call("PUT", path, {"line_items": [{"line_item_id": "1", "quantity_adjusted": 1}]}), 400, 2)
    whole = zoho.get(path)["inventory_adjustment"]
    assert zoho.put(path, whole)["inventory_adjustment"]["line_items"] == whole["line_items"]


def test_a_delete_brings_everything_back(zoho: Running) -> None:
    item_id = lamp(zoho)
    made = adjust(zoho, {"item_id": item_id, "quantity_adjusted": -3})
    path = f"/inventoryadjustments/{made['inventory_adjustment_id']}"
    assert zoho.delete(path) == {"code": 0, "message": "Inventory Adjustment(s) has been deleted"}
    assert stock(zoho, item_id) == (10.0, 10.0)
    assert refused(zoho.call("GET", path), 404, 1002) == "Inventory Adjustment does not exist."
    zoho.delete(f"/items/{item_id}")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"date": None}, 4, "Invalid value passed for date"),
        ({"reason": ""}, 4, "Invalid value passed for reason"),
        ({"adjustment_type": None}, 4, "Invalid value passed for adjustment_type"),
        ({"line_items": []}, 4, "Invalid value passed for line_items"),
        ({"date": "01.05.2026"}, 2, "Invalid value passed for Date"),
        ({"adjustment_type": "value"}, 2, "Invalid value passed for Adjustment Type"),
        ({"location_id": "1"}, 2, "Invalid value passed for Location Id"),
        ({"warehouse_id": "1"}, 2, "Invalid Element warehouse_id"),
        ({"colour": "red"}, 2, "Invalid Element colour"),
        ({"line": {"quantity_adjusted": 0}}, 2, "Invalid value passed for Quantity Adjusted"),
        ({"line": {"quantity_adjusted": "3"}}, 2, "Invalid value passed for Quantity Adjusted"),
        ({"line": {"quantity_adjusted": None}}, 2, "Invalid value passed for Quantity Adjusted"),
        ({"line": {"item_id": ""}}, 4, "Invalid value passed for item_id"),
        ({"line": {"adjustment_account_id": "1"}}, 2, "Invalid value passed for Adjustment Account Id"),
        ({"line": {"serial_numbers": ["S"]}}, 2, "Invalid Element serial_numbers"),
        ({"line": {"colour": "red"}}, 2, "Invalid Element colour"),
        ({"line": {"quantity_adjusted": -11}}, 2, 'The stock of "Lamp" would fall below zero.'),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_and_moves_nothing(
    zoho: Running, change: dict[str, Any], code: int, message: str
) -> None:
    item_id = lamp(zoho)
    line = {"item_id": item_id, "quantity_adjusted": 1, **change.get("line", {})}
    body = {**BODY, "line_items": [line], **{k: v for k, v in change.items() if k != "line"}}
    assert refused(zoho.call("POST", "/inventoryadjustments", body), 400, code) == message
    assert stock(zoho, item_id) == (10.0, 10.0)
    assert zoho.get("/inventoryadjustments")["inventory_adjustments"] == []


def test_two_lines_together_may_not_take_more_than_there_is(zoho: Running) -> None:
    item_id = lamp(zoho)
    line = {"item_id": item_id, "quantity_adjusted": -6}
    refused(zoho.call("POST", "/inventoryadjustments", {**BODY, "line_items": [line, line]}), 400, 2)
    assert stock(zoho, item_id) == (10.0, 10.0)


def test_items_that_are_gone_inactive_or_without_stock_are_refused(zoho: Running) -> None:
    idle = lamp(zoho, "Idle")
    zoho.post(f"/items/{idle}/inactive")
    service = zoho.post("/items", {"name": "Advice"})["item"]["item_id"]
    for item_id, status, code in ((idle, 400, 2), (service, 400, 2), ("1", 404, 2006)):
        body = {**BODY, "line_items": [{"item_id": item_id, "quantity_adjusted": 1}]}
        refused(zoho.call("POST", "/inventoryadjustments", body), status, code)


def test_the_list_has_no_lines_and_ignores_what_it_is_not_documented_to_filter_by(zoho: Running) -> None:
    item_id = lamp(zoho)
    for reference in ("R-1", "R-2"):
        adjust(zoho, {"item_id": item_id, "quantity_adjusted": 1}, reference_number=reference)
    found = zoho.get("/inventoryadjustments", reference_number="R-1")
    assert {row["reference_number"] for row in found["inventory_adjustments"]} == {"R-1", "R-2"}
    assert "line_items" not in found["inventory_adjustments"][0]
    assert found["page_context"]["report_name"] == "Inventory Adjustments"
    first = zoho.get("/inventoryadjustments", per_page=1)
    assert first["page_context"]["has_more_page"] is True


def test_one_reason_has_one_id(zoho: Running) -> None:
    item_id = lamp(zoho)
    made = [
        adjust(zoho, {"item_id": item_id, "quantity_adjusted": 1}, reason=reason)
        for reason in ("Rust", "rust")
    ]
    assert made[0]["reason_id"] == made[1]["reason_id"] != ""


def test_without_approvals_their_calls_do_not_exist(zoho: Running) -> None:
    made = adjust(zoho, {"item_id": lamp(zoho), "quantity_adjusted": 1})
    for action in ("submit", "approve", "approve/final", "reject"):
        path = f"/inventoryadjustments/{made['inventory_adjustment_id']}/{action}"
        assert refused(zoho.call("POST", path), 404, 5) == "Invalid URL Passed"


def test_webhooks_tell_of_adjustments_and_items_but_not_of_moved_stock(
    zoho: Running, inbox: Receiver
) -> None:
    rules = [
        {"rule": entity, "url": f"{inbox.url}/{entity}", "entity": entity, "events": ["add", "edit"]}
        for entity in ("item", "inventory_adjustment")
    ]
    answer = zoho.admin("PUT", "/webhooks", {"rules": rules})
    assert answer.status_code == 200, answer.text
    item_id = lamp(zoho)
    told = inbox.next()
    assert (told.path, told.json()["item"]["item_id"]) == ("/item", item_id)
    modified = zoho.get(f"/items/{item_id}")["item"]["last_modified_time"]
    made = adjust(zoho, {"item_id": item_id, "quantity_adjusted": 1})
    told = inbox.next()
    assert told.path == "/inventory_adjustment"
    assert told.json()["inventory_adjustment"]["inventory_adjustment_id"] == made["inventory_adjustment_id"]
    assert zoho.get(f"/items/{item_id}")["item"]["last_modified_time"] == modified
    zoho.put(f"/items/{item_id}", {"rate": 9})
    assert json.loads(inbox.next().body)["item"]["rate"] == 9.0
