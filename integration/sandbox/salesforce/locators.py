"""Open query results: which rows are still to be fetched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.ids import IdSource
from integration.sandbox.salesforce.soql_run import Result
from integration.sandbox.salesforce.tables import Row

LARGEST_PAGE = 2000
_OPEN_AT_MOST = 50
_PREFIX = "01g"


@dataclass(frozen=True)
class Page:
    """A slice of a result and where the next one starts, as it stands in `nextRecordsUrl`."""

    result: Result
    rows: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True)
class _Open:
    result: Result
    size: int
    opened: float


class Locators:
    """Keeps results between pages; `time` is a monotonic clock in seconds."""

    def __init__(self, id_source: IdSource, lifetime_seconds: float, time: Callable[[], float]) -> None:
        self._ids = id_source
        self._lifetime = lifetime_seconds
        self._time = time
        self._open: OrderedDict[str, _Open] = OrderedDict()

    def first(self, result: Result, size: int) -> Page:
        """The first page; only a result with more rows stays open."""
        if len(result.rows) <= size:
            return Page(result, result.rows, None)
        locator = self._ids.next(_PREFIX)
        self._open[locator] = _Open(result, size, self._time())
        if len(self._open) > _OPEN_AT_MOST:
            self._open.popitem(last=False)
        return self._page(locator, 0)

    def next(self, text: str) -> Page:
        """The page that `<locator>-<start>` names. Raises INVALID_QUERY_LOCATOR once it is gone."""
        locator, _, start = text.partition("-")
        found = self._open.get(locator)
        if found is None or not start.isdigit() or self._time() - found.opened > self._lifetime:
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if int(start) >= len(found.result.rows):
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(locator, int(start))

    def clear(self) -> None:
        self._open.clear()

    def _page(self, locator: str, start: int) -> Page:
        found = self._open[locator]
        end = start + found.size
        more = end < len(found.result.rows)
        # A finished result stays until it ages out: a client may repeat its last page.
        return Page(found.result, found.result.rows[start:end], f"{locator}-{end}" if more else None)
