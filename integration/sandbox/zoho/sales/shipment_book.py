"""Shipments: packages that leave the house, and with them the physical stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import DocumentBook
from integration.sandbox.zoho.documents.document_fields import clean_day, refuse_unknown
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.lines import clean_custom_texts
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.numeric import clean_amount, clean_exchange_rate
from integration.sandbox.zoho.faults import absent, invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_list, clean_text
from integration.sandbox.zoho.register import Mark
from integration.sandbox.zoho.sales.fulfilment import Package, Shipment
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.package_book import (
    DELIVERED,
    NOT_SHIPPED,
    PackageBook,
)
from integration.sandbox.zoho.sales.statuses import CONFIRMED

ENTITY, LABEL = "shipmentorder", "Shipment Order"
_TEXTS: Mapping[str, int] = {
    "reference_number": 100, "delivery_method": 100, "tracking_number": 200, "carrier": 100, "service": 100,
    "tracking_url": 2000, "template_id": 100,
}  # fmt: skip
_READ = frozenset({
    *_TEXTS, "shipment_number", "date", "notes", "shipping_charge", "exchange_rate", "contact_persons",
    "shipmentorder_custom_fields",
})  # fmt: skip
# As for packages: the order and its packages are named in the query.
_DROPPED = frozenset({
    "salesorder_id", "salesorder_number", "package_ids", "packages", "shipment_id", "status",
    "detailed_status", "status_message", "delivery_days", "delivery_guarantee", "customer_id",
    "customer_name", "currency_id",
    "currency_code", "currency_symbol", "discount_amount", "discount", "is_discount_before_tax",
    "discount_type", "estimate_id", "delivery_method_id", "line_items", "sub_total", "tax_total", "total",
    "taxes", "price_precision", "is_emailed", "billing_address", "shipping_address", "template_name",
    "template_type", "created_time", "last_modified_time", "aftership_carrier_code", "custom_fields",
})  # fmt: skip


class ShipmentBook(DocumentBook[Shipment]):
    """Shipments by id, number and order."""

    entity, label, number_key = ENTITY, LABEL, "shipment_number"

    def __init__(
        self, ground: Ground, orders: OrderBook, packages: PackageBook, refresh: Callable[..., None]
    ) -> None:
        super().__init__(ground, Shipment, Numbering(self.number_key, "SHP-", 5, ground.switches))
        self._refresh, self._orders, self._packages = refresh, orders, packages

    def create(
        self, order_id: str, package_ids: Sequence[str], body: Mapping[str, Any], source: str
    ) -> Shipment:
        """Send packages of the order off. :raises ApiError: they are not its packages, or gone already."""
        order = self._orders.get(order_id)
        if order.stage != CONFIRMED:
            raise refusals.wrong_status("Sales Order", order.stage, "shipped", self._switches)
        packages = self._free_packages(order_id, package_ids, "")
        if not body.get("delivery_method"):
            raise missing_value("delivery_method")
        premises = self._ground.premises
        now = premises.now()
        blank = Shipment(
            premises.next_id(), now, now, source, "", order_id, order.customer_id, self._ground.today(),
            tuple(each.record_id for each in packages),
        )  # fmt: skip
        draft = self._written(blank, body)
        return self._added(draft, body, source, own=bool(body.get(self.number_key)))

    def update(
        self, shipment_id: str, package_ids: Sequence[str], body: Mapping[str, Any], source: str
    ) -> Shipment:
        """Change what the body names; with package ids, those are the packages from now on."""
        shipment = self.get(shipment_id)
        draft = self._written(shipment, body)
        if body.get(self.number_key):
            draft = self._renumbered(draft, body, own=True)
        if package_ids:
            packages = self._free_packages(shipment.order_id, package_ids, shipment_id)
            draft = draft.changed(package_ids=tuple(each.record_id for each in packages))
        return self.touch(draft, source)

    def deliver(self, shipment_id: str, source: str) -> Shipment:
        """The customer has it. :raises ApiError: had it before."""
        shipment = self.get(shipment_id)
        if shipment.status == DELIVERED:
            raise refusals.wrong_status(LABEL, DELIVERED, "delivered again", self._switches)
        return self.touch(shipment.changed(status=DELIVERED), source)

    def delete(self, shipment_id: str, source: str) -> None:
        """The goods are back in the house, still packed. :raises ApiError: they were delivered."""
        shipment = self.get(shipment_id)
        if shipment.status == DELIVERED:
            raise refusals.wrong_status(LABEL, DELIVERED, "deleted", self._switches)
        for package_id in shipment.package_ids:
            self._packages.set_shipment(self._packages.get(package_id), "", NOT_SHIPPED)
        self._refresh(shipment.order_id, source)
        self._removed(shipment, source)

    def _free_packages(self, order_id: str, package_ids: Sequence[str], own_id: str) -> list[Package]:
        if not package_ids:
            raise missing_value("package_ids")
        found = []
        for package_id in dict.fromkeys(package_ids):
            package = self._packages.register.find(package_id)
            if package is None:
                raise absent("Package")
            if package.order_id != order_id:
                raise invalid_value("package_ids")
            if package.shipment_id not in ("", own_id):
                raise refusals.wrong_status("Package", package.status, "shipped again", self._switches)
            found.append(package)
        return found

    def _written(self, shipment: Shipment, body: Mapping[str, Any]) -> Shipment:
        refuse_unknown(body, _READ, _DROPPED, self._switches)
        values = dict(shipment.values)
        for key, limit in _TEXTS.items():
            if key in body:
                values[key] = clean_text(key, body[key], limit)
        if "notes" in body:
            values["notes"] = clean_text("notes", body["notes"], None)
        if body.get("shipping_charge") not in (None, ""):
            values["shipping_charge"] = float(clean_amount("shipping_charge", body["shipping_charge"]))
        if body.get("exchange_rate") not in (None, ""):
            values["exchange_rate"] = float(clean_exchange_rate("exchange_rate", body["exchange_rate"]))
        if "contact_persons" in body:
            values["contact_persons"] = clean_list("contact_persons", body["contact_persons"])
        if "shipmentorder_custom_fields" in body:
            values["custom"] = clean_custom_texts(body["shipmentorder_custom_fields"])
        if not values.get("delivery_method"):
            raise missing_value("delivery_method")
        self._orders.methods.id_of(values["delivery_method"])
        day = clean_day("date", body["date"]) if "date" in body else shipment.date
        return shipment.changed(values=values, date=day)

    def store(self, shipment: Shipment, source: str, *, at_once: bool = False) -> None:
        before = self.register.find(shipment.record_id)
        for package_id in before.package_ids if before is not None else ():
            if package_id not in shipment.package_ids:
                self._packages.set_shipment(self._packages.get(package_id), "", NOT_SHIPPED)
        self.register.put(shipment, at_once=at_once)
        for package_id in shipment.package_ids:
            # Also where nothing is new to the package: lists of packages sort by what its shipment says.
            self._packages.set_shipment(self._packages.get(package_id), shipment.record_id, shipment.status)
        self._move_stock(shipment)
        self._refresh(shipment.order_id, source)

    def _move_stock(self, shipment: Shipment) -> None:
        """What lies in the packages is out of the house, line by line of the order."""
        order = self._orders.get(shipment.order_id)
        gone: dict[str, Decimal] = {line.line_item_id: Decimal(0) for line in order.lines}
        for package_id in shipment.package_ids:
            for packed in self._packages.get(package_id).packed:
                gone[packed.order_line_id] += packed.quantity
        for line in order.lines:
            if self._ground.is_tracked(line.item_id):
                self._ground.stock.ship(
                    shipment.record_id, line.line_item_id, line.item_id, line.location_id,
                    float(gone[line.line_item_id]),
                )  # fmt: skip

    def marks(self, shipment: Shipment) -> Iterable[Mark]:
        yield from super().marks(shipment)
        yield "order_id", shipment.order_id
        yield "customer_id", shipment.customer_id
        if shipment.values.get("tracking_number"):
            yield "tracking_number", shipment.values["tracking_number"].casefold()
