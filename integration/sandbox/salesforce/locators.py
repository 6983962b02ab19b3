"""Open query results: which rows are still to be fetched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.ids import IdSource
from integration.sandbox.salesforce.soql_result import Result
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row

LARGEST_PAGE = 2000
_OF_CHILDREN_AT_MOST = 5_000
_PREFIX = "01g"


@dataclass(frozen=True)
class Page:
    """A slice of a result and where the next one starts, as it stands in `nextRecordsUrl`."""

    result: Result
    rows: tuple[Row, ...]
    next: str | None
    size: int = LARGEST_PAGE


@dataclass
class _Open:
    result: Result
    size: int
    opened: float
    user_id: str
    fetched: bool = False
    """Whether the last page has been asked for: the first to make place for others."""


class Locators:
    """Keeps results between pages; `time` is a monotonic clock in seconds.

    A user has at most so many results open; one more and the oldest is gone. Sub-queries do not count.
    """

    def __init__(self, id_source: IdSource, switches: SalesforceSwitches, time: Callable[[], float]) -> None:
        self._ids = id_source
        self._lifetime = switches.locator_seconds
        self._per_user = switches.locators_per_user
        self._time = time
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._of_children: OrderedDict[str, _Open] = OrderedDict()

    def first(self, result: Result, size: int, user_id: str) -> Page:
        """The first page; only a result with more rows stays open."""
        if len(result.rows) <= size:
            return Page(result, result.rows, None, size)
        self._forget_old(self._open)
        self._make_place(user_id)
        return self._opened(self._open, _Open(result, size, self._time(), user_id))

    def first_of_children(self, result: Result, size: int, user_id: str) -> Page:
        """The same for one parent's part of a sub-query."""
        if len(result.rows) <= size:
            return Page(result, result.rows, None, size)
        self._forget_old(self._of_children)
        if len(self._of_children) >= _OF_CHILDREN_AT_MOST:
            self._of_children.popitem(last=False)
        return self._opened(self._of_children, _Open(result, size, self._time(), user_id))

    def next(self, text: str, user_id: str) -> Page:
        """The page that `<locator>-<start>` names. Raises INVALID_QUERY_LOCATOR once it is gone."""
        locator, _, start = text.partition("-")
        found = self._open.get(locator) or self._of_children.get(locator)
        if found is None or found.user_id != user_id or self._time() - found.opened > self._lifetime:
            raise _invalid()
        if not (start.isascii() and start.isdigit() and len(start) < 10):
            raise _invalid()
        if int(start) >= len(found.result.rows):
            raise _invalid()
        return _page(locator, found, int(start))

    def clear(self) -> None:
        self._open.clear()
        self._of_children.clear()

    def _opened(self, kept: OrderedDict[str, _Open], opened: _Open) -> Page:
        locator = self._ids.next(_PREFIX)
        kept[locator] = opened
        return _page(locator, opened, 0)

    def _forget_old(self, kept: OrderedDict[str, _Open]) -> None:
        while kept and self._time() - next(iter(kept.values())).opened > self._lifetime:
            kept.popitem(last=False)

    def _make_place(self, user_id: str) -> None:
        own = [locator for locator, found in self._open.items() if found.user_id == user_id]
        if len(own) < self._per_user:
            return
        done = (locator for locator in own if self._open[locator].fetched)
        del self._open[next(done, own[0])]


def _page(locator: str, found: _Open, start: int) -> Page:
    end = start + found.size
    more = end < len(found.result.rows)
    # A finished result stays until it ages out or its place is needed: a client may repeat its last page.
    found.fetched = found.fetched or not more
    rows = found.result.rows[start:end]
    return Page(found.result, rows, f"{locator}-{end}" if more else None, found.size)


def _invalid() -> ApiError:
    return ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
