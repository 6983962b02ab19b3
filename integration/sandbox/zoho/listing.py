"""GET /contacts: filters, order and pages as Zoho does them; what it does not know it ignores in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.contact_book import ContactBook
from integration.sandbox.zoho.faults import invalid_value, too_long

MAX_PER_PAGE = 200
FILTER_LENGTH = 100
_COLUMNS = ("contact_name", "company_name", "first_name", "last_name", "address", "email", "phone")
_COMPARATORS = {"": "equal", "_startswith": "starts_with", "_contains": "contains"}
_SORTS = frozenset({
    "contact_name", "first_name", "last_name", "email", "outstanding_receivable_amount", "created_time",
    "last_modified_time",
})  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page of contacts with its `page_context`."""

    contacts: list[Contact]
    context: dict[str, Any]


def contact_page(
    book: ContactBook, query: Mapping[str, str], switches: Switches, contact_type: str | None = None
) -> Page:
    """The page the query asks for. :raises ApiError: a page number or filter value out of bounds."""
    number, size = page_bounds(query)
    column = query.get("sort_column", "")
    column = column if column in _SORTS else "contact_name"
    descending = query.get("sort_order", "A").upper().startswith("D")
    start = (number - 1) * size
    criteria, wanted = _searched(book, query)
    tests = _tests(book, query, switches)
    if contact_type is not None:
        tests.append(lambda contact: contact.contact_type == contact_type)
    if wanted is None and not tests and column in {"contact_name", "created_time", "last_modified_time"}:
        found = _plain_page(book, column, start, size + 1, descending=descending)
    else:
        found = _filtered(book, wanted, tests, column, descending=descending)[start : start + size + 1]
    context = page_context(number, size, has_more=len(found) > size, sort=column, descending=descending)
    context["applied_filter"] = query.get("filter_by") if query.get("filter_by") in _STATUS else "Status.All"
    if criteria:
        context["search_criteria"] = criteria
    return Page(found[:size], context)


def page_bounds(query: Mapping[str, str]) -> tuple[int, int]:
    """Number (from 1) and size of the page. :raises ApiError: not a positive number."""
    bounds = []
    for key, default in (("page", 1), ("per_page", MAX_PER_PAGE)):
        text = query.get(key, str(default))
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise invalid_value(key)
        bounds.append(int(text))
    return bounds[0], min(bounds[1], MAX_PER_PAGE)


def page_context(number: int, size: int, *, has_more: bool, sort: str, descending: bool) -> dict[str, Any]:
    """There is no total: a reader goes on while `has_more_page`."""
    return {
        "page": number, "per_page": size, "has_more_page": has_more, "report_name": "Contacts",
        "applied_filter": "Status.All", "custom_fields": [], "sort_column": sort,
        "sort_order": "D" if descending else "A",
    }  # fmt: skip


def _plain_page(book: ContactBook, column: str, start: int, count: int, *, descending: bool) -> list[Contact]:
    if column == "contact_name":
        ids = book.by_name.page(start, start + count, descending=descending)
    else:
        index = book.by_created if column == "created_time" else book.by_modified
        ids = index.page(start, start + count, descending=descending)
    return [book.get(contact_id) for contact_id in ids]


def _searched(book: ContactBook, query: Mapping[str, str]) -> tuple[list[dict[str, str]], set[str] | None]:
    """The search criteria in force and the ids that meet them all (None: no criteria)."""
    criteria: list[dict[str, str]] = []
    wanted: set[str] | None = None
    filters = [(column, suffix) for column in _COLUMNS for suffix in _COMPARATORS]
    for column, suffix in [*filters, ("search_text", "")]:
        text = query.get(column + suffix)
        if not text:
            continue
        if len(text) > FILTER_LENGTH:
            raise too_long(column + suffix, FILTER_LENGTH)
        comparator = "contains" if column == "search_text" else _COMPARATORS[suffix]
        ids = _ids(book, column, text, comparator)
        wanted = ids if wanted is None else wanted & ids
        criteria.append({
            "column_name": column, "search_text": text, "search_text_formatted": text,
            "comparator": comparator,
        })  # fmt: skip
    return criteria, wanted


def _ids(book: ContactBook, column: str, text: str, comparator: str) -> set[str]:
    index = book.search()
    if comparator == "equal":
        return index.equal(column, text)
    return index.starting(column, text) if comparator == "starts_with" else index.containing(column, text)


def _tests(
    book: ContactBook, query: Mapping[str, str], switches: Switches
) -> list[Callable[[Contact], bool]]:
    tests: list[Callable[[Contact], bool]] = []
    status = _STATUS.get(query.get("filter_by", ""))
    if status is not None:
        tests.append(lambda contact: status(book, contact))
    if switches.zoho_contact_type_filter and query.get("contact_type"):
        tests.append(lambda contact: contact.contact_type == query["contact_type"])
    if switches.zoho_modified_filter and query.get("last_modified_time"):
        since = _seconds(query["last_modified_time"])
        since -= int(switches.zoho_modified_filter_inclusive)
        tests.append(lambda contact: contact.modified > since)
    return tests


def _filtered(
    book: ContactBook,
    wanted: set[str] | None,
    tests: Iterable[Callable[[Contact], bool]],
    column: str,
    *,
    descending: bool,
) -> list[Contact]:
    candidates: Iterable[Contact]
    if wanted is None:
        candidates = book.all()
    else:
        # The index may still name a contact that is gone, or not yet one that is new.
        candidates = [contact for contact in map(book.find, wanted) if contact is not None]
    for test in tests:
        candidates = [contact for contact in candidates if test(contact)]
    key = _SORT_KEYS[column]
    return sorted(candidates, key=lambda each: (key(each), each.contact_id), reverse=descending)


def _seconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid_value("last_modified_time") from error
    if moment.tzinfo is None:
        raise invalid_value("last_modified_time")
    return int(moment.timestamp())


_STATUS: Mapping[str, Callable[[ContactBook, Contact], bool] | None] = {
    "Status.All": None,
    "Status.Active": lambda _, contact: contact.status == "active",
    "Status.Inactive": lambda _, contact: contact.status == "inactive",
    "Status.Duplicate": lambda book, contact: book.namesakes(contact) > 1,
    "Status.Crm": lambda _, __: False,
}
_SORT_KEYS: Mapping[str, Callable[[Contact], Any]] = {
    "contact_name": lambda contact: contact.name.casefold(),
    "first_name": lambda contact: contact.primary.get("first_name", "").casefold(),
    "last_name": lambda contact: contact.primary.get("last_name", "").casefold(),
    "email": lambda contact: contact.primary.get("email", "").casefold(),
    "outstanding_receivable_amount": lambda _: 0.0,
    "created_time": lambda contact: contact.created,
    "last_modified_time": lambda contact: contact.modified,
}
