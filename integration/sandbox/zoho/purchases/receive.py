"""Purchase receives and bills as they are kept: no more of bills than drives statuses and stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integration.sandbox.zoho.documents.approval import APPROVED
from integration.sandbox.zoho.documents.parts import Part, parts_read
from integration.sandbox.zoho.documents.record import Document, PricedDocument

RECEIVED = "received"
DRAFT, OPEN, VOID = "draft", "open", "void"


@dataclass(frozen=True, slots=True)
class Receive(Document):
    """Goods of one purchase order that came in; where receives need approval they begin as a draft."""

    order_id: str
    vendor_id: str
    date: str
    received: tuple[Part, ...] = ()
    notes: str = ""
    stage: str = RECEIVED

    @property
    def counts(self) -> bool:
        """Whether the goods are in the house."""
        return self.stage in {RECEIVED, APPROVED}

    @classmethod
    def read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a dump as the fields hold them."""
        return Document.read({**values, "received": parts_read(values["received"])})


@dataclass(frozen=True, slots=True)
class Bill(PricedDocument):
    """What a vendor wants for goods; `order_ids` are the purchase orders it is for, if any.

    Lines that bill a line of an order name it in `purchaseorder_item_id`.
    """

    vendor_id: str
    date: str
    due_date: str = ""
    order_ids: tuple[str, ...] = ()
    stage: str = OPEN

    def status(self, today: str) -> str:
        """The status as of that day."""
        return "overdue" if self.stage == OPEN and self.due_date < today else self.stage

    def counts(self, *, drafts: bool) -> bool:
        """Whether it says anything about its orders and the stock."""
        return self.stage == OPEN or (drafts and self.stage == DRAFT)
