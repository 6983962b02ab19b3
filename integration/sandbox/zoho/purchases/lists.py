"""What purchase orders can be filtered and sorted by; bills can only be sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from integration.sandbox.zoho.filters import (
    Reader,
    date_filters,
    id_filter,
    modified_filter,
    number_filters,
    search_filter,
    text_filters,
)
from integration.sandbox.zoho.listing import ListSpec, status_views, view_name
from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.receive import Bill

_VIEWS = (
    "draft", "issued", "partially_received", "received", "billed", "cancelled", "pending_approval",
    "approved",
)  # fmt: skip


def purchase_list(purchases: Purchases) -> ListSpec[PurchaseOrder]:
    """Purchase orders, the newest first."""
    look = _PurchaseLook(purchases)
    return ListSpec(
        report_name="Purchase Orders",
        default_sort="created_time",
        descending=True,
        sorts=look.sorts(),
        filters=look.filters(),
        filter_by={
            "Status.All": None,
            **status_views(_VIEWS, look.status),
            "Status.Closed": look.closed,
        },
        view_marks={
            **{view_name(word): ("status", word) for word in _VIEWS},
            "Status.Closed": ("order_status", "closed"),
        },
    )


def bill_list() -> ListSpec[Bill]:
    """Bills, the newest first; every filter is ignored in silence."""
    sorts: dict[str, Callable[[Bill], Any]] = {
        "created_time": lambda bill: bill.created,
        "last_modified_time": lambda bill: bill.modified,
        "date": lambda bill: bill.date,
    }
    return ListSpec(
        report_name="Bills", default_sort="created_time", descending=True, sorts=sorts, filters={}
    )


class _PurchaseLook:
    """What filters and sorts read of a purchase order."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases, self._ground = purchases, purchases.ground

    def status(self, order: PurchaseOrder) -> str:
        return self._purchases.orders.statuses(order).status

    def closed(self, order: PurchaseOrder) -> bool:
        return self._purchases.orders.statuses(order).order_status == "closed"

    def vendor(self, order: PurchaseOrder) -> str:
        return self._ground.party_name(order.vendor_id)

    def filters(self) -> dict[str, Reader]:
        inclusive = self._ground.switches.zoho_modified_filter_inclusive
        return {
            **text_filters("purchaseorder_number", lambda order: (order.number,), mark="number"),
            **text_filters("reference_number", lambda order: (_reference(order),), mark="reference_number"),
            **text_filters("vendor_name", lambda order: (self.vendor(order),)),
            **text_filters("custom_field", _custom_texts),
            **id_filter("vendor_id", lambda order: (order.vendor_id,), mark="vendor_id"),
            **id_filter("item_id", lambda order: [line.item_id for line in order.lines], mark="item_id"),
            **id_filter("status", lambda order: (self.status(order),), mark="status"),
            # The variants for a range of days are told of sales orders only.
            "date": date_filters("date", lambda order: order.date)["date"],
            **number_filters("total", lambda order: float(order.total)),
            **modified_filter(lambda order: order.modified, inclusive=inclusive),
            **search_filter(lambda order: (order.number, _reference(order), self.vendor(order))),
        }

    def sorts(self) -> dict[str, Callable[[PurchaseOrder], Any]]:
        return {
            "created_time": lambda order: order.created,
            "vendor_name": lambda order: self.vendor(order).casefold(),
            "purchaseorder_number": lambda order: order.number.casefold(),
            "date": lambda order: order.date,
            "delivery_date": lambda order: order.values.get("delivery_date", ""),
            "total": lambda order: float(order.total),
        }


def _reference(order: PurchaseOrder) -> str:
    return str(order.values.get("reference_number", ""))


def _custom_texts(order: PurchaseOrder) -> Iterable[str]:
    return (str(value) for value in order.custom.values())
