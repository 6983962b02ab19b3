"""How a purchase order looks in answers: the whole record, and a list row without lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.money import LineTotal, Totals, rounded
from integration.sandbox.zoho.documents.numeric import shown
from integration.sandbox.zoho.documents.parties import persons_shown
from integration.sandbox.zoho.documents.shown import added, amounts_shown, line_shown
from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.receive_view import bill_in_order, receive_in_order
from integration.sandbox.zoho.purchases.statuses import ISSUED
from integration.sandbox.zoho.rendering import address
from integration.sandbox.zoho.settings.accounts import INVENTORY, PURCHASES

Json = dict[str, Any]
_SOURCES = {"api": "Api", "user": "Client"}
_TEXTS = (
    "reference_number", "delivery_date", "expected_delivery_date", "notes", "terms", "ship_via", "attention",
    "adjustment_description", "template_id", "pricebook_id", "source_of_supply", "destination_of_supply",
    "place_of_supply", "gst_treatment", "gst_no", "tax_treatment",
)  # fmt: skip
_ROW_TEXTS = ("reference_number", "delivery_date", "expected_delivery_date", "ship_via")
_COLORS = {"draft": "919191", "issued": "3b7ac9", "cancelled": "7f7f7f"}


class PurchaseView:
    """Answers about purchase orders."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases, self._ground = purchases, purchases.ground
        self._custom = purchases.ground.premises.fields["purchaseorder"]

    def detail(self, order: PurchaseOrder) -> Json:
        """What GET /purchaseorders/{id} and webhooks show."""
        purchases, order_id = self._purchases, order.record_id
        totals = purchases.orders.totals(order)
        today, sale = self._ground.today(), purchases.sales.orders.register.ever(order.salesorder_id)
        return {
            **self._header(order),
            **self._constants(order),
            **{key: order.values.get(key, "") for key in _TEXTS},
            **amounts_shown(totals, order.terms(*self._ground.decimals(order.currency_id))),
            "line_items": [
                self._line(order, line, total, totals)
                for line, total in zip(order.lines, totals.lines, strict=True)
            ],
            "billing_address_id": order.billing_address.get("address_id", ""),
            "billing_address": address(order.billing_address),
            **purchases.delivery.shown(order),
            "salesorder_id": order.salesorder_id,
            "salesorders": [{"salesorder_id": sale.record_id, "salesorder_number": sale.number}]
            if sale is not None
            else [],
            "purchasereceives": [
                receive_in_order(order, each) for each in purchases.receives.of_order(order_id)
            ],
            "bills": [bill_in_order(each, today) for each in purchases.bills.of_order(order_id)],
            "custom_fields": self._custom.array(order.custom),
            "custom_field_hash": self._custom.flat(order.custom),
            **self._custom.flat(order.custom),
        }

    def row(self, order: PurchaseOrder) -> Json:
        """A list row: no lines, no addresses, no array of custom fields."""
        base = order.total
        if order.exchange_rate != 1:
            base = rounded(base * order.exchange_rate, self._ground.decimals(order.currency_id)[1])
        quantity = sum((line.quantity for line in order.lines), Decimal(0))
        receives = self._purchases.receives.of_order(order.record_id)
        return {
            **self._header(order),
            **{key: order.values.get(key, "") for key in _ROW_TEXTS},
            "total": shown(order.total), "bcy_total": shown(base), "quantity": shown(quantity),
            "price_precision": self._ground.decimals(order.currency_id)[0],
            "quantity_received": shown(order.done("received")),
            "quantity_yet_to_receive": shown(quantity - order.done("received")),
            "receives": [{"receive_id": each.record_id, "receive_number": each.number} for each in receives],
            "has_attachment": bool(order.values.get("documents")), "tags": order.values.get("tags", []),
            **self._custom.flat(order.custom),
        }  # fmt: skip

    def _header(self, order: PurchaseOrder) -> Json:
        statuses = self._purchases.orders.statuses(order)
        currency, contact = self._ground.currency(order.currency_id), self._ground.party(order.vendor_id)
        return {
            "purchaseorder_id": order.record_id, "purchaseorder_number": order.number, "date": order.date,
            **statuses._asdict(), "current_sub_status": statuses.order_status, "current_sub_status_id": "",
            "color_code": _COLORS.get(statuses.status, "39b54a"),
            "vendor_id": order.vendor_id, "vendor_name": contact.name if contact else "",
            "company_name": contact.values.get("company_name", "") if contact else "",
            "currency_id": currency.currency_id, "currency_code": currency.code,
            "source": _SOURCES.get(order.source, order.source), "is_emailed": False,
            "is_drop_shipment": order.is_drop_shipment, "is_backorder": order.is_backorder,
            **self._ground.places.shown(order.location_id),
            "created_time": self._ground.time(order.created),
            "last_modified_time": self._ground.time(order.modified),
        }  # fmt: skip

    def _constants(self, order: PurchaseOrder) -> Json:
        profile, contact = self._ground.premises.profile, self._ground.party(order.vendor_id)
        statuses, terms = self._purchases.orders.statuses(order), 0
        if contact is not None:
            terms = contact.values.get("payment_terms", 0)
        persons = persons_shown(order.persons, contact)
        return {
            "documents": order.values.get("documents", []), "tags": order.values.get("tags", []),
            "sub_statuses": [], "contact_persons": [person_id for person_id, _ in order.persons],
            "contact_persons_associated": persons, "contact_person_details": persons,
            "currency_symbol": self._ground.currency(order.currency_id).symbol,
            "price_precision": self._ground.decimals(order.currency_id)[0],
            "ship_via_id": self._purchases.orders.methods.id_of(order.values.get("ship_via", "")),
            "is_received": statuses.received_status == "received", "is_po_marked_as_received": False,
            "can_mark_as_bill": order.stage == ISSUED and statuses.billed_status != "billed",
            "created_by_name": profile.user_name, "created_by_email": profile.user_email,
            "created_by_id": f"{profile.id_prefix}{44001:012d}",
            "total_quantity": added(line.quantity for line in order.lines),
            "payment_terms": terms, "payment_terms_label": f"Net {terms}" if terms else "Due on Receipt",
            "template_name": "", "template_type": "", "approvers_list": [], "attachment_name": "",
            "can_send_in_mail": False, "is_pre_gst": False, "is_reverse_charge_applied": False,
        }  # fmt: skip

    def _line(self, order: PurchaseOrder, line: Line, total: LineTotal, totals: Totals) -> Json:
        ground, done, accounts = self._ground, order.of(line), self._purchases.orders.accounts
        item = ground.wares.ever(line.item_id)
        otherwise = INVENTORY if item is not None and item.is_tracked else PURCHASES
        account_id = line.account_id or accounts.id_of(otherwise)
        rate = ground.taxes.rate(line.tax_id) if line.tax_id else None
        is_goods = ground.is_goods(line.item_id)
        return {
            **line_shown(line, total, totals, rate, item.sku if item else ""),
            "product_type": item.product_type if item else "goods",
            "item_type": item.item_type if item else "purchases",
            "line_item_type": item.product_type if item else "goods",
            "account_id": account_id, "account_name": accounts.name_of(account_id),
            "salesorder_item_id": line.salesorder_item_id, "is_receivable": is_goods,
            "quantity_received": shown(done.received), "quantity_billed": shown(done.billed),
            "quantity_intransit": shown(done.on_receives - done.received),
            **dict.fromkeys(("quantity_marked_as_received", "quantity_cancelled"), 0.0),
            **ground.places.shown(line.location_id), "package_details": {},
        }  # fmt: skip
