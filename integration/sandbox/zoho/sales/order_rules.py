"""When an order may be changed, and what of its lines must stay."""

from __future__ import annotations

from collections.abc import Iterable

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.sales.order import SalesOrder
from integration.sandbox.zoho.sales.statuses import VOID, Statuses

LABEL = "Sales Order"


def check_editable(order: SalesOrder, statuses: Statuses, switches: Switches) -> None:
    """Refuse to change what is over. :raises ApiError: void, closed or fully invoiced."""
    if order.stage == VOID:
        raise refusals.locked(LABEL, VOID, switches)
    if statuses.order_status == "closed" or statuses.invoiced_status == "invoiced":
        raise refusals.locked(LABEL, "closed" if statuses.order_status == "closed" else "invoiced", switches)


def check_lines(order: SalesOrder, after: Iterable[Line], switches: Switches) -> None:
    """Refuse to take from a line what other documents already go by.

    :raises ApiError: such a line is dropped, has another item, or less than was packed, shipped or invoiced
    """
    lines = {line.line_item_id: line for line in after}
    for line in order.lines:
        touched = order.of(line).touched
        if not touched:
            continue
        found = lines.get(line.line_item_id)
        if found is None or found.item_id != line.item_id or found.quantity < touched:
            raise refusals.below_progress(line.name, "packed, shipped or invoiced", switches)


def check_void(order: SalesOrder, switches: Switches) -> None:
    """Refuse to void what has gone too far.

    :raises ApiError: it is void already; it is invoiced or shipped, or packed where the switch says so
    """
    if order.stage == VOID:
        raise refusals.wrong_status(LABEL, VOID, "marked as void", switches)
    stops = switches.zoho_void_refused_from
    if stops == "never":
        return
    for done in order.progress.values():
        if done.on_invoices or done.shipped or (stops == "packed" and done.packed):
            raise refusals.wrong_status(LABEL, "shipped or invoiced", "marked as void", switches)
