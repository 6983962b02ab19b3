"""What nobody knows of purchases, either way: the organisation without HTTP, with its switches turned."""

from __future__ import annotations

import json
from typing import Any

from integration.sandbox.zoho.answers import Call
from integration.sandbox.zoho.purchases import purchase_calls, receive_calls
from tests.contract.sandbox_zoho.inside import Inside, refused

Json = dict[str, Any]


class Buyer(Inside):
    """An organisation with a vendor, a bulb and a purchase order."""

    def __init__(self, **switches: str) -> None:
        super().__init__(**switches)
        vendor = {"contact_name": "Muster", "contact_type": "vendor"}
        self.vendor_id = self.org.contacts.create(vendor, "api").contact_id
        values = {"name": "Bulb", "purchase_rate": 4, "item_type": "inventory"}
        self.bulb = self.org.items.create(values, "api").record_id
        self.order_id = self.org.purchases.orders.create(self.body(), "api").record_id

    def body(self, quantity: int = 4, **fields: Any) -> Json:
        lines = [{"item_id": self.bulb, "quantity": quantity, **fields}]
        return {"vendor_id": self.vendor_id, "line_items": lines}

    def status(self, word: str) -> None:
        self.org.modules["purchaseorder"].set_status(self.order_id, word, "user")

    def order(self) -> Json:
        found = self.org.modules["purchaseorder"].detail(self.order_id)
        assert found is not None
        return found

    def receive(self, quantity: float) -> str:
        lines = [{"line_item_id": self.order()["line_items"][0]["line_item_id"], "quantity": quantity}]
        return self.org.purchases.receives.create(self.order_id, {"line_items": lines}, "api").record_id

    def bill(self, number: str = "B-1", **fields: Any) -> str:
        body = {"bill_number": number, **fields}
        return self.org.purchases.bills.create(body, "api", (self.order_id,)).record_id

    def physical(self) -> float:
        return self.org.stock.total(self.bulb).physical


def test_the_purchase_rate_may_win() -> None:
    for key, expected in (("rate", 5.0), ("purchase_rate", 6.0)):
        buyer = Buyer(purchase_rate_key=key)
        lines = buyer.body(rate=5, purchase_rate=6)["line_items"]
        buyer.org.purchases.orders.update(buyer.order_id, {"line_items": lines}, "api")
        assert buyer.order()["line_items"][0]["rate"] == expected


def test_approval_stands_between_draft_and_issued() -> None:
    buyer = Buyer(purchase_approval="true")
    desk, order_id = buyer.org.purchases.desk, buyer.order_id
    assert refused(desk.issue, order_id, "api") == 36_026
    assert refused(desk.approve, order_id, "api") == 36_026
    desk.submit(order_id, "api")
    assert (buyer.order()["status"], buyer.order()["order_status"]) == (
        "pending_approval",
        "pending_approval",
    )
    desk.reject(order_id, "api")
    assert buyer.order()["status"] == "draft"
    desk.submit(order_id, "api")
    desk.approve(order_id, "api")
    assert (buyer.order()["status"], refused(desk.submit, order_id, "api")) == ("approved", 36_026)
    desk.issue(order_id, "api")
    assert buyer.order()["status"] == "issued"


def test_receives_may_wait_for_approval() -> None:
    buyer = Buyer(receive_approval="true")
    buyer.status("issued")
    receive_id, desk = buyer.receive(3), buyer.org.purchases.receive_desk
    [line] = buyer.order()["line_items"]
    assert (line["quantity_received"], line["quantity_intransit"], buyer.physical()) == (0.0, 3.0, 0.0)
    assert refused(buyer.receive, 2) == 36_014
    assert refused(buyer.org.purchases.desk.cancel, buyer.order_id, "api") == 36_026
    desk.submit(receive_id, "api")
    desk.approve(receive_id, "api")
    [line] = buyer.order()["line_items"]
    assert (line["quantity_received"], line["quantity_intransit"], buyer.physical()) == (3.0, 0.0, 3.0)
    assert buyer.org.record("purchasereceive", receive_id)["status"] == "approved"
    buyer.status("received")
    assert (buyer.order()["status"], buyer.physical()) == ("received", 4.0)


