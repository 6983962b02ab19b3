"""How purchase receives and bills look in answers, and either of them inside its purchase order."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.documents.numeric import shown
from integration.sandbox.zoho.documents.parts import Part
from integration.sandbox.zoho.documents.shown import added, amounts_shown, custom_shown, line_shown
from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.receive import VOID, Bill, Receive
from integration.sandbox.zoho.rendering import address

Json = dict[str, Any]


def receive_in_order(order: PurchaseOrder, receive: Receive) -> Json:
    """A receive as its purchase order lists it."""
    return {
        "receive_id": receive.record_id, "receive_number": receive.number, "date": receive.date,
        "notes": receive.notes, "received_status": receive.stage,
        "line_items": [_part(order, part) for part in receive.received],
    }  # fmt: skip


def bill_in_order(bill: Bill, today: str) -> Json:
    """A bill as its purchase order lists it."""
    return {
        "bill_id": bill.record_id, "bill_number": bill.number, "status": bill.status(today),
        "date": bill.date, "due_date": bill.due_date, "total": shown(bill.total), "balance": _owed(bill),
    }  # fmt: skip


class ReceiveView:
    """Answers about receives."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases, self._ground = purchases, purchases.ground
        self._custom = purchases.ground.premises.fields["purchasereceive"]

    def detail(self, receive: Receive) -> Json:
        """What GET /purchasereceives/{id} and webhooks show."""
        order = self._purchases.orders.register.ever(receive.order_id)
        assert order is not None
        delivery = self._purchases.delivery.shown(order)
        return {
            **receive_in_order(order, receive),
            "status": receive.stage, "purchaseorder_id": order.record_id,
            "purchaseorder_number": order.number, "vendor_id": receive.vendor_id,
            "vendor_name": self._ground.party_name(receive.vendor_id),
            "contact_persons": [{"contact_person_id": each} for each, _ in order.persons],
            "total_quantity": added(part.quantity for part in receive.received),
            "billing_address": address(order.billing_address),
            "shipping_address": delivery["delivery_address"],
            "created_time": self._ground.time(receive.created),
            "last_modified_time": self._ground.time(receive.modified),
            "custom_fields": self._custom.array(receive.custom),
            "custom_field_hash": self._custom.flat(receive.custom),
            **self._custom.flat(receive.custom),
        }  # fmt: skip


class BillView:
    """Answers about bills."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases, self._ground = purchases, purchases.ground
        self._custom = purchases.ground.premises.fields["bill"]

    def detail(self, bill: Bill) -> Json:
        """What GET /bills/{id} shows."""
        ground, totals = self._ground, self._purchases.bills.totals(bill)
        rate = ground.taxes.rate
        return {
            **self.row(bill),
            **amounts_shown(totals, bill.terms(*ground.decimals(bill.currency_id))),
            "price_precision": ground.decimals(bill.currency_id)[0],
            "notes": bill.values.get("notes", ""), "terms": bill.values.get("terms", ""),
            "total_quantity": added(line.quantity for line in bill.lines),
            "line_items": [
                {
                    **line_shown(line, total, totals, rate(line.tax_id), ground.sku(line.item_id)),
                    "account_id": line.account_id, "purchaseorder_item_id": line.purchaseorder_item_id,
                    **ground.places.shown(line.location_id),
                }
                for line, total in zip(bill.lines, totals.lines, strict=True)
            ],
            "purchaseorder_ids": list(bill.order_ids),
            "purchaseorders": [self._order(order_id) for order_id in bill.order_ids],
            "custom_fields": self._custom.array(bill.custom),
            "custom_field_hash": self._custom.flat(bill.custom),
        }  # fmt: skip

    def row(self, bill: Bill) -> Json:
        """A list row: no lines."""
        currency = self._ground.currency(bill.currency_id)
        return {
            **bill_in_order(bill, self._ground.today()),
            "vendor_id": bill.vendor_id, "vendor_name": self._ground.party_name(bill.vendor_id),
            "currency_id": currency.currency_id, "currency_code": currency.code,
            "currency_symbol": currency.symbol, "exchange_rate": shown(bill.exchange_rate),
            "reference_number": bill.values.get("reference_number", ""),
            "created_time": self._ground.time(bill.created),
            "last_modified_time": self._ground.time(bill.modified), **self._custom.flat(bill.custom),
        }  # fmt: skip

    def _order(self, order_id: str) -> Json:
        order = self._purchases.orders.register.ever(order_id)
        return {"purchaseorder_id": order_id, "purchaseorder_number": order.number if order else ""}


def _part(order: PurchaseOrder, part: Part) -> Json:
    line = order.line(part.order_line_id)
    assert line is not None
    return {
        "line_item_id": part.line_item_id, "purchaseorder_item_id": part.order_line_id,
        "item_id": line.item_id, "name": line.name, "description": line.description,
        "item_order": line.item_order, "quantity": shown(part.quantity), "unit": line.unit,
        "item_custom_fields": custom_shown(line.custom), "serial_numbers": [], "batches": [], "storages": [],
    }  # fmt: skip


def _owed(bill: Bill) -> float:
    return 0.0 if bill.stage == VOID else shown(bill.total)
