"""What orders, packages and invoices can be filtered and sorted by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integration.sandbox.zoho.filters import (
    Reader,
    date_filters,
    id_filter,
    ids_filter,
    list_filters,
    modified_filter,
    number_filters,
    search_filter,
    text_filters,
)
from integration.sandbox.zoho.listing import ListSpec, status_views, view_name
from integration.sandbox.zoho.sales.fulfilment import Package
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice import Invoice
from integration.sandbox.zoho.sales.order import SalesOrder

Sorts = dict[str, Callable[[Any], Any]]
_ORDER_VIEWS = (
    "draft", "confirmed", "open", "void", "partially_shipped", "shipped", "fulfilled", "invoiced",
    "partially_invoiced", "pending_approval", "approved",
)  # fmt: skip
_INVOICE_VIEWS = ("draft", "sent", "void", "paid", "partially_paid", "overdue")
_PACKAGE_VIEWS = ("not_shipped", "shipped", "delivered")


def order_list(sales: Sales) -> ListSpec[SalesOrder]:
    """Orders, the newest first."""
    look = _OrderLook(sales)
    return ListSpec(
        report_name="Sales Orders",
        default_sort="created_time",
        descending=True,
        sorts=look.sorts(),
        filters=look.filters(),
        filter_by={
            "Status.All": None,
            **status_views(_ORDER_VIEWS, look.status),
            "Status.Closed": look.closed,
        },
        view_marks={
            **{view_name(word): ("status", word) for word in _ORDER_VIEWS},
            "Status.Closed": ("order_status", "closed"),
        },
    )


def package_list(sales: Sales) -> ListSpec[Package]:
    """Packages: the published filters; exact forms of texts are ignored unless the switch honours them."""
    look = _PackageLook(sales)
    return ListSpec(
        report_name="Packages",
        default_sort="created_time",
        descending=True,
        sorts=look.sorts(),
        filters=look.filters(),
        filter_by={"Status.All": None, **status_views(_PACKAGE_VIEWS, lambda package: package.status)},
    )


def invoice_list(sales: Sales) -> ListSpec[Invoice]:
    """Invoices, the newest first."""
    look = _InvoiceLook(sales)
    return ListSpec(
        report_name="Invoices",
        default_sort="created_time",
        descending=True,
        sorts=look.sorts(),
        filters=look.filters(),
        filter_by={"Status.All": None, **status_views(_INVOICE_VIEWS, look.status)},
    )


class _OrderLook:
    """What filters and sorts read of an order."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales

    def status(self, order: SalesOrder) -> str:
        return self._sales.orders.statuses(order).status

    def closed(self, order: SalesOrder) -> bool:
        return self._sales.orders.statuses(order).order_status == "closed"

    def customer(self, order: SalesOrder) -> str:
        return self._sales.ground.party_name(order.customer_id)

    def filters(self) -> dict[str, Reader]:
        inclusive = self._sales.ground.switches.zoho_modified_filter_inclusive
        return {
            **text_filters("salesorder_number", lambda order: (order.number,), mark="number"),
            **list_filters("salesorder_number", lambda order: (order.number,)),
            **text_filters("reference_number", lambda order: (_reference(order),), mark="reference_number"),
            **list_filters("reference_number", lambda order: (_reference(order),)),
            **text_filters("customer_name", lambda order: (self.customer(order),)),
            **text_filters("item_name", lambda order: [line.name for line in order.lines]),
            **id_filter("customer_id", lambda order: (order.customer_id,), mark="customer_id"),
            **id_filter("item_id", lambda order: [line.item_id for line in order.lines], mark="item_id"),
            **id_filter("status", lambda order: (self.status(order),), mark="status"),
            **id_filter("zcrm_potential_id", lambda order: (order.values.get("zcrm_potential_id", ""),)),
            **date_filters("date", lambda order: order.date),
            **date_filters("shipment_date", lambda order: order.values.get("shipment_date", "")),
            **number_filters("total", lambda order: float(order.total)),
            **ids_filter("salesorder_ids", lambda order: order.record_id),
            **modified_filter(lambda order: order.modified, inclusive=inclusive),
            **search_filter(lambda order: (order.number, _reference(order), self.customer(order))),
        }

    def sorts(self) -> Sorts:
        return {
            "created_time": lambda order: order.created,
            "last_modified_time": lambda order: order.modified,
            "salesorder_number": lambda order: order.number.casefold(),
            "reference_number": lambda order: _reference(order).casefold(),
            "customer_name": lambda order: self.customer(order).casefold(),
            "date": lambda order: order.date,
            "shipment_date": lambda order: order.values.get("shipment_date", ""),
            "total": lambda order: float(order.total),
        }