def test_issuing_twice_and_issuing_what_was_cancelled() -> None:
    buyer = Buyer()
    desk, order_id = buyer.org.purchases.desk, buyer.order_id
    desk.issue(order_id, "api")
    assert refused(desk.issue, order_id, "api") == 36_026
    desk.cancel(order_id, "api")
    assert refused(desk.issue, order_id, "api") == 36_026
    buyer = Buyer(confirm_again_refused="false", purchase_reissue="true")
    desk = buyer.org.purchases.desk
    desk.issue(order_id, "api")
    assert desk.issue(order_id, "api").stage == "issued"
    desk.cancel(order_id, "api")
    assert desk.issue(order_id, "api").stage == "issued"


def test_a_draft_can_be_cancelled_or_not() -> None:
    buyer = Buyer()
    buyer.status("cancelled")
    assert buyer.order()["status"] == "cancelled"
    buyer = Buyer(purchase_cancel_drafts="false")
    assert refused(buyer.org.purchases.desk.cancel, buyer.order_id, "api") == 36_026


def test_purchases_for_a_sales_order_that_is_not_confirmed() -> None:
    for text, allowed in (("true", False), ("false", True)):
        buyer = Buyer(purchase_for_confirmed_only=text)
        customer = buyer.org.contacts.create({"contact_name": "Customer"}, "api").contact_id
        sale = {"customer_id": customer, "line_items": [{"item_id": buyer.bulb, "quantity": 1}]}
        sale_id = buyer.org.sales.orders.create(sale, "api").record_id
        body = {**buyer.body(), "salesorder_id": sale_id}
        if allowed:
            assert buyer.org.purchases.orders.create(body, "api").salesorder_id == sale_id
        else:
            assert refused(buyer.org.purchases.orders.create, body, "api") == 36_026


def test_answers_about_receives_have_the_key_of_the_switch() -> None:
    for key in ("purchase_receive", "purchasereceive"):
        buyer = Buyer(receive_key=key)
        buyer.status("issued")
        call = Call("GET", {}, {}, {"purchasereceive_id": buyer.receive(1)})
        assert key in receive_calls.get_receive(buyer.org, call).body


def test_a_bill_begins_as_a_draft_or_open_and_drafts_count_or_not() -> None:
    for begins, counts, billed in (("draft", "true", "billed"), ("open", "false", "billed"),
                                   ("draft", "false", "to_be_billed")):  # fmt: skip
        buyer = Buyer(bill_begins=begins, draft_invoice_counts=counts)
        buyer.status("issued")
        bill_id = buyer.bill()
        assert (buyer.org.record("bill", bill_id)["status"], buyer.order()["billed_status"]) == (
            begins,
            billed,
        )
        assert buyer.org.stock.total(buyer.bulb).accounting == (4.0 if billed == "billed" else 0.0)
        # Whether it counts or not, it has its part of the order.
        assert refused(buyer.bill, "B-2") == 36_014
        assert refused(buyer.org.purchases.orders.delete, buyer.order_id, "api") == 36_021
        lines = [{"line_item_id": buyer.order()["line_items"][0]["line_item_id"], "quantity": 3}]
        assert (
            refused(buyer.org.purchases.orders.update, buyer.order_id, {"line_items": lines}, "api") == 36_025
        )
        if billed != "billed":
            buyer.status("billed")
            assert (buyer.order()["status"], buyer.org.record("bill", bill_id)["status"]) == (
                "billed",
                "open",
            )


def test_a_bill_falls_due() -> None:
    buyer = Buyer(bill_begins="open")
    buyer.status("issued")
    bill_id = buyer.bill(payment_terms=30)
    assert buyer.org.record("bill", bill_id)["status"] == "open"
    buyer.wait(31 * 86_400)
    assert buyer.org.record("bill", bill_id)["status"] == "overdue"


def test_a_number_of_the_vendor_may_come_twice() -> None:
    body = {"bill_number": "B-1"}
    for text, codes in (("true", 36_004), ("false", 0)):
        buyer = Buyer(bill_number_unique=text)
        alone = {**body, **buyer.body()}
        buyer.org.purchases.bills.create(alone, "api")
        if codes:
            assert refused(buyer.org.purchases.bills.create, alone, "api") == codes
        else:
            assert buyer.org.purchases.bills.create(alone, "api").number == "B-1"


