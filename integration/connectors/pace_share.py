"""Numbers of the limiter that need no Redis: its limits, what to assume after a loss, and the static
share.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from integration.canonical.outcome import WorkClass
from integration.ports import UsageStore

SHARES: Mapping[WorkClass, float] = MappingProxyType(
    {WorkClass.LOOKUP: 0.2, WorkClass.EVENT: 0.4, WorkClass.BATCH: 0.1}
)
_SLICES = 12


@dataclass(frozen=True)
class PaceLimits:
    """Limits of one (pair, system).

    `per_minute` None: there is no such limit. `minute_seconds` is the length of a limit minute.
    `lease_seconds` must exceed the total deadline of a call: a slot whose holder was killed comes back after
    it. `wait_seconds` is how long `take` waits in place, `batch_wait_seconds` how long a batch does (None: as
    long): a listing given up half way would begin anew. `processes` is how many processes share the limits
    when Redis is gone. `shares` is what each class can count on, as parts of the limits.
    """

    in_flight: int
    per_minute: int | None = None
    minute_seconds: float = 60.0
    lease_seconds: float = 20.0
    wait_seconds: float = 2.0
    batch_wait_seconds: float | None = None
    processes: int = 8
    shares: Mapping[WorkClass, float] = field(default_factory=lambda: SHARES)

    def patience(self, work: WorkClass) -> float:
        """Seconds a call of that class waits in place."""
        if work is WorkClass.BATCH and self.batch_wait_seconds is not None:
            return self.batch_wait_seconds
        return self.wait_seconds

    @property
    def window_ms(self) -> int:
        """Length of the window."""
        return round(self.minute_seconds * 1000)

    @property
    def lease_ms(self) -> int:
        """Length of a lease."""
        return round(self.lease_seconds * 1000)


@dataclass(frozen=True)
class Assumed:
    """Calls of the past as they still count: (milliseconds from now until they do not, how many)."""

    window: list[tuple[int, int]]
    flight: list[tuple[int, int]]


def assumed(limits: PaceLimits, usage: UsageStore | None, now_ms: int) -> Assumed:
    """What must be assumed when the numbers are lost: what was granted, or without a count that all is used
    up.
    """
    per_minute = limits.per_minute or 0
    if usage is None:
        return Assumed(
            [(limits.window_ms + limits.lease_ms, per_minute)] if per_minute else [],
            [(limits.lease_ms, limits.in_flight)],
        )
    window = _slices(usage, now_ms, limits.window_ms + limits.lease_ms, per_minute) if per_minute else []
    return Assumed(window, _slices(usage, now_ms, limits.lease_ms, limits.in_flight))


def _slices(usage: UsageStore, now_ms: int, life_ms: int, limit: int) -> list[tuple[int, int]]:
    """Calls granted within the last `life_ms`, by slices of it, the newest first and never more than
    `limit`.
    """
    step = max(1, -(-life_ms // _SLICES))
    found: list[tuple[int, int]] = []
    seen = 0
    for number in range(_SLICES):
        total = min(limit, usage.since(now_ms - (number + 1) * step))
        if total > seen:
            found.append((life_ms - number * step, total - seen))
            seen = total
    return [(left, calls) for left, calls in found if left > 0]


class StaticShare:
    """The part of the limits one process has while Redis is gone: slow, but never more than allowed.

    The part of the first window is what the fleet had left of it, divided. Classes are not told apart. Safe
    for threads.
    """

    def __init__(self, limits: PaceLimits, usage: UsageStore | None, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._usage = usage
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._window: deque[float] = deque()
        self._flying = 0
        self._first_window = self._first_flight = 0
        self._window_from = self._flight_from = 0.0

    def begin(self, now_ms: int) -> None:
        """Redis was lost just now."""
        past = assumed(self._limits, self._usage, now_ms)
        used_window = sum(calls for _, calls in past.window)
        used_flight = sum(calls for _, calls in past.flight)
        now = self._monotonic()
        with self._lock:
            self._first_window = ((self._limits.per_minute or 0) - used_window) // self._limits.processes
            self._first_flight = (self._limits.in_flight - used_flight) // self._limits.processes
            self._window_from = now + self._limits.minute_seconds + self._limits.lease_seconds
            self._flight_from = now + self._limits.lease_seconds

    def take(self, calls: int) -> float:
        """0 when granted, else the seconds after which asking again may help."""
        now = self._monotonic()
        with self._lock:
            while self._window and self._window[0] <= now:
                self._window.popleft()
            wait = max(self._window_wait(now, calls), self._flight_wait(now))
            if wait == 0:
                self._flying += 1
                # The end of a call is not known yet; its lease is the latest it can be.
                until = now + self._limits.lease_seconds + self._limits.minute_seconds
                self._window.extend([until] * calls)
            return wait

    def release(self) -> None:
        """A granted call is over."""
        with self._lock:
            self._flying -= 1

    def _window_wait(self, now: float, calls: int) -> float:
        if self._limits.per_minute is None:
            return 0.0
        first = now < self._window_from
        part = self._first_window if first else self._limits.per_minute // self._limits.processes
        if len(self._window) + calls <= part:
            return 0.0
        ends = self._window[0] - now if self._window else self._limits.minute_seconds
        return min(ends, self._window_from - now) if first else ends

    def _flight_wait(self, now: float) -> float:
        first = now < self._flight_from
        part = self._first_flight if first else self._limits.in_flight // self._limits.processes
        if self._flying < part:
            return 0.0
        return 0.05 if self._flying else max(0.5, self._flight_from - now)
