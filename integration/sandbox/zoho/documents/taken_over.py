"""Lines that an invoice takes from an order, or a bill from a purchase order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.numeric import discount_kept
from integration.sandbox.zoho.faults import invalid_value
from integration.sandbox.zoho.fields import clean_id

SALE, PURCHASE = "salesorder_item_id", "purchaseorder_item_id"


def left_over(
    key: str, lines: Iterable[Line], left: Mapping[str, Decimal], next_id: Callable[[], str]
) -> tuple[Line, ...]:
    """What is left of the lines as lines of their own, which name them under `key`."""
    found = []
    for line in lines:
        if left[line.line_item_id] > 0:
            values: dict[str, Any] = {key: line.line_item_id, "quantity": left[line.line_item_id]}
            found.append(replace(line, line_item_id=next_id(), **values))
    return tuple(found)


def priced_as_ordered(
    key: str, sent: object, ordered: Mapping[str, Line], place: Callable[[str], Mapping[str, Any]]
) -> object:
    """Lines that name a line of the order under `key` take from it what they leave out.

    `place` answers the keys that name a location.
    """
    if not isinstance(sent, list) or not ordered:
        return sent
    found = []
    for entry in sent:
        line = ordered.get(clean_id(key, entry.get(key))) if isinstance(entry, dict) else None
        if line is None:
            found.append(entry)
            continue
        defaults = {
            "item_id": line.item_id, "rate": float(line.rate), "name": line.name, "unit": line.unit,
            "description": line.description, "tax_id": line.tax_id, "account_id": line.account_id,
            "discount": discount_kept(line.discount), **place(line.location_id),
        }  # fmt: skip
        found.append({**defaults, **entry})
    return found


def take(
    key: str,
    line: Line,
    ordered: Mapping[str, Line],
    left: dict[str, Decimal],
    done: str,
    switches: Switches,
) -> None:
    """Take the line's part of the ordered line it names under `key`.

    :raises ApiError: no such line, one for another item, or more than is left
    """
    named = getattr(line, key)
    if not named:
        return
    found = ordered.get(named)
    if found is None or found.item_id != line.item_id:
        raise invalid_value(key)
    if line.quantity > left[named]:
        raise refusals.too_much(found.name, done, switches)
    left[named] -= line.quantity
