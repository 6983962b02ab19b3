"""Ctrl-C in the demo: a signal is only noted; the demo looks at it at places where it may end.

An exception raised by the signal handler would come up anywhere, in library code that wraps or swallows
it too.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STDERR = 2


class DemoStoppedError(Exception):
    """A person asked the demo to end."""


class Stopping:
    """Whether a person asked the demo to end."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._first: list[Callable[[], None]] = []
        self._again: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Whether it is to end."""
        return self._asked.is_set()

    def check(self) -> None:
        """Raises DemoStoppedError when it is to end."""
        if self.asked:
            raise DemoStoppedError

    def pause(self, seconds: float | None) -> None:
        """Wait so long, or for ever. Raises DemoStoppedError as soon as it is to end."""
        if self._asked.wait(seconds):
            raise DemoStoppedError

    def on_ask(self, first: Callable[[], None], again: Callable[[], None]) -> None:
        """What a first request makes hurry, and what a second one ends at once; from within the handler."""
        self._first.append(first)
        self._again.append(again)

    def ask(self) -> None:
        """A person asks."""
        calls = self._again if self.asked else self._first
        self._asked.set()
        for call in list(calls):
            call()


@contextmanager
def stopping_on_signals() -> Iterator[Stopping]:
    """SIGINT, SIGTERM and SIGHUP end the demo in order, a second one at once; for the main thread only."""
    stopping = Stopping()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if not stopping.asked:  # straight to the terminal: whoever is interrupted may hold a console's lock
            os.write(STDERR, b"\nstopping; Ctrl-C again ends everything at once\n")
        stopping.ask()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
