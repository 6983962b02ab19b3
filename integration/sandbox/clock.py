"""Time as the stand-ins see it: real time, with windows of limits that may be scaled and a skew on demand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Clock:
    """Real time plus the lengths that a limit's "minute" and "day" have here (seconds)."""

    minute_seconds: float = 60.0
    day_seconds: float = DAY_SECONDS

    def now(self) -> datetime:
        """The present as the system believes it to be, in UTC."""
        return datetime.now(UTC)

    def unskewed(self) -> datetime:
        """The present whatever the system believes, for retention and the days of limits."""
        return self.now()

    def monotonic(self) -> float:
        """Seconds that never jump, for windows and lags."""
        return time.monotonic()

    def scaled(self, seconds: float) -> float:
        """A span of the real system as long as it lasts here."""
        return seconds * self.minute_seconds / 60.0


@dataclass(frozen=True)
class SystemClock(Clock):
    """The clock of one system, which may be set wrong: its timestamps, Date headers and expiries go along."""

    _off: list[float] = field(default_factory=lambda: [0.0])

    @property
    def skew_seconds(self) -> float:
        """How far it is ahead of real time."""
        return self._off[0]

    def skew(self, seconds: float) -> None:
        """Be so many seconds ahead of real time from now on, behind where negative."""
        self._off[0] = seconds

    def now(self) -> datetime:
        return self.unskewed() + timedelta(seconds=self._off[0])

    def unskewed(self) -> datetime:
        return super().now()
