"""Looking for contacts that may be the same: which lists to ask, and which of their rows really fit.

Filters nobody knows are ignored in silence and answer the whole list, so every row is held against what was
asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integration.canonical.event import NativeRecord
from integration.ports import FindRequest

MOST_CALLS = 3
_FILTER_LENGTH = 100  # https://www.zoho.com/inventory/api/v1/contacts: filter values up to 100 characters
_FEWEST_DIGITS = 6


@dataclass(frozen=True)
class Query:
    """One list to ask; `column` is what the page context calls the filter, `wanted` the value it must
    equal.
    """

    column: str
    params: Mapping[str, str]
    wanted: str


def queries(request: FindRequest) -> list[Query]:
    """At most three, the most telling first. Our key is seen in the rows: no documented filter looks for
    it.
    """
    asked = [
        *_query("contact_name", request.name),
        *_query("email", request.email),
        *_query("phone", request.phone),
    ]
    if request.key and len(asked) < MOST_CALLS:
        asked.append(Query("search_text", {"search_text": request.key[:_FILTER_LENGTH]}, request.key))
    return asked


def fits(query: Query, row: Mapping[str, object], applied: frozenset[str]) -> bool:
    """Whether the row has what was asked for.

    `applied`: the columns the page context names as searched. E-mail and phone filters may find persons that
    a row does not show, so there the server's word counts where it says that it searched.
    """
    if query.column == "contact_name":
        return _folded(row.get("contact_name")) == _folded(query.wanted)
    if query.column == "email":
        return _folded(row.get("email")) == _folded(query.wanted) or "email" in applied
    if query.column == "phone":
        wanted = digits(query.wanted)
        return wanted in {digits(row.get("phone")), digits(row.get("mobile"))} or "phone" in applied
    return False


def applied_filters(context: Mapping[str, object]) -> frozenset[str]:
    """The columns the server says it searched in."""
    criteria = context.get("search_criteria")
    found = criteria if isinstance(criteria, list) else []
    return frozenset(str(entry.get("column_name")) for entry in found if isinstance(entry, dict))


def carries_key(record: NativeRecord, key_field: str, key: str) -> bool:
    """Whether the record holds our key."""
    return bool(key) and record.image.get(key_field) == key


def digits(value: object) -> str:
    """The digits of a number, or empty where there are too few to tell anybody apart."""
    found = re.sub(r"\D", "", str(value or ""))
    return found if len(found) >= _FEWEST_DIGITS else ""


def _query(column: str, value: str) -> list[Query]:
    wanted = value.strip()
    if not wanted or (column == "phone" and not digits(wanted)):
        return []
    if len(wanted) > _FILTER_LENGTH:
        return [Query(column, {f"{column}_startswith": wanted[:_FILTER_LENGTH]}, wanted)]
    return [Query(column, {column: wanted}, wanted)]


def _folded(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()
