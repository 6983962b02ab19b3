"""Purchase orders that buy for a sales order: to stock first, or straight to the customer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.faults import invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_flag, clean_id
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.statuses import CANCELLED
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.order_rules import LABEL as SALE_LABEL
from integration.sandbox.zoho.sales.statuses import CONFIRMED

_FLAGS = ("is_drop_shipment", "is_backorder")


class SaleLinks:
    """Reads which sales order a purchase order is for, and tells the sales order of it."""

    def __init__(self, sales: Sales) -> None:
        self._sales, self._switches = sales, sales.ground.switches

    def read(self, order: PurchaseOrder, body: Mapping[str, Any]) -> PurchaseOrder:
        """The purchase order for the sales order that the body names.

        :raises ApiError: there is no such order, it is not confirmed, or goods came in for another one
        """
        order_id = order.salesorder_id
        if "salesorder_id" in body:
            order_id = clean_id("salesorder_id", body["salesorder_id"])
        if order_id != order.salesorder_id:
            self._check_order(order, order_id)
        flags = {key: clean_flag(key, body[key]) for key in _FLAGS if key in body}
        draft = order.changed(salesorder_id=order_id, **flags)
        if draft.is_drop_shipment and draft.is_backorder:
            raise invalid_value("is_backorder")
        if (draft.is_drop_shipment or draft.is_backorder) and not order_id:
            raise missing_value("salesorder_id")
        if order.progress and draft.is_drop_shipment != order.is_drop_shipment:
            raise invalid_value("is_drop_shipment")
        return draft

    def check(self, order: PurchaseOrder) -> None:
        """Refuse to buy what the sales order does not want.

        :raises ApiError: a line names no line of it, one with another item, or more than is left of it
        """
        sale = self._sales.orders.register.find(order.salesorder_id)
        wanted = order.bought_for()
        own = self._sales.purchases.get(order.salesorder_id, {}).get(order.record_id, (False, {}))[1]
        for line in order.lines:
            if not line.salesorder_item_id:
                continue
            ordered = sale.line(line.salesorder_item_id) if sale is not None else None
            if sale is None or ordered is None or ordered.item_id != line.item_id:
                raise invalid_value("salesorder_item_id")
            done, named = sale.of(ordered), line.salesorder_item_id
            others = done.backordered + done.dropshipped - own.get(named, Decimal(0))
            packed = done.packed if order.is_drop_shipment else Decimal(0)
            if wanted[named] > ordered.quantity - others - packed:
                raise refusals.too_much(ordered.name, "purchased", self._switches)

    def tell(self, order: PurchaseOrder, before: PurchaseOrder | None, source: str) -> None:
        """The sales order shows what is bought for it; one that is not meant any more shows nothing."""
        if before is not None and before.salesorder_id != order.salesorder_id:
            self._link(before, {}, source)
        gone = order.deleted or order.stage == CANCELLED
        self._link(order, {} if gone else order.bought_for(), source)

    def _link(self, order: PurchaseOrder, wanted: Mapping[str, Decimal], source: str) -> None:
        order_id, purchase_id, straight = order.salesorder_id, order.record_id, order.is_drop_shipment
        linked = self._sales.purchases.get(order_id, {}).get(purchase_id)
        if linked == ((straight, wanted) if wanted else None):
            return
        self._sales.link_purchase(order_id, purchase_id, wanted, source, is_drop_shipment=straight)

    def _check_order(self, order: PurchaseOrder, order_id: str) -> None:
        if order.progress:
            raise invalid_value("salesorder_id")
        if order_id:
            sale = self._sales.orders.get(order_id)
            if sale.stage != CONFIRMED and self._switches.zoho_purchase_for_confirmed_only:
                raise refusals.wrong_status(SALE_LABEL, sale.stage, "purchased for", self._switches)
