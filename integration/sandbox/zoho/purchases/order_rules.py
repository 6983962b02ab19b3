"""When a purchase order may be changed, and what of its lines must stay."""

from __future__ import annotations

from collections.abc import Iterable

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.purchases.statuses import CANCELLED, CLOSED, ISSUED, Statuses

LABEL = "Purchase Order"


def check_editable(order: PurchaseOrder, statuses: Statuses, switches: Switches) -> None:
    """Refuse to change what is over. :raises ApiError: cancelled or closed."""
    if order.stage == CANCELLED or statuses.order_status == CLOSED:
        raise refusals.locked(LABEL, statuses.order_status, switches)


def check_lines(order: PurchaseOrder, after: Iterable[Line], switches: Switches) -> None:
    """Refuse to take from a line what receives and bills already go by.

    :raises ApiError: such a line is dropped, has another item, or less than was received or billed
    """
    lines = {line.line_item_id: line for line in after}
    for line in order.lines:
        touched, found = order.of(line).touched, lines.get(line.line_item_id)
        kept = found is not None and found.item_id == line.item_id and found.quantity >= touched
        if touched and not kept:
            raise refusals.below_progress(line.name, "received or billed", switches)


def check_issued(order: PurchaseOrder, wanted: str, switches: Switches) -> None:
    """Refuse what only the vendor's order allows. :raises ApiError: it is a draft or cancelled."""
    if order.stage != ISSUED:
        raise refusals.wrong_status(LABEL, order.stage, wanted, switches)
