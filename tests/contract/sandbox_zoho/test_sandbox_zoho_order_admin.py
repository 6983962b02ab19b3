"""Orders in the hands of people: one step at the screen, webhooks, state that outlives a restart."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from tests.contract.sandbox_zoho.running import Receiver, Running
from tests.contract.sandbox_zoho.trading import Shop, statuses


@pytest.fixture
def shop(zoho: Running) -> Shop:
    return Shop(zoho)


STEPS = {
    "confirmed": ("confirmed", "confirmed", "not_invoiced", "unpaid", "pending"),
    "packed": ("confirmed", "confirmed", "not_invoiced", "unpaid", "pending"),
    "shipped": ("shipped", "confirmed", "not_invoiced", "unpaid", "shipped"),
    "delivered": ("fulfilled", "confirmed", "not_invoiced", "unpaid", "fulfilled"),
    "invoiced": ("confirmed", "closed", "invoiced", "unpaid", "pending"),
    "paid": ("confirmed", "closed", "invoiced", "paid", "pending"),
    "void": ("void", "void", "", "", ""),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_person_brings_a_draft_anywhere_in_one_step(shop: Shop, step: str) -> None:
    order = shop.order(status="draft")
    operation = {
        "op": "status",
        "system": "zoho",
        "entity": "salesorder",
        "id": order["salesorder_id"],
        "status": step,
    }
    (result,) = shop.zoho.admin("POST", "/bulk", {"operations": [operation]}).json()["results"]
    assert result["ok"], result
    after = shop.read(order["salesorder_id"])
    assert statuses(after) == STEPS[step] == statuses(result["record"])
    assert [row["status"] for row in after["packages"]] == (
        [{"packed": "not_shipped"}.get(step, step)] if step in ("packed", "shipped", "delivered") else []
    )


def test_edits_create_orders_packages_shipments_and_invoices(shop: Shop) -> None:
    order = shop.zoho.edit("salesorder", shop.body(salesorder_number="OWN-1", status="confirmed"))
    assert (order["salesorder_number"], order["status"], order["source"]) == ("OWN-1", "confirmed", "Client")
    order_id = {"salesorder_id": order["salesorder_id"]}
    line = {"so_line_item_id": order["line_items"][0]["line_item_id"], "quantity": 1}
    package = shop.zoho.edit("package", {**order_id, "line_items": [line]})
    assert package["total_quantity"] == 1.0
    sent = {"package_ids": [package["package_id"]], "delivery_method": "Rail", "tracking_number": "TN 5"}
    shipment = shop.zoho.edit("shipmentorder", {**order_id, **sent})
    assert (shipment["delivery_method"], shipment["tracking_number"]) == ("Rail", "TN 5")
    rest = shop.zoho.edit("shipmentorder", {**order_id, "tracking_number": "TN 6"})
    assert [row["tracking_number"] for row in shop.read(order["salesorder_id"])["packages"]] == [
        "TN 5",
        "TN 6",
    ]
    assert rest["line_items"][0]["quantity"] == 2.0
    invoice = shop.zoho.edit("invoice", order_id)
    paid = {"invoices": [{"invoice_id": invoice["invoice_id"], "amount_applied": 30}], "amount": 30}
    refused = shop.zoho.admin(
        "POST", "/edit/zoho/customerpayment", {"fields": {"customer_id": shop.customer_id, **paid}}
    )
    assert (refused.status_code, refused.json()["body"]["code"]) == (409, 36_026)
    assert shop.zoho.admin("POST", "/edit/zoho/package", {"fields": order_id}).status_code == 400
    assert shop.zoho.admin("GET", "/state/zoho").json()["salesorder"] == {"alive": 1, "deleted": 0}
    assert (
        shop.zoho.admin("POST", "/edit/zoho/salesorder", {"id": "1", "fields": {"status": "x"}}).status_code
        == 400
    )


def test_webhooks_tell_of_orders_but_not_of_what_others_did_to_them(shop: Shop, inbox: Receiver) -> None:
    rules = [
        {"rule": name, "url": f"{inbox.url}/{entity}/{name}", "entity": entity, "events": [name]}
        for entity in ("salesorder", "package", "shipmentorder", "invoice")
        for name in ("add", "edit", "delete")
    ]
    assert shop.zoho.admin("PUT", "/webhooks", {"rules": rules}).status_code == 200
    order = shop.order()
    arrived: list[tuple[str, Any]] = [(each.path, each.json()) for each in (inbox.next(), inbox.next())]
    assert sorted(path for path, _ in arrived) == ["/salesorder/add", "/salesorder/edit"]
    assert all(body["salesorder"]["salesorder_id"] == order["salesorder_id"] for _, body in arrived)
    package = shop.pack(order, 3)
    assert inbox.next().path == "/package/add"
    shop.ship(order, package)
    taken = inbox.next()
    assert taken.path == "/shipmentorder/add"
    assert taken.json()["shipmentorder"]["packages"][0]["package_id"] == package["package_id"]
    invoice = shop.invoice(order)
    assert {inbox.next().path, inbox.next().path} == {"/invoice/add", "/invoice/edit"}
    shop.zoho.delete(f"/invoices/{invoice['invoice_id']}")
    assert inbox.next().path == "/invoice/delete"
    with pytest.raises(queue.Empty):
        inbox.next(timeout=0.15)
