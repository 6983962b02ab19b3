"""Confirming, voiding and deleting orders, one by one and many at once, and the stock they commit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.trading import Shop, error, statuses


@pytest.fixture
def shop(zoho: Running) -> Shop:
    return Shop(zoho)


def path(order: dict[str, Any]) -> str:
    return f"/salesorders/{order['salesorder_id']}"


def test_confirming_commits_stock_and_voiding_releases_it(shop: Shop) -> None:
    order = shop.order(status="draft")
    assert shop.stock() == (10.0, 0.0, 10.0, 0.0)
    said = shop.zoho.post(f"{path(order)}/status/confirmed")
    assert said["message"] == "Sales order status has been changed to 'Confirmed'."
    assert statuses(shop.read(order["salesorder_id"])) == (
        "confirmed",
        "confirmed",
        "not_invoiced",
        "unpaid",
        "pending",
    )
    assert shop.stock() == (10.0, 3.0, 10.0, 3.0)
    assert error(shop.zoho.call("POST", f"{path(order)}/status/confirmed")) == (400, 36_026)
    said = shop.zoho.post(f"{path(order)}/status/void")
    assert said["message"] == "The status of the Sales Order has been changed to void."
    assert statuses(shop.read(order["salesorder_id"])) == ("void", "void", "", "", "")
    assert shop.stock() == (10.0, 0.0, 10.0, 0.0)
    for step in ("confirmed", "void"):
        assert error(shop.zoho.call("POST", f"{path(order)}/status/{step}")) == (400, 36_026)
    assert error(shop.zoho.call("PUT", path(order), {"notes": "x"})) == (400, 36_023)


def test_an_edit_moves_what_is_committed(shop: Shop) -> None:
    order = shop.order()
    line_id = order["line_items"][0]["line_item_id"]
    shop.zoho.put(path(order), {"line_items": [{"line_item_id": line_id, "quantity": 5}]})
    assert shop.stock()[1] == 5.0
    desk = shop.item("Desk")
    shop.zoho.put(path(order), {"line_items": [{"item_id": desk, "quantity": 2}]})
    assert (shop.stock()[1], shop.stock(desk)[1]) == (0.0, 2.0)
    shop.zoho.delete(path(order))
    assert shop.stock(desk)[1] == 0.0


def test_the_location_of_a_line_goes_before_that_of_its_order(shop: Shop) -> None:
    main, north = [each["location_id"] for each in shop.zoho.get("/locations")["locations"]]
    lines = [
        {"item_id": shop.lamp, "quantity": 1},
        {"item_id": shop.lamp, "quantity": 2, "location_id": main},
    ]
    order = shop.order(location_id=north, line_items=lines)
    assert order["location_id"] == north
    assert [each["location_id"] for each in order["line_items"]] == [north, main]


def test_many_are_confirmed_at_once_with_a_word_on_each(shop: Shop) -> None:
    good, done = shop.order(status="draft"), shop.order()
    ids = ",".join((good["salesorder_id"], done["salesorder_id"], "1"))
    sent = shop.zoho.call("POST", "/salesorders/status/confirmed", salesorder_ids=ids)
    assert (sent.status_code, sent.json()["code"]) == (200, 0)
    assert sent.json()["message"] == "Sales order status has been changed to Confirmed."
    (success,) = sent.json()["data"]["email_success_info"]
    assert (success["code"], success["ids"]) == (0, [good["salesorder_id"]])
    refused = {row["code"]: row["ids"] for row in sent.json()["data"]["email_error_info"]}
    assert refused == {36_026: [done["salesorder_id"]], 1002: ["1"]}
    assert error(shop.zoho.call("POST", "/salesorders/status/confirmed")) == (400, 4)
    many = ",".join(str(number) for number in range(201))
    assert error(shop.zoho.call("POST", "/salesorders/status/confirmed", salesorder_ids=many)) == (400, 2)


def test_orders_are_deleted_alone_or_together(shop: Shop) -> None:
    order = shop.order()
    assert error(shop.zoho.call("DELETE", f"/contacts/{shop.customer_id}")) == (400, 3037)
    assert error(shop.zoho.call("DELETE", f"/items/{shop.lamp}")) == (400, 2049)
    assert shop.zoho.delete(path(order))["message"] == "The Sales Order has been deleted."
    assert error(shop.zoho.call("GET", path(order))) == (404, 1002)
    two, packed = [shop.order(status="draft"), shop.order(status="draft")], shop.order()
    shop.pack(packed, 1)
    ids = [each["salesorder_id"] for each in (*two, packed)]
    assert error(shop.zoho.call("DELETE", "/salesorders", salesorder_ids=",".join(ids))) == (400, 36_021)
    assert len(shop.zoho.get("/salesorders")["salesorders"]) == 3
    sent = shop.zoho.call("DELETE", "/salesorders", salesorder_ids=",".join(ids[:2]))
    assert sent.json() == {"code": 0, "message": "The selected sales orders have been deleted"}
    assert [row["salesorder_id"] for row in shop.zoho.get("/salesorders")["salesorders"]] == ids[2:]
    many = ",".join(str(number) for number in range(201))
    assert error(shop.zoho.call("DELETE", "/salesorders", salesorder_ids=many)) == (400, 2)


def test_a_customer_without_orders_can_be_deleted(shop: Shop) -> None:
    assert shop.zoho.get(f"/contacts/{shop.customer_id}")["contact"]["has_transaction"] is False
    order = shop.order(status="draft")
    assert shop.zoho.get(f"/contacts/{shop.customer_id}")["contact"]["has_transaction"] is True
    shop.zoho.delete(path(order))
    assert shop.zoho.delete(f"/contacts/{shop.customer_id}")["code"] == 0
    assert shop.zoho.delete(f"/items/{shop.lamp}")["code"] == 0


def test_approval_is_off_unless_the_organisation_wants_it(shop: Shop) -> None:
    order = shop.order(status="draft")
    for step in ("submit", "approve", "approve/final", "reject"):
        assert error(shop.zoho.call("POST", f"{path(order)}/{step}")) == (400, 36_040)
    for step in ("submit", "approve"):
        assert error(
            shop.zoho.call("POST", f"/salesorders/{step}", salesorder_ids=order["salesorder_id"])
        ) == (400, 36_040)
