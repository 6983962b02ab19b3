"""Parts of an order's lines that a package or a purchase receive takes, never more than is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.document_fields import refuse_unknown
from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.numeric import clean_quantity
from integration.sandbox.zoho.faults import invalid_value, missing_value

_NONE = Decimal(0)


class Part(NamedTuple):
    """So much of a line of the order."""

    line_item_id: str
    order_line_id: str
    quantity: Decimal


@dataclass(frozen=True)
class PartRules:
    """How parts are read: `key` names the line of the order, `done` is what the part does to it.

    Where `by_line_id`, the id of the order's line may stand in `line_item_id`, too.
    """

    switches: Switches
    next_id: Callable[[], str]
    key: str
    done: str
    dropped: Collection[str]
    by_line_id: bool = False


def clean_parts(
    sent: object,
    current: Iterable[Part],
    lines: Iterable[Line],
    left: Mapping[str, Decimal],
    rules: PartRules,
) -> tuple[Part, ...]:
    """The parts after a write, which names all of them; `left` of the order's lines without the current ones.

    :raises ApiError: no part, an unknown line, more than is left of one
    """
    if not isinstance(sent, list):
        raise invalid_value("line_items")
    if not sent:
        raise missing_value("line_items")
    known, rest = {part.line_item_id: part for part in current}, dict(left)
    for part in known.values():
        rest[part.order_line_id] = rest.get(part.order_line_id, _NONE) + part.quantity
    ordered = {line.line_item_id: line for line in lines}
    found = []
    for entry in sent:
        part = _part(entry, known, ordered, rules)
        if part.quantity > rest.get(part.order_line_id, _NONE):
            raise refusals.too_much(ordered[part.order_line_id].name, rules.done, rules.switches)
        rest[part.order_line_id] -= part.quantity
        found.append(part)
    return tuple(found)


def parts_read(rows: Iterable[Any]) -> tuple[Part, ...]:
    """Parts of a dump."""
    return tuple(Part(line_id, order_line_id, Decimal(text)) for line_id, order_line_id, text in rows)


def _part(entry: object, known: dict[str, Part], ordered: Mapping[str, Line], rules: PartRules) -> Part:
    if not isinstance(entry, dict):
        raise invalid_value("line_items")
    refuse_unknown(entry, {rules.key, "line_item_id", "quantity"}, rules.dropped, rules.switches)
    line_id, named = str(entry.get("line_item_id") or ""), str(entry.get(rules.key) or "")
    before = known.pop(line_id, None)
    if rules.by_line_id and before is None and line_id in ordered:
        line_id, named = "", named or line_id
    if line_id and before is None:
        raise invalid_value("line_item_id")
    named = named or (before.order_line_id if before else "")
    if not named:
        raise missing_value("line_item_id" if rules.by_line_id else rules.key)
    line = ordered.get(named)
    if line is None:
        raise invalid_value(rules.key)
    if rules.by_line_id and str(entry.get("item_id") or line.item_id) != line.item_id:
        raise invalid_value("item_id")
    if "quantity" not in entry:
        raise missing_value("quantity")
    quantity = clean_quantity("quantity", entry["quantity"], rules.switches)
    return Part(before.line_item_id if before else rules.next_id(), named, quantity)
