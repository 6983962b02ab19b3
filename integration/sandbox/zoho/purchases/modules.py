"""Purchase orders, receives and bills as modules of the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.documents.module import DocumentModule, OrderModule
from integration.sandbox.zoho.modules import Module
from integration.sandbox.zoho.purchases.buttons import PurchaseButtons
from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.order_view import PurchaseView
from integration.sandbox.zoho.purchases.receive_view import BillView, ReceiveView


class ReceiveModule(DocumentModule[Any]):
    """Receives; without lines a new one takes all that is left of its purchase order."""

    def __init__(self, purchases: Purchases) -> None:
        super().__init__("purchasereceive", "receive_id", purchases.receives, ReceiveView(purchases).detail)
        self._purchases, self._buttons = purchases, PurchaseButtons(purchases)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is not None:
            return self._purchases.receives.update(record_id, fields, source).record_id
        return super().edit(None, fields, source)

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        order_id = str(fields.get("purchaseorder_id", ""))
        if fields.get("line_items"):
            return self._purchases.receives.create(order_id, fields, source).record_id
        made = self._buttons.receive(order_id, source)
        if not made:
            raise BadInstructionError("nothing of the purchase order is left to come in")
        return made


class BillModule(DocumentModule[Any]):
    """Bills; `purchaseorder_ids` makes one of what is left of those orders."""

    def __init__(self, purchases: Purchases) -> None:
        super().__init__("bill", "bill_id", purchases.bills, BillView(purchases).detail)
        self._purchases = purchases

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status not in {"open", "void"}:
            raise BadInstructionError(f"a bill can be open or void, not {status!r}")
        self._purchases.bills.set_stage(record_id, status, source)

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        return self._purchases.bills.create(fields, source).record_id


def purchase_modules(purchases: Purchases) -> tuple[Module, ...]:
    """In the order in which they refer to each other."""
    orders = OrderModule(
        "purchaseorder", purchases.orders, PurchaseView(purchases).detail, PurchaseButtons(purchases).press,
        planted=("draft", "issued", "cancelled"),
    )  # fmt: skip
    return orders, ReceiveModule(purchases), BillModule(purchases)
