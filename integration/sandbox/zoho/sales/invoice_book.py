"""Invoices: what customers owe, with the accounting stock that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents.lines import Line, clean_lines
from integration.sandbox.zoho.documents.money import PricedLine, Totals, totals_of
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.numeric import discount_kept
from integration.sandbox.zoho.documents.parties import check_party, currency_of, party_id
from integration.sandbox.zoho.fields import clean_date, clean_id, clean_text
from integration.sandbox.zoho.register import Mark, Register
from integration.sandbox.zoho.sales import refusals
from integration.sandbox.zoho.sales.ground import Ground
from integration.sandbox.zoho.sales.invoice import VOID, Invoice
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.order_book import OrderBook
from integration.sandbox.zoho.sales.order_fields import clean_order
from integration.sandbox.zoho.sales.statuses import CONFIRMED

ENTITY, LABEL = "invoice", "Invoice"
_OWN_TEXTS = ("invoice_number", "due_date", "payment_terms", "payment_terms_label", "salesorder_id")
_INHERITED = (
    "discount_type", "is_discount_before_tax", "is_inclusive_tax", "exchange_rate",
    "tax_rounding", "currency_id",
)  # fmt: skip


class InvoiceBook:
    """Invoices by id, number, order and customer."""

    def __init__(self, ground: Ground, orders: OrderBook, refresh: Callable[..., None]) -> None:
        self._ground, self._switches, self._orders, self._refresh = ground, ground.switches, orders, refresh
        self._custom = ground.premises.fields[ENTITY]
        self.register: Register[Invoice] = Register(ground.premises, LABEL, self._marks)
        self.numbers = Numbering("invoice_number", "INV-", 6, ground.switches)
        self.settle: Callable[[str], None] = lambda _: None

    def get(self, invoice_id: str) -> Invoice:
        """The invoice. :raises ApiError: 404, there is none."""
        return self.register.get(invoice_id)

    def of_order(self, order_id: str) -> list[Invoice]:
        """The invoices of the order, in the order of creation."""
        return [self.register.get(each) for each in self.register.holders("order_id", order_id)]

    def uninvoiced(self, order: SalesOrder) -> dict[str, Decimal]:
        """What is left to invoice, by line id: drafts have their part, too."""
        return {line.line_item_id: line.quantity - order.of(line).on_invoices for line in order.lines}

    def totals(self, invoice: Invoice) -> Totals:
        """The invoice's amounts."""
        rate = self._ground.taxes.rate
        lines = [
            PricedLine(line.quantity, line.rate, line.discount, rate(line.tax_id) if line.tax_id else None)
            for line in invoice.lines
        ]
        return totals_of(lines, invoice.terms(*self._ground.decimals(invoice.currency_id)))

    def create(
        self, body: Mapping[str, Any], source: str, *, order_id: str = "", own_number: bool = False
    ) -> Invoice:
        """A new draft, of an order where one is named: of what is left of it where the body has no lines.

        :raises ApiError: the order is not confirmed or has nothing left, or the body is wrong
        """
        order = self._confirmed(order_id) if order_id else None
        blank = self._blank(body, source, order)
        draft = self._written(blank, body, order)
        sent = body.get("invoice_number")
        number = self.numbers.first(sent, own=own_number, taken=self._taken)
        invoice = draft.changed(number=number)
        self._store(invoice, source)
        self._ground.announce("add", source, ENTITY, invoice.record_id)
        return invoice

    def set_stage(self, invoice_id: str, stage: str, source: str) -> Invoice:
        """Sent, or void. :raises ApiError: it is void, is paid for, or is that already."""
        invoice = self.get(invoice_id)
        if invoice.stage == VOID or (stage == VOID and invoice.paid):
            status = "paid" if invoice.paid else invoice.stage
            raise refusals.wrong_status(LABEL, status, f"marked as {stage}", self._switches)
        return self._touched(invoice.changed(stage=stage), source)

    def pay(self, invoice_id: str, amount: Decimal, source: str) -> None:
        """So much was paid, or with a negative amount taken back."""
        invoice = self.get(invoice_id)
        self._touched(invoice.changed(paid=invoice.paid + amount), source)

    def delete(self, invoice_id: str, source: str) -> None:
        """The invoice goes for good. :raises ApiError: it was paid for."""
        invoice = self.get(invoice_id)
        if invoice.paid:
            raise refusals.has_documents(LABEL, self._switches)
        self.register.remove(invoice.changed(deleted=True))
        self._ground.stock.reverse(invoice_id)
        self.settle(invoice.customer_id)
        self._refresh(invoice.order_id, source)
        self._ground.announce("delete", source, ENTITY, invoice_id)

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        invoices = (*self.register.all(), *self.register.all(deleted=True))
        return {"invoices": [each.dump() for each in invoices], "last_number": self.numbers.last}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump; the stock ledger keeps its own."""
        self.register.restore(Invoice.load(row) for row in state["invoices"])
        self.numbers.last = state["last_number"]

    def clear(self) -> None:
        """No invoices."""
        self.load({"invoices": [], "last_number": 0})

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
        contact = ground.customer(customer_id) if order is not None else ground.contacts.find(customer_id)
        contact = check_party(contact, "customer", self._switches) if order is None else contact
        assert contact is not None
        now, today = premises.now(), ground.today()
        currency = ground.currency_of(contact)
        blank = Invoice(
            premises.next_id(), now, now, source, "", customer_id, currency.currency_id, today, "", (),
            tax_rounding=self._switches.zoho_tax_rounding,
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
        own, rest = clean_order(
            {key: value for key, value in body.items() if key not in _OWN_TEXTS}, self._switches
        )
        if "payment_terms_label" in body:
            rest["payment_terms_label"] = clean_text("payment_terms_label", body["payment_terms_label"], 100)
        draft = invoice.changed(**own, values=rest)
        due = clean_date("due_date", body.get("due_date")) or _due(draft.date, body.get("payment_terms"))
        draft = draft.changed(due_date=due, lines=self._lines(draft, body, order))
        if "custom_fields" in body:
            draft = draft.changed(custom=self._custom.merged(body["custom_fields"], {}))
        self._custom.require_mandatory(draft.custom)
        for definition, value in self._custom.unique_marks(draft.custom):
            if self.register.holders(definition.api_name, value):
                raise faults.custom_value_taken(definition.label, self._switches)
        totals = self.totals(draft)
        if totals.total < 0:
            raise faults.invalid_value("discount" if draft.discount else "adjustment")
        return draft.changed(total=totals.total)

    def _lines(self, invoice: Invoice, body: Mapping[str, Any], order: SalesOrder | None) -> tuple[Line, ...]:
        ground = self._ground
        left = self.uninvoiced(order) if order is not None else {}
        if order is not None and not body.get("line_items"):
            lines = tuple(
                replace(line, line_item_id=ground.premises.next_id(), quantity=left[line.line_item_id],
                        salesorder_item_id=line.line_item_id)
                for line in order.lines
                if left[line.line_item_id] > 0
            )  # fmt: skip
            if not lines:
                raise refusals.too_much(order.number, "invoiced", self._switches)
            return lines
        location_id = order.location_id if order is not None else ground.places.named({}).location_id
        sent = _priced_as_ordered(body.get("line_items"), order)
        lines = clean_lines(sent, (), ground.rules(invoice.exchange_rate, location_id))
        for line in lines:
            self._take(line, left, order)
        return lines

    def _take(self, line: Line, left: dict[str, Decimal], order: SalesOrder | None) -> None:
        """The line's part of the order's line it names. :raises ApiError: no such line, or more than left."""
        if not line.salesorder_item_id:
            return
        ordered = order.line(line.salesorder_item_id) if order is not None else None
        if ordered is None or ordered.item_id != line.item_id:
            raise faults.invalid_value("salesorder_item_id")
        if line.quantity > left[ordered.line_item_id]:
            raise refusals.too_much(ordered.name, "invoiced", self._switches)
        left[ordered.line_item_id] -= line.quantity

    def _touched(self, invoice: Invoice, source: str) -> Invoice:
        changed = invoice.changed(modified=self._ground.premises.now())
        self._store(changed, source)
        self._ground.announce("edit", source, ENTITY, invoice.record_id)
        return changed

    def _store(self, invoice: Invoice, source: str) -> None:
        self.register.put(invoice)
        stock = self._ground.stock
        stock.mention(invoice.record_id, {line.item_id for line in invoice.lines})
        counts = invoice.counts(drafts=self._switches.zoho_draft_invoice_counts)
        for line in invoice.lines:
            if self._ground.is_tracked(line.item_id):
                stock.invoice(
                    invoice.record_id, line.line_item_id, line.item_id, line.location_id,
                    float(line.quantity) if counts else 0.0,
                )  # fmt: skip
        self.settle(invoice.customer_id)
        self._refresh(invoice.order_id, source)

    def _taken(self, number: str) -> bool:
        return bool(self.register.holders("number", number.casefold()))

    def _marks(self, invoice: Invoice) -> Iterable[Mark]:
        yield "number", invoice.number.casefold()
        yield "customer_id", invoice.customer_id
        if invoice.order_id:
            yield "order_id", invoice.order_id
        for definition, value in self._custom.unique_marks(invoice.custom):
            yield definition.api_name, value


def _due(day: str, terms: object) -> str:
    days = 0 if terms in (None, "") else terms
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 3650:
        raise faults.invalid_value("payment_terms")
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError as error:
        raise faults.invalid_value("payment_terms") from error


def _priced_as_ordered(sent: object, order: SalesOrder | None) -> object:
    """Lines that name a line of the order take from it what they leave out."""
    if not isinstance(sent, list) or order is None:
        return sent
    found = []
    for entry in sent:
        named = (
            clean_id("salesorder_item_id", entry.get("salesorder_item_id")) if isinstance(entry, dict) else ""
        )
        line = order.line(named)
        if line is None:
            found.append(entry)
            continue
        defaults = {
            "item_id": line.item_id, "rate": float(line.rate), "name": line.name, "unit": line.unit,
            "description": line.description, "tax_id": line.tax_id, "discount": discount_kept(line.discount),
        }  # fmt: skip
        found.append({**defaults, **entry})
    return found
