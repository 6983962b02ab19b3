"""Invoices: what customers owe, with the accounting stock that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import PricedBook
from integration.sandbox.zoho.documents.due import due_date
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.lines import Line, clean_lines
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.parties import check_party, currency_of, party_id
from integration.sandbox.zoho.documents.taken_over import SALE, left_over, priced_as_ordered, take
from integration.sandbox.zoho.fields import clean_text
from integration.sandbox.zoho.register import Mark
from integration.sandbox.zoho.sales.invoice import VOID, Invoice
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.order_fields import ORDER_FIELDS
from integration.sandbox.zoho.sales.statuses import CONFIRMED

ENTITY, LABEL = "invoice", "Invoice"
_OWN_TEXTS = ("invoice_number", "due_date", "payment_terms", "payment_terms_label", "salesorder_id")
_INHERITED = (
    "discount_type", "is_discount_before_tax", "is_inclusive_tax", "exchange_rate",
    "tax_rounding", "currency_id",
)  # fmt: skip


class InvoiceBook(PricedBook[Invoice]):
    """Invoices by id, number, order and customer."""

    entity, label, number_key = ENTITY, LABEL, "invoice_number"

    def __init__(self, ground: Ground, orders: OrderBook, refresh: Callable[..., None]) -> None:
        super().__init__(ground, Invoice, Numbering(self.number_key, "INV-", 6, ground.switches))
        self._orders, self._refresh = orders, refresh
        self.settle: Callable[[str], None] = lambda _: None

    def uninvoiced(self, order: SalesOrder) -> dict[str, Decimal]:
        """What is left to invoice, by line id: drafts have their part, too."""
        return {line.line_item_id: line.quantity - order.of(line).on_invoices for line in order.lines}

    def create(
        self, body: Mapping[str, Any], source: str, *, order_id: str = "", own_number: bool = False
    ) -> Invoice:
        """A new draft, of an order where one is named: of what is left of it where the body has no lines.

        :raises ApiError: the order is not confirmed or has nothing left, or the body is wrong
        """
        order = self._confirmed(order_id) if order_id else None
        blank = self._blank(body, source, order)
        draft = self._written(blank, body, order)
        return self._added(draft, body, source, own=own_number)

    def set_stage(self, invoice_id: str, stage: str, source: str) -> Invoice:
        """Sent, or void. :raises ApiError: it is void, is paid for, or is that already."""
        invoice = self.get(invoice_id)
        if invoice.stage == VOID or (stage == VOID and invoice.paid):
            status = "paid" if invoice.paid else invoice.stage
            raise refusals.wrong_status(LABEL, status, f"marked as {stage}", self._switches)
        return self.touch(invoice.changed(stage=stage), source)

    def pay(self, invoice_id: str, amount: Decimal, source: str) -> None:
        """So much was paid, or with a negative amount taken back."""
        invoice = self.get(invoice_id)
        self.touch(invoice.changed(paid=invoice.paid + amount), source)

    def delete(self, invoice_id: str, source: str) -> None:
        """The invoice goes for good. :raises ApiError: it was paid for."""
        invoice = self.get(invoice_id)
        if invoice.paid:
            raise refusals.has_documents(LABEL, self._switches)
        self._removed(invoice, source)
        self.settle(invoice.customer_id)
        self._refresh(invoice.order_id, source)

    def _confirmed(self, order_id: str) -> SalesOrder:
        order = self._orders.get(order_id)
        if order.stage != CONFIRMED:
            raise refusals.wrong_status("Sales Order", order.stage, "invoiced", self._switches)
        return order

    def _blank(self, body: Mapping[str, Any], source: str, order: SalesOrder | None) -> Invoice:
        premises, ground = self._ground.premises, self._ground
        if order is not None and body.get("customer_id") not in (None, "", order.customer_id):
            raise faults.invalid_value("customer_id")
        customer_id = order.customer_id if order is not None else party_id("customer_id", body)
        contact = ground.party(customer_id) if order is not None else ground.contacts.find(customer_id)
        contact = check_party(contact, "customer", self._switches) if order is None else contact
        assert contact is not None
        now, today = premises.now(), ground.today()
        currency = ground.currency_of(contact)
        blank = Invoice(
            premises.next_id(), now, now, source, "", customer_id, today,
            currency_id=currency.currency_id, tax_rounding=self._switches.zoho_tax_rounding,
        )  # fmt: skip
        if order is None:
            return blank.changed(exchange_rate=currency_of(body, currency))
        taken = dict.fromkeys(_INHERITED)
        if not self.of_order(order.record_id):
            # Amounts of the order as a whole go with its first invoice.
            taken |= dict.fromkeys(("shipping_charge", "adjustment", "discount"))
        elif order.discount.percent:
            taken["discount"] = None
        return blank.changed(order_id=order.record_id, **{key: getattr(order, key) for key in taken})

    def _written(self, invoice: Invoice, body: Mapping[str, Any], order: SalesOrder | None) -> Invoice:
        own, rest = ORDER_FIELDS.clean(
            {key: value for key, value in body.items() if key not in _OWN_TEXTS}, self._switches
        )
        if "payment_terms_label" in body:
            rest["payment_terms_label"] = clean_text("payment_terms_label", body["payment_terms_label"], 100)
        draft = invoice.changed(**own, values=rest)
        due = due_date(draft.date, body)
        draft = draft.changed(due_date=due, lines=self._lines(draft, body, order))
        draft = self._customised(draft, body)
        self._custom.require_mandatory(draft.custom)
        return self._priced(draft)

    def _lines(self, invoice: Invoice, body: Mapping[str, Any], order: SalesOrder | None) -> tuple[Line, ...]:
        ground = self._ground
        left = self.uninvoiced(order) if order is not None else {}
        if order is not None and not body.get("line_items"):
            lines = left_over(SALE, order.lines, left, ground.premises.next_id)
            if not lines:
                raise refusals.too_much(order.number, "invoiced", self._switches)
            return lines
        location_id = order.location_id if order is not None else ground.places.named({}).location_id
        ordered = {line.line_item_id: line for line in order.lines} if order is not None else {}
        sent = priced_as_ordered(SALE, body.get("line_items"), ordered, ground.places.shown)
        lines = clean_lines(sent, (), ground.rules(invoice.exchange_rate, location_id))
        for line in lines:
            take(SALE, line, ordered, left, "invoiced", self._switches)
        return lines

    def store(self, invoice: Invoice, source: str, *, at_once: bool = False) -> None:
        self.register.put(invoice, at_once=at_once)
        counts = invoice.counts(drafts=self._switches.zoho_draft_invoice_counts)
        self._ground.settle_stock(invoice, self._ground.stock.invoice, counts=counts)
        self.settle(invoice.customer_id)
        self._refresh(invoice.order_id, source)

    def marks(self, invoice: Invoice) -> Iterable[Mark]:
        yield from super().marks(invoice)
        yield "customer_id", invoice.customer_id
        if invoice.order_id:
            yield "order_id", invoice.order_id
