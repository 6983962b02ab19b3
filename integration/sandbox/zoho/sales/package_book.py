"""Packages: parts of confirmed orders, never more than the order has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import CustomisedBook
from integration.sandbox.zoho.documents.document_fields import day_and_notes, refuse_unknown
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.parts import PartRules, clean_parts
from integration.sandbox.zoho.faults import missing_value
from integration.sandbox.zoho.register import Mark
from integration.sandbox.zoho.sales.fulfilment import Package
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.statuses import CONFIRMED

ENTITY, LABEL = "package", "Package"
NOT_SHIPPED, DELIVERED = "not_shipped", "delivered"
_READ = frozenset({"package_number", "date", "line_items", "notes", "custom_fields"})
# The order is named in the query; what a body says of it, and what answers tell, is dropped in silence.
_DROPPED = frozenset({
    "salesorder_id", "salesorder_number", "package_id", "customer_id", "customer_name", "status", "email",
    "phone", "mobile", "billing_address", "shipping_address", "contact_persons", "created_time",
    "last_modified_time", "is_emailed", "total_quantity", "quantity", "template_id", "template_name",
    "template_type", "shipment_order", "shipment_id", "shipment_number", "custom_field_hash",
    "delivery_method", "delivery_method_id", "carrier", "tracking_number", "shipment_date", "tracking_url",
})  # fmt: skip
_LINE_DROPPED = frozenset({
    "item_id", "item_order", "name", "description", "sku", "unit", "is_invoiced", "item_custom_fields",
    "is_combo_product", "combo_type", "mapped_items", "serial_numbers", "batches", "storages", "location_id",
    "warehouse_id",
})  # fmt: skip


class PackageBook(CustomisedBook[Package]):
    """Packages by id, number, order and customer."""

    entity, label, number_key = ENTITY, LABEL, "package_number"

    def __init__(self, ground: Ground, orders: OrderBook, refresh: Callable[..., None]) -> None:
        super().__init__(ground, Package, Numbering(self.number_key, "PKG-", 5, ground.switches))
        self._orders, self._refresh = orders, refresh
        self._rules = PartRules(
            ground.switches, ground.premises.next_id, "so_line_item_id", "packed", _LINE_DROPPED
        )

    def unpacked(self, order: SalesOrder) -> dict[str, Decimal]:
        """What is left to pack, by line id; services are not packed."""
        return {
            line.line_item_id: line.quantity - order.of(line).packed - order.of(line).dropshipped
            for line in order.lines
            if self._ground.is_goods(line.item_id)
        }

    def create(
        self, order_id: str, body: Mapping[str, Any], source: str, *, own_number: bool = True
    ) -> Package:
        """A new package of the order. :raises ApiError: the order is not confirmed, or has less left."""
        order = self._orders.get(order_id)
        if order.stage != CONFIRMED:
            raise refusals.wrong_status("Sales Order", order.stage, "packed", self._switches)
        premises = self._ground.premises
        if "line_items" not in body:
            raise missing_value("line_items")
        now = premises.now()
        blank = Package(
            premises.next_id(), now, now, source, "", order_id, order.customer_id, self._ground.today()
        )
        draft = self._written(blank, body, order)
        self._custom.require_mandatory(draft.custom)
        return self._added(draft, body, source, own=own_number and bool(body.get(self.number_key)))

    def update(self, package_id: str, body: Mapping[str, Any], source: str) -> Package:
        """Change what the body names. :raises ApiError: lines of what has left the house, wrong values."""
        package = self.get(package_id)
        if package.status != NOT_SHIPPED and "line_items" in body:
            raise refusals.wrong_status(LABEL, package.status, "changed", self._switches)
        order = self._orders.get(package.order_id)
        if order.stage != CONFIRMED and "line_items" in body:
            raise refusals.wrong_status("Sales Order", order.stage, "packed", self._switches)
        draft = self._written(package, body, order)
        if body.get(self.number_key):
            draft = self._renumbered(draft, body, own=True)
        return self.touch(draft, source)

    def delete(self, package_id: str, source: str) -> None:
        """Take the goods out again. :raises ApiError: they are on their way."""
        package = self.get(package_id)
        if package.status != NOT_SHIPPED:
            raise refusals.has_documents(LABEL, self._switches)
        self._removed(package, source)
        self._refresh(package.order_id, source)

    def set_shipment(self, package: Package, shipment_id: str, status: str) -> None:
        """The package goes with a shipment, or with none any more."""
        now = self._ground.premises.now()
        self.register.put(package.changed(shipment_id=shipment_id, status=status, modified=now))

    def _written(self, package: Package, body: Mapping[str, Any], order: SalesOrder) -> Package:
        refuse_unknown(body, _READ, _DROPPED, self._switches)
        values = day_and_notes(body)
        if "line_items" in body:
            values["packed"] = clean_parts(
                body["line_items"], package.packed, order.lines, self.unpacked(order), self._rules
            )
        return self._customised(package.changed(**values), body)

    def store(self, package: Package, source: str, *, at_once: bool = False) -> None:
        self.register.put(package, at_once=at_once)
        self._refresh(package.order_id, source)

    def marks(self, package: Package) -> Iterable[Mark]:
        yield from super().marks(package)
        yield "order_id", package.order_id
        yield "customer_id", package.customer_id
