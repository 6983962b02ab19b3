"""Requests that run long: so many at the same time that the org takes no further ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from integration.sandbox.salesforce.api_errors import ApiError


class LongRequests:
    """Counts running requests that are older than `seconds`; `time` is a monotonic clock in seconds."""

    def __init__(self, most: int, seconds: float, time: Callable[[], float]) -> None:
        self._most, self._seconds, self._time = most, seconds, time
        self._began: dict[int, float] = {}

    @contextmanager
    def running(self, request: object) -> Iterator[None]:
        self._began[id(request)] = self._time()
        try:
            yield
        finally:
            del self._began[id(request)]

    def check(self, request: object) -> None:
        """Raises REQUEST_LIMIT_EXCEEDED while too many others run long."""
        others = (began for key, began in self._began.items() if key != id(request))
        # The oldest come first, so the last of the permitted ones decides.
        last = next(islice(others, self._most - 1, None), None)
        if last is not None and self._time() - last >= self._seconds:
            message = "ConcurrentPerOrgLongTxn Limit exceeded."
            raise ApiError("REQUEST_LIMIT_EXCEEDED", message, status=403)
