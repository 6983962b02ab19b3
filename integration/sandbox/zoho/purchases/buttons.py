"""What a person does to a purchase order at the screen, each in one step whatever has to come before it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.documents.approval import APPROVED, DRAFT, PENDING
from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.receive import DRAFT as DRAFT_BILL
from integration.sandbox.zoho.purchases.receive import OPEN
from integration.sandbox.zoho.purchases.statuses import ISSUED


class PurchaseButtons:
    """Steps that lead to a status."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases
        desk = purchases.desk
        self._steps: dict[str, Callable[[str, str], object]] = {
            "issued": desk.issue,
            "cancelled": desk.cancel,
            PENDING: desk.submit,
            APPROVED: desk.approve,
            DRAFT: desk.reject,
            "partially_received": self.receive_some,
            "received": self.receive,
            "billed": self.bill,
        }

    def press(self, order_id: str, status: str, source: str) -> None:
        """Bring the order there. :raises BadInstructionError: no such status."""
        step = self._steps.get(status)
        if step is None:
            raise BadInstructionError(f"a purchaseorder can be {', '.join(self._steps)}, not {status!r}")
        step(order_id, source)

    def receive_some(self, order_id: str, source: str) -> str:
        """Half of what is left of the first line comes in; answers the id of the receive."""
        left = self._left(order_id, source)
        line_id, quantity = next(iter(left.items()), ("", Decimal(0)))
        whole = quantity // 2
        return self._receive(order_id, {line_id: whole or quantity / 2} if line_id else {}, source)

    def receive(self, order_id: str, source: str) -> str:
        """Everything that is left comes in; answers the id of the receive, empty where nothing is left."""
        made = self._receive(order_id, self._left(order_id, source), source)
        desk = self._purchases.receive_desk
        for receive in self._purchases.receives.of_order(order_id) if desk.approval else ():
            if receive.stage == DRAFT:
                desk.submit(receive.record_id, source)
            if not self._purchases.receives.get(receive.record_id).counts:
                desk.approve(receive.record_id, source)
        return made

    def bill(self, order_id: str, source: str) -> None:
        """Everything that is left is billed, and drafts are opened."""
        self._issued(order_id, source)
        bills = self._purchases.bills
        if any(bills.unbilled(self._purchases.orders.get(order_id)).values()):
            number = f"{self._purchases.orders.get(order_id).number}-{len(bills.of_order(order_id)) + 1}"
            bills.create({"bill_number": number}, source, (order_id,))
        for bill in bills.of_order(order_id):
            if bill.stage == DRAFT_BILL:
                bills.set_stage(bill.record_id, OPEN, source)

    def _left(self, order_id: str, source: str) -> dict[str, Decimal]:
        self._issued(order_id, source)
        left = self._purchases.receives.unreceived(self._purchases.orders.get(order_id))
        return {line_id: quantity for line_id, quantity in left.items() if quantity > 0}

    def _receive(self, order_id: str, quantities: dict[str, Decimal], source: str) -> str:
        lines: list[dict[str, Any]] = [
            {"line_item_id": line_id, "quantity": float(quantity)} for line_id, quantity in quantities.items()
        ]
        if not lines:
            return ""
        return self._purchases.receives.create(order_id, {"line_items": lines}, source).record_id

    def _issued(self, order_id: str, source: str) -> None:
        if self._purchases.orders.get(order_id).stage != ISSUED:
            self._purchases.desk.issue(order_id, source)
