"""How a sales order looks in answers: the whole record, and a list row without lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.money import LineTotal, Totals, rounded
from integration.sandbox.zoho.documents.numeric import shown
from integration.sandbox.zoho.documents.parties import persons_shown
from integration.sandbox.zoho.documents.shown import added, amounts_shown, line_shown
from integration.sandbox.zoho.rendering import address
from integration.sandbox.zoho.sales.fulfilment_view import package_in_order
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice_view import invoice_in_order
from integration.sandbox.zoho.sales.order import SalesOrder

Json = dict[str, Any]
_SOURCES = {"api": "Api", "user": "Client"}
_TEXTS = (
    "reference_number", "shipment_date", "notes", "terms", "delivery_method", "salesperson_id",
    "salesperson_name", "adjustment_description", "template_id", "pricebook_id", "zcrm_potential_id",
    "zcrm_potential_name", "estimate_id", "place_of_supply", "gst_treatment", "gst_no", "tax_treatment",
)  # fmt: skip
_ROW_TEXTS = ("reference_number", "shipment_date", "delivery_method", "salesperson_id", "salesperson_name",
              "zcrm_potential_id", "zcrm_potential_name")  # fmt: skip
_COLORS = {"draft": "919191", "confirmed": "3b7ac9", "open": "3b7ac9", "void": "7f7f7f"}


class OrderView:
    """Answers about orders."""

    def __init__(self, sales: Sales) -> None:
        self._sales, self._ground = sales, sales.ground
        self._custom = sales.ground.premises.fields["salesorder"]

    def detail(self, order: SalesOrder) -> Json:
        """What GET /salesorders/{id} and webhooks show."""
        totals = self._sales.orders.totals(order)
        terms = order.terms(*self._ground.decimals(order.currency_id))
        sales, order_id = self._sales, order.record_id
        today = self._ground.today()
        return {
            **self._header(order),
            **self._constants(order),
            **{key: order.values.get(key, "") for key in _TEXTS},
            **amounts_shown(totals, terms),
            "line_items": [
                self._line(order, line, total, totals)
                for line, total in zip(order.lines, totals.lines, strict=True)
            ],
            "billing_address": address(order.billing_address),
            "shipping_address": address(order.shipping_address),
            "packages": [package_in_order(sales, each) for each in sales.packages.of_order(order_id)],
            "invoices": [invoice_in_order(each, today) for each in sales.invoices.of_order(order_id)],
            "purchaseorders": [{"purchaseorder_id": each} for each in sales.purchases.get(order_id, {})],
            "custom_fields": self._custom.array(order.custom),
            "custom_field_hash": self._custom.flat(order.custom),
            **self._custom.flat(order.custom),
        }

    def row(self, order: SalesOrder) -> Json:
        """A list row: no lines, no addresses, no array of custom fields."""
        base = order.total
        if order.exchange_rate != 1:
            base = rounded(base * order.exchange_rate, self._ground.decimals(order.currency_id)[1])
        contact = self._ground.party(order.customer_id)
        return {
            **self._header(order),
            **{key: order.values.get(key, "") for key in _ROW_TEXTS},
            "email": contact.primary.get("email", "") if contact else "",
            "delivery_date": "", "total": shown(order.total), "bcy_total": shown(base),
            "total_invoiced_amount": shown(order.invoiced),
            "quantity": added(line.quantity for line in order.lines),
            "quantity_invoiced": self._done(order, "invoiced"),
            "quantity_packed": self._done(order, "packed"),
            "quantity_shipped": self._done(order, "shipped"),
            **self._days(order),
            "order_fulfillment_type": "", "is_drop_shipment": _any(order, "dropshipped"),
            "is_backorder": _any(order, "backordered"), "is_manually_fulfilled": False,
            "has_attachment": bool(order.values.get("documents")), "tags": order.values.get("tags", []),
            **self._custom.flat(order.custom),
        }  # fmt: skip

    def _header(self, order: SalesOrder) -> Json:
        statuses = self._sales.orders.statuses(order)
        currency = self._ground.currency(order.currency_id)
        contact = self._ground.party(order.customer_id)
        return {
            "salesorder_id": order.record_id, "salesorder_number": order.number, "date": order.date,
            **statuses._asdict(), "current_sub_status": statuses.order_status, "current_sub_status_id": "",
            "color_code": _COLORS.get(statuses.status, "39b54a"),
            "customer_id": order.customer_id, "customer_name": contact.name if contact else "",
            "company_name": contact.values.get("company_name", "") if contact else "",
            "currency_id": currency.currency_id, "currency_code": currency.code,
            "source": _SOURCES.get(order.source, order.source),
            "balance": self._balance(order), "is_emailed": False,
            "sales_channel": "direct_sales", **self._ground.places.shown(order.location_id),
            "created_time": self._ground.time(order.created),
            "last_modified_time": self._ground.time(order.modified),
        }  # fmt: skip

    def _constants(self, order: SalesOrder) -> Json:
        profile = self._ground.premises.profile
        currency = self._ground.currency(order.currency_id)
        contact = self._ground.party(order.customer_id)
        terms = contact.values.get("payment_terms", 0) if contact else 0
        return {
            "documents": order.values.get("documents", []), "tags": order.values.get("tags", []),
            "sub_statuses": [],
            "contact_persons": [person_id for person_id, _ in order.persons],
            "contact_persons_associated": persons_shown(order.persons, contact),
            "contact_person_details": persons_shown(order.persons, contact),
            "currency_symbol": currency.symbol,
            "price_precision": self._ground.decimals(order.currency_id)[0],
            "delivery_method_id": self._sales.orders.methods.id_of(order.values.get("delivery_method", "")),
            "is_dropshipped": _any(order, "dropshipped"), "is_backordered": _any(order, "backordered"),
            "is_backorder_allowed": False, "is_manually_fulfilled": False,
            "created_by_name": profile.user_name, "created_by_email": profile.user_email,
            "created_by_id": f"{profile.id_prefix}{44001:012d}",
            "total_quantity": added(line.quantity for line in order.lines),
            "has_unconfirmed_line_item": False, "picklists": [],
            "billing_address_id": order.billing_address.get("address_id", ""),
            "shipping_address_id": order.shipping_address.get("address_id", ""),
            "payment_terms": terms, "payment_terms_label": f"Net {terms}" if terms else "Due on Receipt",
            "template_name": "", "template_type": "", "salesreturns": [], "payments": [], "creditnotes": [],
            "refunds": [], "approvers_list": [], "attachment_name": "", "can_send_in_mail": False,
            "is_pre_gst": False,
            "contact": {"customer_balance": self._balance(order), "is_credit_limit_migration_completed": True,
                        "unused_customer_credits": 0.0},
        }  # fmt: skip

    def _line(self, order: SalesOrder, line: Line, total: LineTotal, totals: Totals) -> Json:
        ground, done = self._ground, order.of(line)
        item = ground.wares.ever(line.item_id)
        rate = ground.taxes.rate(line.tax_id) if line.tax_id else None
        return {
            **line_shown(line, total, totals, rate, item.sku if item else ""),
            "sales_rate": item.rate if item else 0.0,
            "product_type": item.product_type if item else "goods",
            "item_type": item.item_type if item else "sales",
            "line_item_type": item.product_type if item else "goods",
            "is_invoiced": done.invoiced > 0,
            "quantity_invoiced": shown(done.invoiced), "quantity_packed": shown(done.packed),
            "quantity_shipped": shown(done.shipped), "quantity_delivered": shown(done.delivered),
            "quantity_backordered": shown(done.backordered),
            "quantity_dropshipped": shown(done.dropshipped),
            **dict.fromkeys(("quantity_picked", "quantity_cancelled", "quantity_returned",
                             "quantity_manuallyfulfilled"), 0.0),
            **ground.places.shown(line.location_id), "package_details": {},
        }  # fmt: skip

    def _balance(self, order: SalesOrder) -> float:
        """What the customer has not paid yet of the whole order."""
        return shown(order.total - (order.invoiced - order.balance)) if order.stage == "confirmed" else 0.0

    def _days(self, order: SalesOrder) -> Json:
        due = order.values.get("shipment_date")
        if not due:
            return {"shipment_days": "", "due_by_days": "", "due_in_days": ""}
        days = (date.fromisoformat(due) - date.fromisoformat(self._ground.today())).days
        return {"shipment_days": days, "due_by_days": max(-days, 0), "due_in_days": max(days, 0)}

    @staticmethod
    def _done(order: SalesOrder, what: str) -> float:
        return shown(sum((getattr(each, what) for each in order.progress.values()), Decimal(0)))


def _any(order: SalesOrder, what: str) -> bool:
    return any(getattr(each, what) for each in order.progress.values())
