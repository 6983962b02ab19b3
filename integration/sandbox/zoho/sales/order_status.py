"""What people and programs decide about an order: confirm, void, and approval where the organisation asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.sales import refusals
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_book import LABEL, OrderBook
from integration.sandbox.zoho.sales.order_rules import check_void
from integration.sandbox.zoho.sales.statuses import APPROVED, CONFIRMED, DRAFT, PENDING, VOID

Json = dict[str, Any]


class OrderDesk:
    """Moves orders from one stage to the next."""

    def __init__(self, book: OrderBook, switches: Any) -> None:
        self._book, self._switches = book, switches

    def confirm(self, order_id: str, source: str) -> SalesOrder:
        """The customer gets it: its stock is committed.

        :raises ApiError: void, not approved where that is needed, or confirmed already (by switch)
        """
        order = self._book.get(order_id)
        if order.stage == CONFIRMED and not self._switches.zoho_confirm_again_refused:
            return order
        ready = (APPROVED,) if self._switches.zoho_sales_approval else (DRAFT, APPROVED)
        if order.stage not in ready:
            raise refusals.wrong_status(LABEL, order.stage, "confirmed", self._switches)
        return self._move(order, CONFIRMED, source)

    def void(self, order_id: str, source: str) -> SalesOrder:
        """Nothing comes of it: its stock is released. :raises ApiError: it has gone too far."""
        order = self._book.get(order_id)
        check_void(order, self._switches)
        return self._move(order, VOID, source)

    def submit(self, order_id: str, source: str) -> SalesOrder:
        """Ask for approval."""
        return self._approval(order_id, (DRAFT,), PENDING, "submitted", source)

    def approve(self, order_id: str, source: str) -> SalesOrder:
        """Approve, which one approver does for good."""
        return self._approval(order_id, (PENDING,), APPROVED, "approved", source)

    def reject(self, order_id: str, source: str) -> SalesOrder:
        """Send it back to whoever wrote it."""
        return self._approval(order_id, (PENDING,), DRAFT, "rejected", source)

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

    def _approval(
        self, order_id: str, wanted: tuple[str, ...], stage: str, word: str, source: str
    ) -> SalesOrder:
        order = self._book.get(order_id)
        if not self._switches.zoho_sales_approval:
            raise refusals.no_approval(self._switches)
        if order.stage not in wanted:
            raise refusals.wrong_status(LABEL, order.stage, word, self._switches)
        return self._move(order, stage, source)

    def _move(self, order: SalesOrder, stage: str, source: str) -> SalesOrder:
        fires = self._switches.zoho_webhook_status_is_edit
        return self._book.touch(order.changed(stage=stage), source, fires=fires)


_DONE = "The status of the sales order has been changed to Confirmed."
