"""How invoices and payments look in answers, and an invoice inside its order."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.documents.numeric import shown
from integration.sandbox.zoho.documents.shown import added, amounts_shown, line_shown
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice import Invoice, Payment

Json = dict[str, Any]


def invoice_in_order(invoice: Invoice, today: str) -> Json:
    """An invoice as its order lists it."""
    return {
        "invoice_id": invoice.record_id, "invoice_number": invoice.number,
        "reference_number": invoice.values.get("reference_number", ""), "status": invoice.status(today),
        "date": invoice.date, "due_date": invoice.due_date, "total": shown(invoice.total),
        "balance": shown(invoice.balance),
    }  # fmt: skip


class InvoiceView:
    """Answers about invoices and payments."""

    def __init__(self, sales: Sales) -> None:
        self._sales, self._ground = sales, sales.ground
        self._custom = sales.ground.premises.fields["invoice"]

    def detail(self, invoice: Invoice) -> Json:
        """What GET /invoices/{id} and webhooks show."""
        totals = self._sales.invoices.totals(invoice)
        terms = invoice.terms(*self._ground.decimals(invoice.currency_id))
        rate = self._ground.taxes.rate
        return {
            **self.row(invoice),
            **amounts_shown(totals, terms),
            "price_precision": self._ground.decimals(invoice.currency_id)[0],
            "payment_made": shown(invoice.paid),
            "notes": invoice.values.get("notes", ""), "terms": invoice.values.get("terms", ""),
            "total_quantity": added(line.quantity for line in invoice.lines),
            "line_items": [
                {
                    **line_shown(line, total, totals, rate(line.tax_id), self._ground.sku(line.item_id)),
                    "salesorder_item_id": line.salesorder_item_id,
                    **self._ground.places.shown(line.location_id),
                }
                for line, total in zip(invoice.lines, totals.lines, strict=True)
            ],
            "salesorders": [{"salesorder_id": invoice.order_id}] if invoice.order_id else [],
            "custom_fields": self._custom.array(invoice.custom),
            "custom_field_hash": self._custom.flat(invoice.custom),
        }  # fmt: skip

    def row(self, invoice: Invoice) -> Json:
        """A list row: no lines."""
        currency = self._ground.currency(invoice.currency_id)
        order = self._sales.orders.register.ever(invoice.order_id)
        return {
            "invoice_id": invoice.record_id, "invoice_number": invoice.number, "date": invoice.date,
            "due_date": invoice.due_date, "status": invoice.status(self._ground.today()),
            "customer_id": invoice.customer_id,
            "customer_name": self._ground.party_name(invoice.customer_id),
            "currency_id": currency.currency_id, "currency_code": currency.code,
            "currency_symbol": currency.symbol, "exchange_rate": shown(invoice.exchange_rate),
            "reference_number": invoice.values.get("reference_number", ""),
            "salesorder_id": invoice.order_id, "salesorder_number": order.number if order else "",
            "total": shown(invoice.total), "balance": shown(invoice.balance),
            "created_time": self._ground.time(invoice.created),
            "last_modified_time": self._ground.time(invoice.modified),
            **self._custom.flat(invoice.custom),
        }  # fmt: skip

    def payment(self, payment: Payment) -> Json:
        """What GET /customerpayments/{id} shows."""
        applied = [(self._sales.invoices.register.ever(each), share) for each, share in payment.shares]
        used = added(share for _, share in payment.shares)
        return {
            "payment_id": payment.record_id, "payment_number": payment.number, "date": payment.date,
            "customer_id": payment.customer_id,
            "customer_name": self._ground.party_name(payment.customer_id),
            "payment_mode": payment.mode, "amount": shown(payment.amount),
            "unused_amount": round(shown(payment.amount) - used, 6),
            "reference_number": payment.reference_number, "description": payment.description,
            "invoices": [
                {
                    "invoice_id": invoice.record_id, "invoice_number": invoice.number,
                    "date": invoice.date, "total": shown(invoice.total), "balance": shown(invoice.balance),
                    "amount_applied": shown(share),
                }
                for invoice, share in applied
                if invoice is not None
            ],
            "created_time": self._ground.time(payment.created),
            "last_modified_time": self._ground.time(payment.modified),
        }  # fmt: skip
