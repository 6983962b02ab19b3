"""Time as the stand-ins see it: real time, with windows of limits that may be scaled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Clock:
    """Real time plus the lengths that a limit's "minute" and "day" have here (seconds)."""

    minute_seconds: float = 60.0
    day_seconds: float = DAY_SECONDS

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never jump, for windows and lags."""
        return time.monotonic()

    def scaled(self, seconds: float) -> float:
        """A span of the real system as long as it lasts here."""
        return seconds * self.minute_seconds / 60.0
