"""Limits of an organisation: calls per minute, per day and at the same time, with their headers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integration.sandbox.clock import DAY_SECONDS, Clock
from integration.sandbox.switches import Switches
from integration.sandbox.zoho import faults
from integration.sandbox.zoho.profile import Limits


class Limiter:
    """Counts the calls of one organisation, whoever makes them."""

    def __init__(self, limits: Limits, switches: Switches, clock: Clock, time_zone: str) -> None:
        self._limits, self._switches, self._clock = limits, switches, clock
        self._zone = ZoneInfo(time_zone)
        self._in_process = 0
        self.clear()

    def clear(self) -> None:
        """As if nothing had been called yet; what is in process stays so."""
        self._recent: deque[float] = deque()
        self._blocked_until = float("-inf")
        self._day = self._day_now()
        self._used_today = 0

    def admit(self) -> None:
        """Count one call. :raises ApiError: 429 with code 45, 44 or 1070."""
        self._roll()
        if self._used_today >= self._limits.daily:
            self._count_refused()
            raise faults.day_exceeded(self._limits.daily)
        now = self._clock.monotonic()
        if now < self._blocked_until or len(self._recent) >= self._limits.per_minute:
            if now >= self._blocked_until:
                block = self._switches.zoho_block_minutes * self._clock.minute_seconds
                self._blocked_until = now + block
            self._count_refused()
            raise faults.minute_exceeded()
        if self._in_process >= self._limits.in_flight:
            self._count_refused()
            raise faults.too_many_in_process()
        self._recent.append(now)
        self._used_today += 1

    @contextmanager
    def in_process(self) -> Iterator[None]:
        """Hold one of the places for calls at the same time."""
        self._in_process += 1
        try:
            yield
        finally:
            self._in_process -= 1

    def headers(self) -> dict[str, str]:
        """The daily quota, what is left of it and the seconds until it begins anew."""
        if not self._switches.zoho_rate_headers:
            return {}
        self._roll()
        return {
            "X-Rate-Limit-Limit": str(self._limits.daily),
            "X-Rate-Limit-Remaining": str(max(0, self._limits.daily - self._used_today)),
            "X-Rate-Limit-Reset": str(int(self._seconds_left_today())),
        }

    def retry_after(self, code: int) -> dict[str, str]:
        """The header of a 429, where the switch says that there is one."""
        if not self._switches.zoho_retry_after:
            return {}
        seconds = {45: self._seconds_left_today(), 44: self._clock.minute_seconds}.get(code, 1)
        return {"Retry-After": str(max(1, round(seconds)))}

    def left(self) -> dict[str, int]:
        """Calls still allowed in the present day and minute."""
        self._roll()
        return {
            "day_left": max(0, self._limits.daily - self._used_today),
            "minute_left": max(0, self._limits.per_minute - len(self._recent)),
        }

    def leave(self, key: str, count: int) -> None:
        """As if all but so many calls of the present day or minute had been made."""
        self._roll()
        if key == "day_left":
            self._used_today = self._limits.daily - count
        else:
            now = self._clock.monotonic()
            self._recent = deque([now] * (self._limits.per_minute - count))
            self._blocked_until = float("-inf")

    @property
    def most(self) -> dict[str, int]:
        """What `left` tells of an organisation that has called nothing yet."""
        return {"day_left": self._limits.daily, "minute_left": self._limits.per_minute}

    def dump(self) -> dict[str, Any]:
        """What the day has used up."""
        return {"day": self._day, "used_today": self._used_today}

    def load(self, state: dict[str, Any]) -> None:
        """Go on with the day's count, if it is still that day."""
        if state["day"] == self._day_now():
            self._used_today = state["used_today"]

    def used(self) -> dict[str, int]:
        """Calls counted in the present minute and day, and those in process."""
        self._roll()
        return {"minute": len(self._recent), "day": self._used_today, "in_process": self._in_process}

    def _roll(self) -> None:
        now, length = self._clock.monotonic(), self._clock.minute_seconds
        start = now - length if self._switches.zoho_minute_window == "sliding" else now - now % length
        # A sliding window of one minute holds what came after exactly one minute ago.
        while self._recent and (
            self._recent[0] <= start if start == now - length else self._recent[0] < start
        ):
            self._recent.popleft()
        if self._day_now() != self._day:
            self._day, self._used_today = self._day_now(), 0

    def _count_refused(self) -> None:
        if self._switches.zoho_refused_calls_count:
            self._recent.append(self._clock.monotonic())
            self._used_today += 1

    def _day_now(self) -> str:
        if self._clock.day_seconds != DAY_SECONDS:
            return str(int(self._clock.unskewed().timestamp() // self._clock.day_seconds))
        return self._clock.unskewed().astimezone(self._zone).date().isoformat()

    def _seconds_left_today(self) -> float:
        now, length = self._clock.unskewed(), self._clock.day_seconds
        if length != DAY_SECONDS:
            return length - now.timestamp() % length
        tomorrow = now.astimezone(self._zone).date() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self._zone)
        return midnight.timestamp() - now.timestamp()
