"""What people and programs decide about purchase orders: issue, cancel, and approval where wanted."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.approval import Desk
from integration.sandbox.zoho.purchases.order_rules import LABEL
from integration.sandbox.zoho.purchases.purchase_book import PurchaseBook
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.statuses import CANCELLED, DRAFT, ISSUED


class PurchaseDesk(Desk[PurchaseOrder]):
    """Moves purchase orders from one stage to the next."""

    def __init__(self, book: PurchaseBook, switches: Any) -> None:
        super().__init__(book, switches, approval=switches.zoho_purchase_approval)
        self._orders = book

    def issue(self, order_id: str, source: str) -> PurchaseOrder:
        """The vendor gets it.

        :raises ApiError: not approved where that is needed; cancelled or issued already (by switch)
        """
        order = self._orders.get(order_id)
        if order.stage == ISSUED and not self._switches.zoho_confirm_again_refused:
            return order
        again = (CANCELLED,) if self._switches.zoho_purchase_reissue else ()
        self._released(order, "marked as issued", again)
        self._orders.check_wanted(order.changed(stage=ISSUED))
        return self._move(order, ISSUED, source)

    def cancel(self, order_id: str, source: str) -> PurchaseOrder:
        """Nothing comes of it.

        :raises ApiError: cancelled already, a draft (by switch), or something came in or was billed
        """
        order = self._orders.get(order_id)
        drafts = order.stage == DRAFT and not self._switches.zoho_purchase_cancel_drafts
        if order.stage == CANCELLED or drafts:
            raise self._wrong(order, "marked as cancelled")
        if self._orders.made_from(order_id):
            raise refusals.wrong_status(LABEL, "received or billed", "marked as cancelled", self._switches)
        return self._move(order, CANCELLED, source)
