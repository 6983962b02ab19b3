"""Purchases in the hands of people: one step at the screen, webhooks."""

from __future__ import annotations

import queue

import pytest

from tests.contract.sandbox_zoho.buying import Buyer, statuses
from tests.contract.sandbox_zoho.running import Receiver, Running


@pytest.fixture
def buyer(zoho: Running) -> Buyer:
    return Buyer(zoho)


STEPS = {
    "issued": ("issued", "issued", "to_be_received", "to_be_billed"),
    "cancelled": ("cancelled", "cancelled", "", ""),
    "partially_received": ("partially_received", "issued", "partially_received", "to_be_billed"),
    "received": ("received", "issued", "received", "to_be_billed"),
    "billed": ("billed", "issued", "to_be_received", "billed"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_person_brings_a_draft_anywhere_in_one_step(buyer: Buyer, step: str) -> None:
    order = buyer.order(status="draft")
    operation = {"op": "status", "system": "zoho", "entity": "purchaseorder",
                 "id": order["purchaseorder_id"], "status": step}  # fmt: skip
    (result,) = buyer.zoho.admin("POST", "/bulk", {"operations": [operation]}).json()["results"]
    assert result["ok"], result
    assert statuses(buyer.read(order["purchaseorder_id"])) == STEPS[step] == statuses(result["record"])


def test_edits_create_orders_receives_and_bills(buyer: Buyer) -> None:
    zoho = buyer.zoho
    order = zoho.edit("purchaseorder", buyer.body(purchaseorder_number="OWN-1", status="issued"))
    assert (order["purchaseorder_number"], order["status"], order["source"]) == ("OWN-1", "issued", "Client")
    order_id = order["purchaseorder_id"]
    line = {"line_item_id": order["line_items"][0]["line_item_id"], "quantity": 1}
    assert (
        zoho.edit("purchasereceive", {"purchaseorder_id": order_id, "line_items": [line]})["total_quantity"]
        == 1.0
    )
    assert zoho.edit("purchasereceive", {"purchaseorder_id": order_id})["total_quantity"] == 4.0
    assert zoho.edit("purchaseorder", {"notes": "n"}, order_id)["notes"] == "n"
    bill = zoho.edit("bill", {"purchaseorder_ids": [order_id], "bill_number": "B-1"})
    assert bill["total"] == 20.0
    assert statuses(buyer.read(order_id)) == ("billed", "closed", "received", "billed")


def test_webhooks_tell_of_purchases_but_not_of_what_others_did_to_them(buyer: Buyer, inbox: Receiver) -> None:
    rules = [
        {"rule": name, "url": f"{inbox.url}/{entity}/{name}", "entity": entity, "events": [name]}
        for entity in ("purchaseorder", "purchasereceive")
        for name in ("add", "edit", "delete")
    ]
    assert buyer.zoho.admin("PUT", "/webhooks", {"rules": rules}).status_code == 200
    order = buyer.order()
    arrived = [inbox.next(), inbox.next()]
    assert sorted(each.path for each in arrived) == ["/purchaseorder/add", "/purchaseorder/edit"]
    bodies = [each.json()["purchaseorder"] for each in arrived]
    assert {body["purchaseorder_id"] for body in bodies} == {order["purchaseorder_id"]}
    receive = buyer.receive(order, 1)
    taken = inbox.next()
    assert (taken.path, taken.json()["purchasereceive"]) == ("/purchasereceive/add", receive)
    buyer.zoho.delete(f"/purchasereceives/{receive['receive_id']}")
    assert inbox.next().path == "/purchasereceive/delete"
    buyer.zoho.delete(f"/purchaseorders/{order['purchaseorder_id']}")
    assert inbox.next().path == "/purchaseorder/delete"
    with pytest.raises(queue.Empty):
        inbox.next(0.1)
