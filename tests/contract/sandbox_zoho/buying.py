"""A vendor, an item to buy and orders for it, as tests of purchases begin."""

from __future__ import annotations

from typing import Any

from tests.contract.sandbox_zoho.running import Running

Json = dict[str, Any]


class Buyer:
    """A sandbox with one vendor and one item; makes purchase orders of them."""

    def __init__(self, zoho: Running) -> None:
        self.zoho = zoho
        self.vendor = zoho.customer(
            "Muster Supplies",
            contact_type="vendor",
            billing_address={"address": "1 Sample Road", "city": "Graz"},
            contact_persons=[{"first_name": "Kim", "last_name": "Muster", "email": "kim@example.com"}],
        )
        self.vendor_id: str = self.vendor["contact_id"]
        self.bulb = self.item("Bulb", sku="BULB-1", purchase_rate=4, purchase_description="From Graz")

    def item(self, name: str, **fields: Any) -> str:
        """The id of a new item of which stock is kept."""
        made = self.zoho.post("/items", {"name": name, "rate": 10, "item_type": "inventory", **fields})
        found: str = made["item"]["item_id"]
        return found

    def body(self, quantity: float = 5, **fields: Any) -> Json:
        """What an order of so many bulbs says."""
        lines = [{"item_id": self.bulb, "quantity": quantity}]
        return {"vendor_id": self.vendor_id, "line_items": lines, **fields}

    def order(self, quantity: float = 5, *, status: str = "issued", **fields: Any) -> Json:
        """A new order as it is read back."""
        made = self.zoho.post("/purchaseorders", self.body(quantity, **fields))["purchaseorder"]
        if status != "draft":
            self.zoho.post(f"/purchaseorders/{made['purchaseorder_id']}/status/issued")
        return self.read(made["purchaseorder_id"])

    def read(self, order_id: str) -> Json:
        """The order as it is now."""
        found: Json = self.zoho.get(f"/purchaseorders/{order_id}")["purchaseorder"]
        return found

    def receive(self, order: Json, quantity: float, line: int = 0, **fields: Any) -> Json:
        """A receive of so much of a line."""
        lines = [{"line_item_id": order["line_items"][line]["line_item_id"], "quantity": quantity}]
        made = self.zoho.call(
            "POST", "/purchasereceives", {"line_items": lines, **fields},
            purchaseorder_id=order["purchaseorder_id"],
        )  # fmt: skip
        assert made.status_code == 201, made.text
        found: Json = made.json()["purchase_receive"]
        return found

    def bill(self, order: Json, number: str, quantity: float | None = None) -> Json:
        """A bill of so much of the first line, or of all that is left."""
        body: Json = {"bill_number": number}
        if quantity is not None:
            line_id = order["line_items"][0]["line_item_id"]
            body["line_items"] = [{"purchaseorder_item_id": line_id, "quantity": quantity}]
        made = self.zoho.call("POST", "/bills", body, purchaseorder_id=order["purchaseorder_id"])
        assert made.status_code == 201, made.text
        found: Json = made.json()["bill"]
        return found

    def stock(self, item_id: str = "") -> tuple[float, float]:
        """On hand in the accounting ledger and in the physical one."""
        item = self.zoho.get(f"/items/{item_id or self.bulb}")["item"]
        return item["stock_on_hand"], item["actual_available_stock"]


def statuses(order: Json) -> tuple[str, str, str, str]:
    """The four statuses in the order in which people list them."""
    return order["status"], order["order_status"], order["received_status"], order["billed_status"]