def test_receives_touch_their_order_or_not_and_tell_of_it_or_not() -> None:
    for touches, tells in (("true", "false"), ("false", "true")):
        buyer = Buyer(progress_touches_order=touches, webhook_order_progress=tells)
        buyer.status("issued")
        before = buyer.order()["last_modified_time"]
        buyer.told()
        buyer.wait(60)
        buyer.receive(1)
        assert (buyer.order()["last_modified_time"] != before) is (touches == "true")
        expected = [("edit", "purchaseorder")] if tells == "true" else []
        assert buyer.told() == [*expected, ("add", "purchasereceive")]


def test_a_bill_for_several_orders() -> None:
    buyer = Buyer()
    buyer.status("issued")
    other = buyer.org.purchases.orders.create(buyer.body(2), "api").record_id
    buyer.org.purchases.desk.issue(other, "api")
    bill_id = buyer.bill(purchaseorder_ids=[other])
    assert buyer.org.record("bill", bill_id)["total"] == 24.0
    for order_id in (buyer.order_id, other):
        assert buyer.org.record("purchaseorder", order_id)["billed_status"] == "billed"
    buyer.org.delete("bill", bill_id)
    assert buyer.org.record("purchaseorder", other)["billed_status"] == "to_be_billed"


def test_everything_outlives_a_restart() -> None:
    buyer = Buyer()
    update = {"discount": "5%", "ship_via": "Truck", "notes": "n"}
    buyer.org.purchases.orders.update(buyer.order_id, update, "api")
    buyer.status("issued")
    buyer.receive(3)
    buyer.bill()
    gone = buyer.org.purchases.orders.create(buyer.body(), "api")
    buyer.org.purchases.orders.delete(gone.record_id, "api")
    state = json.loads(json.dumps(buyer.org.dump()))
    other = Buyer()
    other.org.load(state)
    for entity in ("purchaseorder", "purchasereceive", "bill"):
        assert other.org.records(entity) == buyer.org.records(entity) != []
    assert other.org.stock.total(buyer.bulb) == buyer.org.stock.total(buyer.bulb)
    assert other.org.dump()["modules"] == buyer.org.dump()["modules"]
    assert other.org.purchases.orders.create(buyer.body(), "api").number == "PO-00003"
    other.org.reset()
    assert [other.org.records(entity) for entity in ("purchaseorder", "purchasereceive", "bill")] == [
        [],
        [],
        [],
    ]
    assert other.org.stock.total(buyer.bulb)[1:] == (0, 0, 0, 0)


def test_orders_are_planted_in_the_past_and_nobody_is_told() -> None:
    buyer = Buyer()
    buyer.told()
    fields = {**buyer.body(), "status": "issued", "purchaseorder_number": "OLD-1"}
    planted = buyer.org.record("purchaseorder", buyer.org.plant("purchaseorder", fields, 30))
    assert (planted["created_time"], planted["date"]) == ("2026-12-11T07:00:00-0500", "2026-12-11")
    assert (planted["status"], planted["purchaseorder_number"], buyer.told()) == ("issued", "OLD-1", [])


def test_lists_follow_the_new_name_of_a_vendor() -> None:
    buyer = Buyer(search_lag_seconds="0")
    other = buyer.org.contacts.create(
        {"contact_name": "Beispiel", "contact_type": "vendor"}, "api"
    ).contact_id
    first = buyer.org.purchases.orders.create({**buyer.body(), "vendor_id": other}, "api").number

    def numbers(**query: str) -> list[str]:
        shown = purchase_calls.list_orders(buyer.org, Call("GET", query, {}, {})).body["purchaseorders"]
        return [row["purchaseorder_number"] for row in shown]

    assert numbers(sort_column="vendor_name")[0] == first
    buyer.org.contacts.update(other, {"contact_name": "Zenith"}, "api")
    assert numbers(sort_column="vendor_name")[1] == first
    assert numbers(vendor_name_contains="enith") == [first]


def test_a_tax_of_a_purchase_stays() -> None:
    buyer = Buyer()
    tax_id = buyer.org.taxes.create({"tax_name": "Vat", "tax_percentage": 20}).tax_id
    buyer.org.purchases.orders.update(buyer.order_id, buyer.body(tax_id=tax_id), "api")
    assert buyer.order()["tax_total"] == 3.2
    assert refused(lambda: buyer.org.taxes.delete(tax_id, is_used=False)) == 2
