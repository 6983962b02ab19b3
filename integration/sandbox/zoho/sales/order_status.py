"""What people and programs decide about an order: confirm, void, and approval where the organisation asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from integration.sandbox.zoho.documents.approval import Desk
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.order_rules import check_void
from integration.sandbox.zoho.sales.statuses import CONFIRMED, VOID

Json = dict[str, Any]


class OrderDesk(Desk[SalesOrder]):
    """Moves orders from one stage to the next."""

    def __init__(self, book: OrderBook, switches: Any) -> None:
        super().__init__(book, switches, approval=switches.zoho_sales_approval)

    def confirm(self, order_id: str, source: str) -> SalesOrder:
        """The customer gets it: its stock is committed.

        :raises ApiError: void, not approved where that is needed, or confirmed already (by switch)
        """
        order = self._book.get(order_id)
        if order.stage == CONFIRMED and not self._switches.zoho_confirm_again_refused:
            return order
        self._released(order, "confirmed")
        return self._move(order, CONFIRMED, source)

    def void(self, order_id: str, source: str) -> SalesOrder:
        """Nothing comes of it: its stock is released. :raises ApiError: it has gone too far."""
        order = self._book.get(order_id)
        check_void(order, self._switches)
        return self._move(order, VOID, source)

    def confirm_all(self, order_ids: Iterable[str], source: str) -> tuple[list[Json], list[Json]]:
        """Confirm each on its own; answers those done and those refused, grouped by code and message."""
        done: list[str] = []
        refused: dict[tuple[int, str], list[str]] = {}
        for order_id in order_ids:
            try:
                self.confirm(order_id, source)
                done.append(order_id)
            except ApiError as error:
                refused.setdefault((error.code, error.message), []).append(order_id)
        good = [{"code": 0, "message": _DONE, "ids": done}] if done else []
        bad = [{"code": code, "message": text, "ids": ids} for (code, text), ids in refused.items()]
        return good, bad


_DONE = "The status of the sales order has been changed to Confirmed."
