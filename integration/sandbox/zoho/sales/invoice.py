"""Invoices and payments as they are kept: no more of them than drives the statuses of orders."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from integration.sandbox.zoho.documents.record import Document, PricedDocument

DRAFT, SENT, VOID = "draft", "sent", "void"


@dataclass(frozen=True, slots=True)
class Invoice(PricedDocument):
    """State of one invoice; `order_id` is empty for one that no order stands behind.

    Lines that invoice a line of the order name it in `salesorder_item_id`.
    """

    customer_id: str
    date: str
    due_date: str = ""
    order_id: str = ""
    stage: str = DRAFT
    paid: Decimal = Decimal(0)

    @property
    def balance(self) -> Decimal:
        """What is still to be paid; nothing of a void one."""
        return Decimal(0) if self.stage == VOID else self.total - self.paid

    def status(self, today: str) -> str:
        """The status as of that day."""
        if self.stage != SENT:
            return self.stage
        if self.balance <= 0:
            return "paid"
        if self.due_date < today:
            return "overdue"
        return "partially_paid" if self.paid else SENT

    def counts(self, *, drafts: bool) -> bool:
        """Whether it says anything about its order and the stock."""
        return self.stage == SENT or (drafts and self.stage == DRAFT)


@dataclass(frozen=True, slots=True)
class Payment(Document):
    """Money of a customer; `applied` are pairs of invoice id and amount."""

    customer_id: str
    date: str
    amount: Decimal = Decimal(0)
    mode: str = "Cash"
    reference_number: str = ""
    description: str = ""
    applied: tuple[tuple[str, str], ...] = ()

    @property
    def shares(self) -> list[tuple[str, Decimal]]:
        """What each invoice gets."""
        return [(invoice_id, Decimal(text)) for invoice_id, text in self.applied]
