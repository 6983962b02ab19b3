"""The story of an organisation whose documents wait for approval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.peers.zoho_story import Story
from tests.peers.zoho_story_orders import make_purchase_order, make_receive, make_sales_order
from tests.peers.zoho_story_records import make_adjustment

PREFERENCES = (
    "zoho_adjustment_approvals=true", "zoho_sales_approval=true", "zoho_purchase_approval=true",
    "zoho_receive_approval=true",
)  # fmt: skip


@dataclass(frozen=True)
class Approved:
    """A kind of document that can be approved; `by_list` where many are with one call."""

    module: str
    one: str
    make: Callable[[Story], object]
    by_list: str = ""


def _received(story: Story) -> None:
    """A receive of an order that was approved and issued."""
    make_purchase_order(story)
    for step in ("submit", "approve", "status/issued"):
        story.call(f"POST /purchaseorders/{{purchaseorder_id}}/{step}")
    make_receive(story)


DOCUMENTS = (
    Approved("inventoryadjustments", "inventory_adjustment_id", make_adjustment),
    Approved("salesorders", "salesorder_id", make_sales_order, "salesorder_ids"),
    Approved("purchaseorders", "purchaseorder_id", make_purchase_order, "purchaseorder_ids"),
    Approved("purchasereceives", "purchasereceive_id", _received),
)


def approvals(story: Story) -> None:
    """Documents that are approved, finally approved and rejected."""
    for document in DOCUMENTS:
        one = f"POST /{document.module}/{{{document.one}}}"
        for decision, body in (
            ("approve", None),
            ("approve/final", None),
            ("reject", {"reason": "Too many."}),
        ):
            document.make(story)
            story.call(f"{one}/submit")
            story.call(f"{one}/{decision}", body)
        if document.by_list:
            document.make(story)
            for step in ("submit", "approve"):
                key = f"POST /{document.module}/{step}"
                story.call(key, **{document.by_list: story.ids[document.one]})
