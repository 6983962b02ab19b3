"""When an invoice or bill is to be paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from integration.sandbox.zoho.faults import invalid_value
from integration.sandbox.zoho.fields import clean_date

_MOST_DAYS = 3650


def due_date(day: str, body: Mapping[str, Any]) -> str:
    """The `due_date` of the body, else so many `payment_terms` days after the day of the document.

    :raises ApiError: no date, or no number of days within ten years
    """
    found = clean_date("due_date", body.get("due_date"))
    if found:
        return found
    terms = body.get("payment_terms")
    days = 0 if terms in (None, "") else terms
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= _MOST_DAYS:
        raise invalid_value("payment_terms")
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError as error:
        raise invalid_value("payment_terms") from error
