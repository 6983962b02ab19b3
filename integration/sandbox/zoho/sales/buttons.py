"""What a person does to an order at the screen, each in one step however many documents it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice import DRAFT, SENT
from integration.sandbox.zoho.sales.package_book import DELIVERED
from integration.sandbox.zoho.sales.statuses import CONFIRMED

Body = Mapping[str, Any]
_METHOD = "Courier"


class Buttons:
    """Steps that lead to a status; what has to come before them is done, too."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales
        self._steps: dict[str, Callable[[str, str], object]] = {
            "confirmed": sales.desk.confirm,
            "void": sales.desk.void,
            "pending_approval": sales.desk.submit,
            "approved": sales.desk.approve,
            "draft": sales.desk.reject,
            "packed": self.pack,
            "shipped": self.ship,
            "delivered": self.deliver,
            "fulfilled": self.deliver,
            "invoiced": self.invoice,
            "paid": self.pay,
        }

    def press(self, order_id: str, status: str, source: str) -> None:
        """Bring the order there. :raises BadInstructionError: no such status."""
        step = self._steps.get(status)
        if step is None:
            raise BadInstructionError(f"a salesorder can be {', '.join(self._steps)}, not {status!r}")
        step(order_id, source)

    def pack(self, order_id: str, source: str) -> str:
        """Put everything that is left into one package; answers its id, empty where nothing is left."""
        self._confirmed(order_id, source)
        left = self._sales.packages.unpacked(self._sales.orders.get(order_id))
        lines = [
            {"so_line_item_id": line_id, "quantity": float(quantity)}
            for line_id, quantity in left.items()
            if quantity > 0
        ]
        if not lines:
            return ""
        return self._sales.packages.create(order_id, {"line_items": lines}, source).record_id

    def ship(self, order_id: str, source: str, details: Body | None = None) -> str:
        """Send everything off in one shipment; answers its id, empty where nothing is left.

        `details` are those of a shipment order.
        """
        self.pack(order_id, source)
        waiting = [each for each in self._sales.packages.of_order(order_id) if not each.shipment_id]
        if not waiting:
            return ""
        method = self._sales.orders.get(order_id).values.get("delivery_method") or _METHOD
        sent = {"delivery_method": method, "tracking_number": f"TN{waiting[0].number[4:]}", **(details or {})}
        package_ids = [each.record_id for each in waiting]
        return self._sales.shipments.create(order_id, package_ids, sent, source).record_id

    def deliver(self, order_id: str, source: str) -> None:
        """Everything arrives."""
        self.ship(order_id, source)
        for shipment in self._sales.shipments.of_order(order_id):
            if shipment.status != DELIVERED:
                self._sales.shipments.deliver(shipment.record_id, source)

    def invoice(self, order_id: str, source: str) -> None:
        """Invoice everything that is left and send what is still a draft."""
        self._confirmed(order_id, source)
        invoices = self._sales.invoices
        if any(invoices.uninvoiced(self._sales.orders.get(order_id)).values()):
            invoices.create({}, source, order_id=order_id)
        for invoice in invoices.of_order(order_id):
            if invoice.stage == DRAFT:
                invoices.set_stage(invoice.record_id, SENT, source)

    def pay(self, order_id: str, source: str) -> None:
        """The customer pays all there is."""
        self.invoice(order_id, source)
        for invoice in self._sales.invoices.of_order(order_id):
            if invoice.stage == SENT and invoice.balance > 0:
                amount = float(invoice.balance)
                share = {"invoice_id": invoice.record_id, "amount_applied": amount}
                body = {"customer_id": invoice.customer_id, "amount": amount, "invoices": [share]}
                self._sales.payments.create(body, source)

    def _confirmed(self, order_id: str, source: str) -> None:
        if self._sales.orders.get(order_id).stage != CONFIRMED:
            self._sales.desk.confirm(order_id, source)
