"""Packages: parts of confirmed orders, never more than the order has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.numeric import clean_quantity
from integration.sandbox.zoho.faults import invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_text
from integration.sandbox.zoho.register import Mark, Register
from integration.sandbox.zoho.sales import refusals
from integration.sandbox.zoho.sales.fulfilment import Package, PackedLine
from integration.sandbox.zoho.sales.ground import Ground
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.order_fields import clean_day
from integration.sandbox.zoho.sales.statuses import CONFIRMED

ENTITY, LABEL = "package", "Package"
NOT_SHIPPED, SHIPPED, DELIVERED = "not_shipped", "shipped", "delivered"
_READ = frozenset({"package_number", "date", "line_items", "notes", "custom_fields"})
# The order is named in the query; what a body says of it, and what answers tell, is dropped in silence.
_DROPPED = frozenset({
    "salesorder_id", "salesorder_number", "package_id", "customer_id", "customer_name", "status", "email",
    "phone", "mobile", "billing_address", "shipping_address", "contact_persons", "created_time",
    "last_modified_time", "is_emailed", "total_quantity", "quantity", "template_id", "template_name",
    "template_type", "shipment_order", "shipment_id", "shipment_number", "custom_field_hash",
    "delivery_method", "delivery_method_id", "carrier", "tracking_number", "shipment_date", "tracking_url",
})  # fmt: skip
_LINE_READ = frozenset({"so_line_item_id", "line_item_id", "quantity"})
_LINE_DROPPED = frozenset({
    "item_id", "item_order", "name", "description", "sku", "unit", "is_invoiced", "item_custom_fields",
    "is_combo_product", "combo_type", "mapped_items", "serial_numbers", "batches", "storages", "location_id",
    "warehouse_id",
})  # fmt: skip


class PackageBook:
    """Packages by id, number, order and customer."""

    def __init__(self, ground: Ground, orders: OrderBook, refresh: Callable[..., None]) -> None:
        self._ground, self._switches, self._orders, self._refresh = ground, ground.switches, orders, refresh
        self._custom = ground.premises.fields[ENTITY]
        self.register: Register[Package] = Register(ground.premises, LABEL, self._marks)
        self.numbers = Numbering("package_number", "PKG-", 5, ground.switches)

    def get(self, package_id: str) -> Package:
        """The package. :raises ApiError: 404, there is none."""
        return self.register.get(package_id)

    def of_order(self, order_id: str) -> list[Package]:
        """The packages of the order, in the order of creation."""
        return [self.register.get(each) for each in self.register.holders("order_id", order_id)]

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
        sent = body.get("package_number")
        number = self.numbers.first(sent, own=own_number and bool(sent), taken=self._taken)
        package = draft.changed(number=number)
        self._store(package, source)
        self._ground.announce("add", source, ENTITY, package.record_id)
        return package

    def update(self, package_id: str, body: Mapping[str, Any], source: str) -> Package:
        """Change what the body names. :raises ApiError: lines of what has left the house, wrong values."""
        package = self.get(package_id)
        if package.status != NOT_SHIPPED and "line_items" in body:
            raise refusals.wrong_status(LABEL, package.status, "changed", self._switches)
        order = self._orders.get(package.order_id)
        if order.stage != CONFIRMED and "line_items" in body:
            raise refusals.wrong_status("Sales Order", order.stage, "packed", self._switches)
        draft = self._written(package, body, order)
        if body.get("package_number"):
            number = self.numbers.changed(package.number, body["package_number"], own=True, taken=self._taken)
            draft = draft.changed(number=number)
        changed = draft.changed(modified=self._ground.premises.now())
        self._store(changed, source)
        self._ground.announce("edit", source, ENTITY, package_id)
        return changed

    def delete(self, package_id: str, source: str) -> None:
        """Take the goods out again. :raises ApiError: they are on their way."""
        package = self.get(package_id)
        if package.status != NOT_SHIPPED:
            raise refusals.has_documents(LABEL, self._switches)
        self.register.remove(package.changed(deleted=True))
        self._refresh(package.order_id, source)
        self._ground.announce("delete", source, ENTITY, package_id)

    def set_shipment(self, package: Package, shipment_id: str, status: str) -> None:
        """The package goes with a shipment, or with none any more."""
        now = self._ground.premises.now()
        self.register.put(package.changed(shipment_id=shipment_id, status=status, modified=now))

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        packages = (*self.register.all(), *self.register.all(deleted=True))
        return {"packages": [each.dump() for each in packages], "last_number": self.numbers.last}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump."""
        self.register.restore(Package.load(row) for row in state["packages"])
        self.numbers.last = state["last_number"]

    def clear(self) -> None:
        """No packages."""
        self.load({"packages": [], "last_number": 0})

    def _written(self, package: Package, body: Mapping[str, Any], order: SalesOrder) -> Package:
        refuse_unknown(body, _READ, _DROPPED, self._ground)
        values: dict[str, Any] = {}
        if "date" in body:
            values["date"] = clean_day("date", body["date"])
        if "notes" in body:
            values["notes"] = clean_text("notes", body["notes"], None)
        if "custom_fields" in body:
            values["custom"] = self._custom.merged(body["custom_fields"], package.custom)
            for definition, value in self._custom.unique_marks(values["custom"]):
                if set(self.register.holders(definition.api_name, value)) - {package.record_id}:
                    raise faults.custom_value_taken(definition.label, self._switches)
        if "line_items" in body:
            values["packed"] = self._lines(package, body["line_items"], order)
        return package.changed(**values)

    def _lines(self, package: Package, sent: object, order: SalesOrder) -> tuple[PackedLine, ...]:
        if not isinstance(sent, list):
            raise invalid_value("line_items")
        if not sent:
            raise missing_value("line_items")
        left = self.unpacked(order)
        for line in package.packed:
            left[line.so_line_item_id] = left.get(line.so_line_item_id, Decimal(0)) + line.quantity
        known = {line.line_item_id: line for line in package.packed}
        found = []
        for entry in sent:
            line = self._line(entry, known, order)
            if line.quantity > left.get(line.so_line_item_id, Decimal(0)):
                ordered = order.line(line.so_line_item_id)
                raise refusals.too_much(ordered.name if ordered else "", "packed", self._switches)
            left[line.so_line_item_id] -= line.quantity
            found.append(line)
        return tuple(found)

    def _line(self, entry: object, known: dict[str, PackedLine], order: SalesOrder) -> PackedLine:
        if not isinstance(entry, dict):
            raise invalid_value("line_items")
        refuse_unknown(entry, _LINE_READ, _LINE_DROPPED, self._ground)
        before = None
        if entry.get("line_item_id") not in (None, ""):
            before = known.pop(str(entry["line_item_id"]), None)
            if before is None:
                raise invalid_value("line_item_id")
        so_line = str(entry.get("so_line_item_id") or (before.so_line_item_id if before else ""))
        if not so_line:
            raise missing_value("so_line_item_id")
        if order.line(so_line) is None:
            raise invalid_value("so_line_item_id")
        if "quantity" not in entry:
            raise missing_value("quantity")
        quantity = clean_quantity("quantity", entry["quantity"], self._switches)
        line_id = before.line_item_id if before else self._ground.premises.next_id()
        return PackedLine(line_id, so_line, quantity)

    def _store(self, package: Package, source: str) -> None:
        self.register.put(package)
        self._refresh(package.order_id, source)

    def _taken(self, number: str) -> bool:
        return bool(self.register.holders("number", number.casefold()))

    def _marks(self, package: Package) -> Iterable[Mark]:
        yield "number", package.number.casefold()
        yield "order_id", package.order_id
        yield "customer_id", package.customer_id
        for definition, value in self._custom.unique_marks(package.custom):
            yield definition.api_name, value


def refuse_unknown(
    body: Mapping[str, Any], read: frozenset[str], dropped: frozenset[str], ground: Ground
) -> None:
    """Refuse keys that are neither read nor known to be dropped. :raises ApiError: `Invalid Element`."""
    if ground.switches.zoho_unknown_keys != "reject":
        return
    for key in body:
        if key in read or key in dropped or key.startswith("cf_") or key.endswith("_formatted"):
            continue
        raise faults.invalid_element(key, ground.switches)
