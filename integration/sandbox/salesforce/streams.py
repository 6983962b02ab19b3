"""The open subscriptions of an org and what can be done to them from outside."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(eq=False)
class OpenStream:
    """One Subscribe call. `wake` is set whenever its loop has something to look at."""

    topic: str
    sources: frozenset[str]
    token: str
    position: int
    pending: int = 0
    cut: bool = False
    """To be ended like a maintenance disconnect."""
    silent: bool = False
    """Half-open: the connection stands, yet nothing is sent any more."""
    failure: str | None = None
    """The code that it is to end with."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Streams:
    """Every open stream."""

    def __init__(self) -> None:
        self._open: set[OpenStream] = set()
        self.publishers = 0

    def __len__(self) -> int:
        return len(self._open)

    def full(self, most: int) -> bool:
        """Whether subscribers and publishers together are as many as may be."""
        return len(self._open) + self.publishers >= most

    def add(self, stream: OpenStream) -> None:
        self._open.add(stream)

    def remove(self, stream: OpenStream) -> None:
        self._open.discard(stream)

    def wake_all(self) -> None:
        for stream in self._open:
            stream.wake.set()

    def cut_all(self) -> int:
        """Ends every open stream without an error code, as maintenance does. Answers how many."""
        for stream in self._open:
            stream.cut = True
        self.wake_all()
        return len(self._open)

    def fail_all(self, suffix: str) -> int:
        """Ends every open stream with the code. Answers how many."""
        for stream in self._open:
            stream.failure = suffix
        self.wake_all()
        return len(self._open)

    def silence_all(self) -> int:
        """Leaves every open stream standing but mute; later streams work. Answers how many."""
        for stream in self._open:
            stream.silent = True
        return len(self._open)
