"""Payments of customers, as far as they make invoices and orders paid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import DocumentBook
from integration.sandbox.zoho.documents.document_fields import clean_day, refuse_unknown
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.numeric import clean_amount
from integration.sandbox.zoho.documents.parties import check_party, party_id
from integration.sandbox.zoho.fields import clean_list, clean_text
from integration.sandbox.zoho.register import Mark
from integration.sandbox.zoho.sales.invoice import SENT, Payment
from integration.sandbox.zoho.sales.invoice_book import InvoiceBook

ENTITY, LABEL = "customerpayment", "Payment"
_READ = frozenset({
    "customer_id", "amount", "date", "payment_mode", "reference_number", "description", "invoices",
    "exchange_rate", "account_id", "bank_charges", "invoice_id", "amount_applied", "contact_persons",
})  # fmt: skip
_DROPPED = frozenset(
    {"payment_id", "payment_number", "customer_name", "currency_id", "currency_code", "status"}
)


class PaymentBook(DocumentBook[Payment]):
    """Payments by id, number, customer and invoice."""

    entity, label, number_key = ENTITY, LABEL, "payment_number"

    def __init__(self, ground: Ground, invoices: InvoiceBook) -> None:
        super().__init__(ground, Payment, Numbering(self.number_key, "", 1, ground.switches))
        self._invoices = invoices
        self.settle: Callable[[str], None] = lambda _: None

    def create(self, body: Mapping[str, Any], source: str) -> Payment:
        """Money came in. :raises ApiError: more is applied than came, or than an invoice still asks for."""
        refuse_unknown(body, _READ, _DROPPED, self._switches)
        customer_id = party_id("customer_id", body)
        check_party(self._ground.contacts.find(customer_id), "customer", self._switches)
        if body.get("amount") in (None, ""):
            raise faults.missing_value("amount")
        amount = clean_amount("amount", body["amount"])
        shares = self._shares(body.get("invoices"), customer_id)
        if amount <= 0 or sum(shares.values(), Decimal(0)) > amount:
            raise faults.invalid_value("amount")
        premises = self._ground.premises
        now = premises.now()
        payment = Payment(
            premises.next_id(), now, now, source, "", customer_id,
            clean_day("date", body["date"]) if "date" in body else self._ground.today(), amount,
            clean_text("payment_mode", body.get("payment_mode"), 100) or "Cash",
            clean_text("reference_number", body.get("reference_number"), None),
            clean_text("description", body.get("description"), None),
            tuple((invoice_id, str(share)) for invoice_id, share in shares.items()),
        )  # fmt: skip
        # A number that is sent is dropped, whatever the organisation does with those of other documents.
        return self._added(payment, {}, source, own=False)

    def delete(self, payment_id: str, source: str) -> None:
        """The money is taken back."""
        payment = self.get(payment_id)
        for invoice_id, share in payment.shares:
            self._invoices.pay(invoice_id, -share, source)
        self._removed(payment, source)
        self.settle(payment.customer_id)

    def store(self, payment: Payment, source: str, *, at_once: bool = False) -> None:
        self.register.put(payment, at_once=at_once)
        self.settle(payment.customer_id)
        for invoice_id, share in payment.shares:
            self._invoices.pay(invoice_id, share, source)

    def _shares(self, sent: object, customer_id: str) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for entry in clean_list("invoices", sent) if sent is not None else ():
            invoice_id = str(entry.get("invoice_id", "")) if isinstance(entry, dict) else ""
            invoice = self._invoices.get(invoice_id)
            share = clean_amount("amount_applied", entry.get("amount_applied"))
            if invoice.customer_id != customer_id:
                raise faults.invalid_value("invoice_id")
            if invoice.stage != SENT:
                raise refusals.wrong_status("Invoice", invoice.stage, "paid", self._switches)
            found[invoice_id] = found.get(invoice_id, Decimal(0)) + share
            if share <= 0 or found[invoice_id] > invoice.balance:
                raise faults.invalid_value("amount_applied")
        return found

    def marks(self, payment: Payment) -> Iterable[Mark]:
        yield from super().marks(payment)
        yield "customer_id", payment.customer_id
        for invoice_id, _ in payment.applied:
            yield "invoice_id", invoice_id
