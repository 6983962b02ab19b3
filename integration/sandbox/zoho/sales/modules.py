"""Orders, packages, shipments, invoices and payments as modules of the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.documents.module import DocumentModule, OrderModule
from integration.sandbox.zoho.fields import clean_list
from integration.sandbox.zoho.modules import Module
from integration.sandbox.zoho.sales import invoice_book, package_book, payment_book, shipment_book
from integration.sandbox.zoho.sales.buttons import Buttons
from integration.sandbox.zoho.sales.fulfilment_view import FulfilmentView
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice_view import InvoiceView
from integration.sandbox.zoho.sales.order_view import OrderView

Json = dict[str, Any]


class SalesOrderModule(OrderModule[Any]):
    """Sales orders, with their comments and what purchase orders buy for them."""

    def __init__(self, sales: Sales) -> None:
        press, planted = Buttons(sales).press, ("draft", "confirmed", "void")
        super().__init__("salesorder", sales.orders, OrderView(sales).detail, press, planted)
        self._sales, self._comments = sales, sales.comments

    def dump(self) -> Any:
        own = {"comments": self._comments.dump(), "purchases": self._sales.dump_purchases()}
        return {**self._sales.orders.dump(), **own}

    def load(self, state: Any) -> None:
        self._sales.orders.load(state)
        self._comments.load(state["comments"])
        self._sales.load_purchases(state["purchases"])

    def clear(self) -> None:
        self._sales.orders.clear()
        self._comments.load({})
        self._sales.load_purchases([])


class PackageModule(DocumentModule[Any]):
    """Packages; without lines a new one takes all that is left of its order."""

    def __init__(self, sales: Sales) -> None:
        super().__init__(package_book.ENTITY, "package_id", sales.packages, FulfilmentView(sales).package)
        self._sales, self._buttons = sales, Buttons(sales)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is not None:
            return self._sales.packages.update(record_id, fields, source).record_id
        return super().edit(None, fields, source)

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        order_id = str(fields.get("salesorder_id", ""))
        if fields.get("line_items"):
            return self._sales.packages.create(order_id, fields, source).record_id
        made = self._buttons.pack(order_id, source)
        if not made:
            raise BadInstructionError("nothing of the order is left to pack")
        return made


class ShipmentModule(DocumentModule[Any]):
    """Shipments; without `package_ids` a new one takes all that has not left the house."""

    def __init__(self, sales: Sales) -> None:
        super().__init__(shipment_book.ENTITY, "shipment_id", sales.shipments, FulfilmentView(sales).shipment)
        self._sales, self._buttons = sales, Buttons(sales)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is not None:
            return self._sales.shipments.update(record_id, (), fields, source).record_id
        return super().edit(None, fields, source)

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status != "delivered":
            raise BadInstructionError(f"a shipmentorder can be delivered, not {status!r}")
        self._sales.shipments.deliver(record_id, source)

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        values = dict(fields)
        order_id = str(values.pop("salesorder_id", ""))
        package_ids = [str(each) for each in clean_list("package_ids", values.pop("package_ids", None) or [])]
        if package_ids:
            return self._sales.shipments.create(order_id, package_ids, values, source).record_id
        made = self._buttons.ship(order_id, source, values)
        if not made:
            raise BadInstructionError("nothing of the order is left to ship")
        return made


class InvoiceModule(DocumentModule[Any]):
    """Invoices; `salesorder_id` makes one of what is left of that order."""

    def __init__(self, sales: Sales) -> None:
        super().__init__(invoice_book.ENTITY, "invoice_id", sales.invoices, InvoiceView(sales).detail)
        self._sales = sales

    def set_status(self, record_id: str, status: str, source: str) -> None:
        if status not in {"sent", "void"}:
            raise BadInstructionError(f"an invoice can be sent or void, not {status!r}")
        self._sales.invoices.set_stage(record_id, status, source)

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        order_id = str(fields.get("salesorder_id", ""))
        return self._sales.invoices.create(fields, source, order_id=order_id).record_id


class PaymentModule(DocumentModule[Any]):
    """Payments of customers."""

    def __init__(self, sales: Sales) -> None:
        super().__init__(payment_book.ENTITY, "payment_id", sales.payments, InvoiceView(sales).payment)
        self._sales = sales

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        return self._sales.payments.create(fields, source).record_id


def sales_modules(sales: Sales) -> tuple[Module, ...]:
    """In the order in which they refer to each other."""
    return (
        SalesOrderModule(sales), PackageModule(sales), ShipmentModule(sales), InvoiceModule(sales),
        PaymentModule(sales),
    )  # fmt: skip
