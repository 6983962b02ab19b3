"""How the demo tells what it is doing: a live line on a terminal, plain lines elsewhere; always on stderr."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

from integration.demo.stopping import Stopping

PLAIN_EVERY_SECONDS = 5.0


class Progress:
    """Phases with a running line of figures; a context manager.

    Whatever is told raises DemoStoppedError when the demo is to end.
    """

    def __init__(self, console: Console, stopping: Stopping) -> None:
        self.console = console
        self._stopping = stopping
        self._started = time.monotonic()
        self._status: Status | None = None
        self._told_at = 0.0

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._status = self.console.status("")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    @property
    def seconds(self) -> float:
        """Since the demo began."""
        return time.monotonic() - self._started

    def phase(self, number: int, name: str) -> None:
        """A new phase begins."""
        self._stopping.check()
        self._told_at = 0.0
        self.console.print(f"{self._clock()} [bold]{number}. {name}[/bold]", highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Something worth a line of its own."""
        self._stopping.check()
        self.console.print(f"{self._clock()}    {text}", highlight=False, markup=False, soft_wrap=True)

    def figures(self, **figures: object) -> None:
        """What stands now; on a terminal it replaces what stood before, elsewhere it comes now and then."""
        self._stopping.check()
        line = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
        if self._status is not None:
            self._status.update(f"{self._clock()} {line}")
        elif time.monotonic() - self._told_at > PLAIN_EVERY_SECONDS:
            self._told_at = time.monotonic()
            self.say(line)

    def _clock(self) -> str:
        return f"{self.seconds:6.1f} s"
