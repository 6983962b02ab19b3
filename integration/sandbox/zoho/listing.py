"""Lists: filters, order and pages as Zoho does them; unknown words of a query are ignored in silence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from integration.sandbox.zoho.faults import invalid_value
from integration.sandbox.zoho.filters import Reader, Test, picked
from integration.sandbox.zoho.register import Kept, Mark, Register

MAX_PER_PAGE = 200
_FEW = 2_000
R = TypeVar("R", bound=Kept)


@dataclass(frozen=True)
class ListSpec(Generic[R]):
    """How one module lists its records.

    `sorts` are the keys by column (never None), `filter_by` the views by name (None: everything). A view in
    `view_marks` shows only records that carry the mark, or none at all where that is None.
    """

    report_name: str
    default_sort: str
    sorts: Mapping[str, Callable[[R], Any]]
    filters: Mapping[str, Reader]
    filter_by: Mapping[str, Callable[[R], bool] | None] = field(default_factory=lambda: {"Status.All": None})
    descending: bool = False
    view_marks: Mapping[str, Mark | None] = field(default_factory=dict)

    def view(self, name: str) -> list[Test]:
        """What the view of that name asks of a record."""
        check = self.filter_by.get(name)
        if check is None:
            return []
        mark, is_empty = self.view_marks.get(name), self.view_marks.get(name, ...) is None
        return [Test(check, lags=False, hint=mark, ids=() if is_empty else None)]


def view_name(status: str) -> str:
    """The view of all records in the status: `Status.PartiallyShipped` of `partially_shipped`."""
    return "Status." + status.title().replace("_", "")


def status_views(statuses: Iterable[str], status: Callable[[R], str]) -> dict[str, Callable[[R], bool]]:
    """A view for each of the statuses; `status` tells that of a record."""

    def shows(wanted: str) -> Callable[[R], bool]:
        return lambda record: status(record) == wanted

    return {view_name(wanted): shows(wanted) for wanted in statuses}


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of records with its `page_context`."""

    records: list[R]
    context: dict[str, Any]


def list_page(
    register: Register[R], spec: ListSpec[R], query: Mapping[str, str], *always: Callable[[R], bool]
) -> Page[R]:
    """The page the query asks for among the records that pass `always`.

    :raises ApiError: a page number or filter value out of bounds
    """
    number, size = page_bounds(query)
    column = query.get("sort_column", "")
    column = column if column in spec.sorts else spec.default_sort
    descending = spec.descending if column == spec.default_sort else False
    if query.get("sort_order"):
        descending = query["sort_order"].upper().startswith("D")
    register.catch_up()
    by = query.get("filter_by", "")
    told = picked(spec.filters, query)
    tests = [*told, *spec.view(by), *(Test(check, lags=False) for check in always)]
    start = (number - 1) * size
    found = _found(register, spec, tests, column, descending=descending, start=start, count=size + 1)
    context = page_context(
        number, size, has_more=len(found) > size, sort=column, descending=descending, report=spec.report_name
    )
    context["applied_filter"] = by if by in spec.filter_by else "Status.All"
    criteria = [_criterion(*test.criterion) for test in told if test.criterion is not None]
    if criteria:
        context["search_criteria"] = criteria
    return Page(found[:size], context)


def page_bounds(query: Mapping[str, str]) -> tuple[int, int]:
    """Number (from 1) and size of the page. :raises ApiError: not a positive number."""
    bounds = []
    for key, default in (("page", 1), ("per_page", MAX_PER_PAGE)):
        text = query.get(key, str(default))
        # As with all integers of the API, there are no more than 31 bits.
        if not text.isascii() or not text.isdigit() or len(text) > 10 or not 0 < int(text) < 2**31:
            raise invalid_value(key)
        bounds.append(int(text))
    return bounds[0], min(bounds[1], MAX_PER_PAGE)


def page_context(
    number: int, size: int, *, has_more: bool, sort: str, descending: bool, report: str
) -> dict[str, Any]:
    """There is no total: a reader goes on while `has_more_page`."""
    return {
        "page": number, "per_page": size, "has_more_page": has_more, "report_name": report,
        "applied_filter": "Status.All", "custom_fields": [], "sort_column": sort,
        "sort_order": "D" if descending else "A",
    }  # fmt: skip


def _found(
    register: Register[R],
    spec: ListSpec[R],
    tests: list[Test],
    column: str,
    *,
    descending: bool,
    start: int,
    count: int,
) -> list[R]:
    key = spec.sorts[column]
    if not tests:
        ids = register.ordered(column, key).page(start, start + count, descending=descending)
        return [register.get(record_id) for record_id in ids]
    likely = _likely(register, spec, tests)
    if likely is not None:
        hits = _passing(register, likely, tests)
        rows = sorted(hits, key=lambda record: (key(record), record.record_id), reverse=descending)
        return rows[start : start + count]
    every = register.ordered(column, key).ids(descending=descending)
    return list(islice(_passing(register, every, tests), start, start + count))


def _likely(register: Register[R], spec: ListSpec[R], tests: list[Test]) -> Iterable[str] | None:
    """Ids among which all are that pass, where an index knows; None: any record may.

    None, too, where they are so many that going through the list in order fills a page sooner.
    """
    looks = (_known, _marked, _within, _between)
    for look in looks:
        for test in tests:
            found = look(register, spec, test)
            if found is not None and len(found) <= _FEW:
                return found
    return None


def _known(_register: Register[R], _spec: ListSpec[R], test: Test) -> Collection[str] | None:
    return test.ids


def _marked(register: Register[R], _spec: ListSpec[R], test: Test) -> Collection[str] | None:
    if test.hint is None:
        return None
    held = register.held(*test.hint)
    # The marks are of now and the filter sees what was: records in between are looked at as well.
    return held if len(held) > _FEW else {*held, *(register.unsettled() if test.lags else ())}


def _within(register: Register[R], _spec: ListSpec[R], test: Test) -> Collection[str] | None:
    return register.containing(*test.within) if test.within is not None else None


def _between(register: Register[R], spec: ListSpec[R], test: Test) -> Collection[str] | None:
    if test.span is None or test.span[0] not in spec.sorts:
        return None
    column, low, high = test.span
    between = register.ordered(column, spec.sorts[column]).between(low, high)
    return {*between, *(register.unsettled() if test.lags else ())}


def _passing(register: Register[R], ids: Iterable[str], tests: list[Test]) -> Iterator[R]:
    lagging = _every([test.check for test in tests if test.lags])
    present = _every([test.check for test in tests if not test.lags])
    for record_id in ids:
        record = register.find(record_id)
        if record is None or (present is not None and not present(record)):
            continue
        if lagging is not None:
            seen = register.seen(record_id)
            if seen is None or not lagging(seen):
                continue
        yield record


def _every(checks: list[Callable[[Any], bool]]) -> Callable[[Any], bool] | None:
    if len(checks) < 2:
        return checks[0] if checks else None
    return lambda record: all(check(record) for check in checks)


def _criterion(column: str, text: str, comparator: str) -> dict[str, str]:
    return {
        "column_name": column, "search_text": text, "search_text_formatted": text, "comparator": comparator,
    }  # fmt: skip
