"""A sales order as it is kept; amounts and statuses follow from it (see `order_view`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.parties import PersonRef
from integration.sandbox.zoho.documents.record import NOTHING, PricedDocument, progress_read
from integration.sandbox.zoho.sales.statuses import DRAFT, Money, Progress


@dataclass(frozen=True, slots=True)
class SalesOrder(PricedDocument):
    """State of one order; `progress` is by line id and holds only lines that other documents touch."""

    customer_id: str
    date: str
    stage: str = DRAFT
    billing_address: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    shipping_address: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    location_id: str = ""
    persons: tuple[PersonRef, ...] = ()
    progress: Mapping[str, Progress] = field(default_factory=lambda: NOTHING)
    invoiced: Decimal = Decimal(0)
    balance: Decimal = Decimal(0)

    @property
    def money(self) -> Money:
        """What is invoiced and what of it is open."""
        return Money(self.invoiced, self.balance)

    def of(self, line: Line) -> Progress:
        """How far the line is."""
        return self.progress.get(line.line_item_id, Progress())

    @classmethod
    def read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a dump as the fields hold them."""
        progress = progress_read(Progress, values["progress"])
        return PricedDocument.read({**values, "progress": progress})
