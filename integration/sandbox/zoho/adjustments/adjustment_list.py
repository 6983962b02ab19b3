"""GET /inventoryadjustments: pages and nothing else, unless the switch says that filters are honoured."""

from __future__ import annotations

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.adjustments.adjustment import Adjustment
from integration.sandbox.zoho.filters import (
    Reader,
    date_filters,
    modified_filter,
    search_filter,
    text_filters,
)
from integration.sandbox.zoho.listing import ListSpec


def adjustment_list(switches: Switches) -> ListSpec[Adjustment]:
    """The list as this organisation's switches have it."""
    filters: dict[str, Reader] = {}
    if switches.zoho_adjustment_filters:
        filters = {
            **text_filters("reference_number", lambda each: (each.reference_number,)),
            **text_filters("reason", lambda each: (each.reason,)),
            **date_filters("date", lambda each: each.date),
            **search_filter(lambda each: (each.reference_number, each.reason, each.description)),
            **modified_filter(lambda each: each.modified, inclusive=switches.zoho_modified_filter_inclusive),
        }
    return ListSpec(
        report_name="Inventory Adjustments",
        default_sort="created_time",
        descending=True,
        sorts={
            "created_time": lambda each: each.created,
            "last_modified_time": lambda each: each.modified,
            "date": lambda each: each.date,
            "reference_number": lambda each: each.reference_number.casefold(),
            "reason": lambda each: each.reason.casefold(),
            "total": lambda each: each.total,
        },
        filters=filters,
    )