class _PackageLook:
    """What filters and sorts read of a package; much of it stands in its order or its shipment."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales
        self._texts: dict[str, Callable[[Package], str]] = {
            "packing_number": lambda package: package.number,
            "salesorder_number": self.order_number,
            "customer_name": lambda package: sales.ground.party_name(package.customer_id),
            "delivery_method": lambda package: self.carried(package, "delivery_method"),
        }

    def order_number(self, package: Package) -> str:
        order = self._sales.orders.register.ever(package.order_id)
        return order.number if order else ""

    def shipped_on(self, package: Package) -> str:
        shipment = self._sales.shipments.register.find(package.shipment_id)
        return shipment.date if shipment else ""

    def carried(self, package: Package, key: str) -> str:
        shipment = self._sales.shipments.register.find(package.shipment_id)
        return str(shipment.values.get(key, "")) if shipment else ""

    def filters(self) -> dict[str, Reader]:
        found: dict[str, Reader] = {
            **date_filters("date", lambda package: package.date),
            **date_filters("shipment_date", self.shipped_on),
        }
        for name, text in self._texts.items():
            found |= text_filters(name, _only(text))
        found |= text_filters("package_number", lambda package: (package.number,), mark="number")
        if not self._sales.ground.switches.zoho_package_exact_filters:
            exact = {*self._texts, "package_number", "date", "shipment_date"}
            found = {name: reader for name, reader in found.items() if name not in exact}
        else:
            found |= id_filter("salesorder_id", lambda package: (package.order_id,), mark="order_id")
        return {
            **found,
            **id_filter("customer_id", lambda package: (package.customer_id,), mark="customer_id"),
            **id_filter("status", lambda package: (package.status,)),
            **search_filter(lambda package: [text(package) for text in self._texts.values()]),
        }

    def sorts(self) -> Sorts:
        return {
            "created_time": lambda package: package.created,
            "last_modified_time": lambda package: package.modified,
            "date": lambda package: package.date,
            "package_number": lambda package: package.number.casefold(),
            "salesorder_number": lambda package: self.order_number(package).casefold(),
            "customer_name": lambda package: self._texts["customer_name"](package).casefold(),
            "customer_id": lambda package: package.customer_id,
            "shipment_date": self.shipped_on,
            "quantity": lambda package: sum(line.quantity for line in package.packed),
            "delivery_method": lambda package: self.carried(package, "delivery_method").casefold(),
            "tracking_number": lambda package: self.carried(package, "tracking_number").casefold(),
        }


class _InvoiceLook:
    """What filters and sorts read of an invoice."""

    def __init__(self, sales: Sales) -> None:
        self._ground = sales.ground

    def status(self, invoice: Invoice) -> str:
        return invoice.status(self._ground.today())

    def customer(self, invoice: Invoice) -> str:
        return self._ground.party_name(invoice.customer_id)

    def filters(self) -> dict[str, Reader]:
        inclusive = self._ground.switches.zoho_modified_filter_inclusive
        return {
            **text_filters("invoice_number", lambda invoice: (invoice.number,), mark="number"),
            **text_filters("reference_number", lambda invoice: (_reference(invoice),)),
            **text_filters("customer_name", lambda invoice: (self.customer(invoice),)),
            **id_filter("customer_id", lambda invoice: (invoice.customer_id,), mark="customer_id"),
            **id_filter("status", lambda invoice: (self.status(invoice),)),
            **date_filters("date", lambda invoice: invoice.date),
            **date_filters("due_date", lambda invoice: invoice.due_date),
            **number_filters("total", lambda invoice: float(invoice.total)),
            **number_filters("balance", lambda invoice: float(invoice.balance)),
            **modified_filter(lambda invoice: invoice.modified, inclusive=inclusive),
            **search_filter(lambda each: (each.number, _reference(each), self.customer(each))),
        }

    def sorts(self) -> Sorts:
        return {
            "created_time": lambda invoice: invoice.created,
            "last_modified_time": lambda invoice: invoice.modified,
            "invoice_number": lambda invoice: invoice.number.casefold(),
            "customer_name": lambda invoice: self.customer(invoice).casefold(),
            "date": lambda invoice: invoice.date,
            "due_date": lambda invoice: invoice.due_date,
            "total": lambda invoice: float(invoice.total),
            "balance": lambda invoice: float(invoice.balance),
        }


def _reference(record: SalesOrder | Invoice) -> str:
    return str(record.values.get("reference_number", ""))


def _only(text: Callable[[Package], str]) -> Callable[[Package], tuple[str]]:
    return lambda package: (text(package),)
