"""How a document becomes JSON and comes back: its fields in order, numbers as texts, so nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from integration.sandbox.zoho.documents.lines import Line
from integration.sandbox.zoho.documents.money import Discount
from integration.sandbox.zoho.documents.numeric import clean_discount, discount_kept

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def kept(record: DataclassInstance) -> list[Any]:
    """The values of the record's fields as JSON."""
    return [_plain(getattr(record, each.name)) for each in fields(record)]


def read_back(cls: type[Any], row: list[Any]) -> dict[str, Any]:
    """The values by name as they were, told by the defaults of the class what a text stands for.

    A field without a default is read as it is; one whose default is a tuple becomes a tuple of plain values,
    and `lines` become lines.
    """
    found: dict[str, Any] = {}
    for each, value in zip(fields(cls), row, strict=True):
        if each.name == "lines":
            found[each.name] = tuple(Line.load(line) for line in value)
        elif isinstance(each.default, Decimal):
            found[each.name] = Decimal(value)
        elif isinstance(each.default, Discount):
            found[each.name] = clean_discount(each.name, value)
        elif isinstance(each.default, tuple):
            found[each.name] = _tuples(value)
        else:
            found[each.name] = value
    return found


def _plain(value: object) -> Any:
    if isinstance(value, Line):
        return value.dump()
    if isinstance(value, Discount):
        return discount_kept(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
