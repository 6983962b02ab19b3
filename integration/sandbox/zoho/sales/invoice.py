"""Invoices and payments as they are kept: no more of them than drives the statuses of orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.keeping import kept, read_back
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.money import NO_DISCOUNT, Discount, Terms
from integration.sandbox.zoho.sales.order import NOTHING

DRAFT, SENT, VOID = "draft", "sent", "void"


@dataclass(frozen=True, slots=True)
class Invoice:
    """State of one invoice; `order_id` is empty for one that no order stands behind.

    Lines that invoice a line of the order name it in `salesorder_item_id`.
    """

    record_id: str
    created: int
    modified: int
    source: str
    number: str
    customer_id: str
    currency_id: str
    date: str
    due_date: str
    lines: tuple[Line, ...]
    order_id: str = ""
    stage: str = DRAFT
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    custom: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    discount: Discount = NO_DISCOUNT
    discount_type: str = "entity_level"
    is_discount_before_tax: bool = True
    is_inclusive_tax: bool = False
    shipping_charge: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)
    exchange_rate: Decimal = Decimal(1)
    tax_rounding: str = "entity_level"
    paid: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    deleted: bool = False

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

    def terms(self, decimals: int, base_decimals: int) -> Terms:
        """What the amounts are computed by."""
        return Terms(
            self.discount, self.discount_type, self.is_discount_before_tax, self.is_inclusive_tax,
            self.shipping_charge, self.adjustment, self.exchange_rate, self.tax_rounding, decimals,
            base_decimals,
        )  # fmt: skip

    def changed(self, **values: Any) -> Invoice:
        """The invoice with these values instead."""
        return replace(self, **values)

    def dump(self) -> list[Any]:
        """As JSON, without names of columns."""
        return kept(self)

    @classmethod
    def load(cls, row: list[Any]) -> Invoice:
        """From a dump."""
        return cls(**read_back(cls, row))


@dataclass(frozen=True, slots=True)
class Payment:
    """Money of a customer; `applied` are pairs of invoice id and amount."""

    record_id: str
    created: int
    modified: int
    source: str
    number: str
    customer_id: str
    date: str
    amount: Decimal = Decimal(0)
    mode: str = "Cash"
    reference_number: str = ""
    description: str = ""
    applied: tuple[tuple[str, str], ...] = ()
    deleted: bool = False

    def changed(self, **values: Any) -> Payment:
        """The payment with these values instead."""
        return replace(self, **values)

    @property
    def shares(self) -> list[tuple[str, Decimal]]:
        """What each invoice gets."""
        return [(invoice_id, Decimal(text)) for invoice_id, text in self.applied]

    def dump(self) -> list[Any]:
        """As JSON, without names of columns."""
        return kept(self)

    @classmethod
    def load(cls, row: list[Any]) -> Payment:
        """From a dump."""
        return cls(**read_back(cls, row))
