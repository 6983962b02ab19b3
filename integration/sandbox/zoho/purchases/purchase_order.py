"""A purchase order as it is kept; amounts and statuses follow from it (see `order_view`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.parties import PersonRef
from integration.sandbox.zoho.documents.record import NOTHING, PricedDocument, progress_read
from integration.sandbox.zoho.purchases.statuses import DRAFT, Progress


@dataclass(frozen=True, slots=True)
class PurchaseOrder(PricedDocument):
    """State of one purchase order; `progress` is by line id and holds only lines that came in or were billed.

    `salesorder_id` is the order it buys for; goods of a drop shipment go to its customer directly.
    """

    vendor_id: str
    date: str
    stage: str = DRAFT
    billing_address: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    location_id: str = ""
    persons: tuple[PersonRef, ...] = ()
    progress: Mapping[str, Progress] = field(default_factory=lambda: NOTHING)
    salesorder_id: str = ""
    is_drop_shipment: bool = False
    is_backorder: bool = False
    delivery_customer_id: str = ""
    delivery_org_address_id: str = ""

    def of(self, line: Line) -> Progress:
        """How far the line is."""
        return self.progress.get(line.line_item_id, Progress())

    def done(self, what: str) -> Decimal:
        """How much of all lines was `received` or `billed`."""
        return sum((getattr(each, what) for each in self.progress.values()), Decimal(0))

    def bought_for(self) -> dict[str, Decimal]:
        """How much it buys for which line of the sales order."""
        found: dict[str, Decimal] = {}
        for line in self.lines:
            if line.salesorder_item_id:
                already = found.get(line.salesorder_item_id, Decimal(0))
                found[line.salesorder_item_id] = already + line.quantity
        return found

    @classmethod
    def read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a dump as the fields hold them."""
        progress = progress_read(Progress, values["progress"])
        return PricedDocument.read({**values, "progress": progress})
