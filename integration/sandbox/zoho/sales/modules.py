"""Orders, packages, shipments, invoices and payments as modules of the organisation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.fields import clean_list
from integration.sandbox.zoho.modules import Module
from integration.sandbox.zoho.register import Kept, Register
from integration.sandbox.zoho.sales import invoice_book, package_book, payment_book, shipment_book
from integration.sandbox.zoho.sales.buttons import Buttons
from integration.sandbox.zoho.sales.fulfilment_view import FulfilmentView
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice_view import InvoiceView
from integration.sandbox.zoho.sales.order_view import OrderView

Json = dict[str, Any]
R = TypeVar("R", bound=Kept)


class _Documents(ABC, Generic[R]):
    """What all five have in common; those that can do more say so."""

    def __init__(self, entity: str, id_key: str, book: Any, show: Callable[[R], Json]) -> None:
        self.entity, self.id_key = entity, id_key
        self._book, self._show = book, show

    @property
    def _register(self) -> Register[R]:
        found: Register[R] = self._book.register
        return found

    def counts(self) -> Json:
        return {"alive": len(self._register), "deleted": len(list(self._register.all(deleted=True)))}

    def ids(self) -> Iterable[str]:
        living, gone = self._register.all(), self._register.all(deleted=True)
        return [record.record_id for record in (*living, *gone)]

    def detail(self, record_id: str) -> Json | None:
        record = self._register.ever(record_id)
        return None if record is None else self._show(record)

    def is_deleted(self, record_id: str) -> bool:
        return self._register.find(record_id) is None

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        if record_id is not None:
            raise BadInstructionError(f"a {self.entity} cannot be changed here; delete it and make another")
        return self._made(fields, source)

    def delete(self, record_id: str, source: str) -> None:
        self._book.delete(record_id, source)

    def set_status(self, record_id: str, status: str, source: str) -> None:
        raise BadInstructionError(f"{source}s find no button {status!r} at {self.entity} {record_id}")

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        raise BadInstructionError(
            f"a {self.entity} is not planted at {at} with {[*fields]}: make one for its salesorder"
        )

    def dump(self) -> Any:
        return self._book.dump()

    def load(self, state: Any) -> None:
        self._book.load(state)

    def clear(self) -> None:
        self._book.clear()

    @abstractmethod
    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        """The id of a new one."""


class OrderModule(_Documents[Any]):
    """Sales orders, with their comments and what purchase orders buy for them."""

    def __init__(self, sales: Sales) -> None:
        super().__init__("salesorder", "salesorder_id", sales.orders, OrderView(sales).detail)
        self._sales, self._comments, self._buttons = sales, sales.comments, Buttons(sales)

    def edit(self, record_id: str | None, fields: Mapping[str, Any], source: str) -> str:
        values = dict(fields)
        status = values.pop("status", None)
        if record_id is None:
            record_id = self._made(values, source)
        elif values:
            own = bool(values.get("salesorder_number"))
            self._sales.orders.update(record_id, values, source, own_number=own)
        if status is not None:
            self._buttons.press(record_id, str(status), source)
        return self._sales.orders.get(record_id).record_id

    def set_status(self, record_id: str, status: str, source: str) -> None:
        self._buttons.press(record_id, status, source)

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        own = bool(fields.get("salesorder_number"))
        return self._sales.orders.create(fields, source, own_number=own).record_id

    def plant(self, fields: Mapping[str, Any], at: int) -> str:
        values = dict(fields)
        stage = values.pop("status", "draft")
        if stage not in {"draft", "confirmed", "void"}:
            raise BadInstructionError(f"a salesorder is planted draft, confirmed or void, not {stage!r}")
        own = bool(values.get("salesorder_number"))
        return self._sales.orders.create(values, "user", own_number=own, at=at, stage=stage).record_id

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


class PackageModule(_Documents[Any]):
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


class ShipmentModule(_Documents[Any]):
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


class InvoiceModule(_Documents[Any]):
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


class PaymentModule(_Documents[Any]):
    """Payments of customers."""

    def __init__(self, sales: Sales) -> None:
        super().__init__(payment_book.ENTITY, "payment_id", sales.payments, InvoiceView(sales).payment)
        self._sales = sales

    def _made(self, fields: Mapping[str, Any], source: str) -> str:
        return self._sales.payments.create(fields, source).record_id


def sales_modules(sales: Sales) -> tuple[Module, ...]:
    """In the order in which they refer to each other."""
    return (
        OrderModule(sales), PackageModule(sales), ShipmentModule(sales), InvoiceModule(sales),
        PaymentModule(sales),
    )  # fmt: skip
