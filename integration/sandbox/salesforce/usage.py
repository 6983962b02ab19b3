"""Rolling counters behind the org's limits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

_BUCKETS = 1440


class RollingCount:
    """Counts within a sliding window, in buckets of 1/1440 of it; `time` is a monotonic clock in seconds."""

    def __init__(self, window_seconds: float, time: Callable[[], float]) -> None:
        self._window = window_seconds
        self._time = time
        self._buckets: deque[tuple[int, int]] = deque()
        self._total = 0

    def add(self, count: int = 1) -> None:
        bucket = self._bucket()
        if self._buckets and self._buckets[-1][0] == bucket:
            count_before = self._buckets.pop()[1]
            self._buckets.append((bucket, count_before + count))
        else:
            self._buckets.append((bucket, count))
        self._total += count

    def used(self) -> int:
        """How many were counted within the window that ends now."""
        oldest = self._bucket() - _BUCKETS
        while self._buckets and self._buckets[0][0] <= oldest:
            self._total -= self._buckets.popleft()[1]
        return self._total

    def set_used(self, count: int) -> None:
        """As if so many had been counted just now and none before."""
        self.clear()
        if count:
            self.add(count)

    def clear(self) -> None:
        self._buckets.clear()
        self._total = 0

    def dump(self) -> list[list[int]]:
        """[buckets ago, count] pairs: a monotonic clock means nothing to the next process."""
        now = self._bucket()
        return [[now - bucket, count] for bucket, count in self._buckets]

    def load(self, state: Iterable[Sequence[int]]) -> None:
        """Goes on from a dump; what was counted then is as old as it was."""
        now = self._bucket()
        self._buckets = deque((now - ago, count) for ago, count in state)
        self._total = sum(count for _, count in self._buckets)

    def _bucket(self) -> int:
        return int(self._time() * _BUCKETS / self._window)
