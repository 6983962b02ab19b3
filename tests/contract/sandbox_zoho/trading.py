"""A customer, an item in stock and an order for it, as tests of documents begin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import requests

from integration.sandbox.clock import Clock
from tests.contract.sandbox_zoho.running import Running

Json = dict[str, Any]


class HandClock(Clock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.present = datetime(2027, 1, 10, 12, 0, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.present


class Shop:
    """A sandbox with one customer and one item; makes orders of them."""

    def __init__(self, zoho: Running) -> None:
        self.zoho = zoho
        self.customer = zoho.customer(
            "Muster Lighting",
            billing_address={"address": "1 Sample Road", "city": "Linz"},
            shipping_address={"address": "2 Sample Road", "city": "Wels"},
            contact_persons=[{"first_name": "Pat", "last_name": "Muster", "email": "pat@example.com"}],
        )
        self.customer_id: str = self.customer["contact_id"]
        self.lamp = self.item("Lamp", sku="LAMP-1", rate=10, unit="pcs")

    def item(self, name: str, **fields: Any) -> str:
        """The id of a new item, ten of it in stock unless told otherwise."""
        stock = {"item_type": "inventory", "initial_stock": 10, "initial_stock_rate": 4}
        found: str = self.zoho.post("/items", {"name": name, **stock, **fields})["item"]["item_id"]
        return found

    def body(self, **fields: Any) -> Json:
        """What an order of three lamps says."""
        lines = [{"item_id": self.lamp, "quantity": 3}]
        return {"customer_id": self.customer_id, "line_items": lines, **fields}

    def order(self, *, status: str = "confirmed", **fields: Any) -> Json:
        """A new order as it is read back."""
        order_id = self.zoho.post("/salesorders", self.body(**fields))["salesorder"]["salesorder_id"]
        if status != "draft":
            self.zoho.post(f"/salesorders/{order_id}/status/confirmed")
        return self.read(order_id)

    def read(self, order_id: str) -> Json:
        """The order as it is now."""
        found: Json = self.zoho.get(f"/salesorders/{order_id}")["salesorder"]
        return found

    def stock(self, item_id: str = "") -> tuple[float, float, float, float]:
        """On hand and committed in the accounting ledger, then in the physical one."""
        item = self.zoho.get(f"/items/{item_id or self.lamp}")["item"]
        return (
            item["stock_on_hand"], item["committed_stock"],
            item["actual_available_stock"], item["actual_committed_stock"],
        )  # fmt: skip

    def pack(self, order: Json, quantity: float, line: int = 0) -> Json:
        """A package with so much of a line."""
        lines = [{"so_line_item_id": order["line_items"][line]["line_item_id"], "quantity": quantity}]
        sent = self.zoho.call(
            "POST", "/packages", {"line_items": lines}, salesorder_id=order["salesorder_id"]
        )
        assert sent.status_code == 201, sent.text
        found: Json = sent.json()["package"]
        return found

    def ship(self, order: Json, *packages: Json, **fields: Any) -> Json:
        """A shipment of the packages."""
        ids = ",".join(package["package_id"] for package in packages)
        sent = self.zoho.call(
            "POST", "/shipmentorders", {"delivery_method": "Courier", **fields},
            salesorder_id=order["salesorder_id"], package_ids=ids,
        )  # fmt: skip
        assert sent.status_code == 201, sent.text
        found: Json = sent.json()["shipment_order"]
        return found

    def invoice(self, order: Json, quantity: float | None = None, *, sent: bool = True) -> Json:
        """An invoice of so much of the first line, or of all that is left."""
        body: Json = {}
        if quantity is not None:
            line_id = order["line_items"][0]["line_item_id"]
            body = {"line_items": [{"salesorder_item_id": line_id, "quantity": quantity}]}
        made = self.zoho.call("POST", "/invoices", body, salesorder_id=order["salesorder_id"])
        assert made.status_code == 201, made.text
        found: Json = made.json()["invoice"]
        if sent:
            self.zoho.post(f"/invoices/{found['invoice_id']}/status/sent")
        return found

    def pay(self, invoice: Json, amount: float) -> Json:
        """A payment of so much for the invoice."""
        share = {"invoice_id": invoice["invoice_id"], "amount_applied": amount}
        body = {"customer_id": self.customer_id, "amount": amount, "invoices": [share]}
        found: Json = self.zoho.post("/customerpayments", body)["payment"]
        return found


def statuses(order: Json) -> tuple[str, str, str, str, str]:
    """The five statuses in the order in which people list them."""
    return (
        order["status"], order["order_status"], order["invoiced_status"], order["paid_status"],
        order["shipped_status"],
    )  # fmt: skip


def error(response: requests.Response) -> tuple[int, int]:
    """HTTP status and code of a refusal."""
    assert response.json()["code"] != 0, response.text
    return response.status_code, response.json()["code"]
