"""A time that moves only when it is told to, shared by the systems and the stores of a test."""

from __future__ import annotations

START_MS = 1_750_000_000_300
"""Some moment that is no whole second."""


class FakeClock:
    """`ports.Clock`."""

    def __init__(self, start_ms: int = START_MS) -> None:
        self._now = start_ms

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return self._now

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self._now += milliseconds
