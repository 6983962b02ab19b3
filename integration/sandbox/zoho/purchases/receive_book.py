"""Purchase receives: goods of issued purchase orders that came in, and with them the physical stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.approval import DRAFT
from integration.sandbox.zoho.documents.book import CustomisedBook
from integration.sandbox.zoho.documents.document_fields import day_and_notes, refuse_unknown
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.parts import PartRules, clean_parts
from integration.sandbox.zoho.faults import missing_value
from integration.sandbox.zoho.purchases.order_rules import check_issued
from integration.sandbox.zoho.purchases.purchase_book import PurchaseBook
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.receive import RECEIVED, Receive
from integration.sandbox.zoho.register import Mark

_READ = frozenset({"receive_number", "date", "line_items", "notes", "custom_fields"})
# The order is named in the query; what a body says of it, and what answers tell, is dropped in silence.
_DROPPED = frozenset({
    "purchaseorder_id", "purchaseorder_number", "receive_id", "purchasereceive_id", "vendor_id",
    "vendor_name", "contact_persons", "status", "received_status", "billing_address", "shipping_address",
    "created_time", "last_modified_time", "custom_field_hash", "total_quantity", "quantity", "documents",
    "location_id", "location_name", "warehouse_id", "warehouse_name", "reason",
})  # fmt: skip
_LINE_DROPPED = frozenset({
    "item_id", "name", "description", "item_order", "unit", "sku", "item_custom_fields", "serial_numbers",
    "batches", "storages", "location_id", "location_name", "warehouse_id", "warehouse_name", "is_receivable",
})  # fmt: skip


class ReceiveBook(CustomisedBook[Receive]):
    """Receives by id, number, purchase order and vendor."""

    entity, label, number_key = "purchasereceive", "Purchase Receive", "receive_number"

    def __init__(self, ground: Ground, orders: PurchaseBook, refresh: Callable[..., None]) -> None:
        super().__init__(ground, Receive, Numbering(self.number_key, "PR-", 5, ground.switches))
        self._orders, self._refresh = orders, refresh
        # Clients name the line of the order in `line_item_id`, as published.
        self._rules = PartRules(
            ground.switches, ground.premises.next_id, "purchaseorder_item_id", "received", _LINE_DROPPED,
            by_line_id=True,
        )  # fmt: skip

    def unreceived(self, order: PurchaseOrder) -> dict[str, Decimal]:
        """What is left to come in, by line id: what waits for approval has its part; services never come."""
        return {
            line.line_item_id: line.quantity - order.of(line).on_receives
            for line in order.lines
            if self._ground.is_goods(line.item_id)
        }

    def create(self, order_id: str, body: Mapping[str, Any], source: str) -> Receive:
        """Goods of the order came in. :raises ApiError: the order is not issued, or has less left."""
        order, premises = self._orders.get(order_id), self._ground.premises
        check_issued(order, "received", self._switches)
        if "line_items" not in body:
            raise missing_value("line_items")
        now = premises.now()
        stage = DRAFT if self._switches.zoho_receive_approval else RECEIVED
        blank = Receive(
            premises.next_id(), now, now, source, "", order_id, order.vendor_id, self._ground.today(),
            stage=stage,
        )  # fmt: skip
        draft = self._written(blank, body, order)
        self._custom.require_mandatory(draft.custom)
        return self._added(draft, body, source, own=bool(body.get(self.number_key)))

    def update(self, receive_id: str, body: Mapping[str, Any], source: str) -> Receive:
        """Change what the body names; the lines are the whole new list. :raises ApiError: wrong values."""
        receive = self.get(receive_id)
        draft = self._written(receive, body, self._orders.get(receive.order_id))
        if body.get(self.number_key):
            draft = self._renumbered(draft, body, own=True)
        return self.touch(draft, source)

    def delete(self, receive_id: str, source: str) -> None:
        """The goods never came."""
        receive = self.get(receive_id)
        self._removed(receive, source)
        self._refresh(receive.order_id, source)

    def store(self, receive: Receive, source: str, *, at_once: bool = False) -> None:
        before, stock = self.register.find(receive.record_id), self._ground.stock
        self.register.put(receive, at_once=at_once)
        order = self._orders.get(receive.order_id)
        gone = {part.line_item_id: (part, 0.0) for part in (before.received if before else ())}
        # What is shipped straight to the customer never comes into the house.
        moves = receive.counts and not order.is_drop_shipment
        said = {part.line_item_id: (part, float(part.quantity) * moves) for part in receive.received}
        for part, quantity in {**gone, **said}.values():
            line = order.line(part.order_line_id)
            if line is not None and self._ground.is_tracked(line.item_id):
                stock.receive(
                    receive.record_id, part.line_item_id, line.item_id, line.location_id,
                    quantity,
                )  # fmt: skip
        lines = (order.line(part.order_line_id) for part in receive.received)
        stock.mention(receive.record_id, {line.item_id for line in lines if line is not None})
        self._refresh(receive.order_id, source)

    def marks(self, receive: Receive) -> Iterable[Mark]:
        yield from super().marks(receive)
        yield "order_id", receive.order_id
        yield "vendor_id", receive.vendor_id

    def _written(self, receive: Receive, body: Mapping[str, Any], order: PurchaseOrder) -> Receive:
        refuse_unknown(body, _READ, _DROPPED, self._switches)
        values = day_and_notes(body)
        if "line_items" in body:
            values["received"] = clean_parts(
                body["line_items"], receive.received, order.lines, self.unreceived(order), self._rules
            )
        return self._customised(receive.changed(**values), body)
