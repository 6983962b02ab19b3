"""The one log of events: positions that rise with gaps, age out, and wake subscribers."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_FIRST_POSITION = 4_000_000
_WIDEST_GAP = 7


@dataclass(frozen=True)
class LoggedEvent:
    """One event as delivered; `source` is the object or platform event it is about."""

    position: int
    at: float
    source: str
    id: str
    schema_id: str
    payload: bytes
    header: Mapping[str, Any]
    """The decoded header, for people who look at the log."""


class BadPositionError(Exception):
    """A replay position that was never given or is older than retention."""


class EventLog:
    """Events of an org in commit order; `time` is a clock in seconds that may be passed in."""

    def __init__(self, retention_seconds: float, time: Callable[[], float], rng: random.Random) -> None:
        self._retention = retention_seconds
        self._time = time
        self._random = rng
        self._events: list[LoggedEvent] = []
        self._marks: deque[tuple[float, int]] = deque()
        self._expired = _FIRST_POSITION - 1
        self._last = _FIRST_POSITION
        self.listeners: set[Callable[[], None]] = set()

    @property
    def events(self) -> list[LoggedEvent]:
        self._age()
        return list(self._events)

    def append(
        self, source: str, event_id: str, schema_id: str, payload: bytes, header: Mapping[str, Any]
    ) -> LoggedEvent:
        """Adds one event and wakes whoever waits for it."""
        position = self._advance()
        event = LoggedEvent(position, self._time(), source, event_id, schema_id, payload, header)
        self._events.append(event)
        for wake in list(self.listeners):
            wake()
        return event

    def after(self, position: int, sources: frozenset[str], most: int) -> list[LoggedEvent]:
        """Up to `most` retained events behind the position, oldest first."""
        self._age()
        start = bisect_right(self._events, position, key=lambda event: event.position)
        found: list[LoggedEvent] = []
        for event in self._events[start:]:
            if len(found) == most:
                break
            if event.source in sources:
                found.append(event)
        return found

    def tip(self) -> int:
        """A resume point that is valid for a full retention from now on."""
        self._age()
        if not self._marks or self._marks[-1][0] < self._time():
            # Time passes on the bus even without events, so that a keepalive's position stays young.
            self._advance()
        return self._last

    def oldest(self) -> int:
        """The position just before the oldest retained event."""
        self._age()
        return self._expired

    def check(self, position: int) -> None:
        """Raises BadPositionError for a position no subscriber can resume from."""
        self._age()
        if not self._expired < position <= self._last:
            raise BadPositionError(f"position {position} is not within the retained events")

    def forget_all(self) -> None:
        """As if everything so far had outlived its retention."""
        self._advance()
        self._events.clear()
        self._marks.clear()
        self._expired = self._last
        self._advance()

    def _advance(self) -> int:
        self._last += self._random.randint(1, _WIDEST_GAP)
        self._marks.append((self._time(), self._last))
        return self._last

    def _age(self) -> None:
        limit = self._time() - self._retention
        while self._marks and self._marks[0][0] <= limit:
            self._expired = self._marks.popleft()[1]
        gone = bisect_right(self._events, self._expired, key=lambda event: event.position)
        if gone:
            del self._events[:gone]

    def dump(self) -> dict[str, Any]:
        events = [
            {**vars(event), "payload": event.payload.hex(), "header": dict(event.header)}
            for event in self._events
        ]
        return {"events": events, "marks": list(self._marks), "expired": self._expired, "last": self._last}

    def load(self, state: Mapping[str, Any]) -> None:
        self._events = [
            LoggedEvent(**{**raw, "payload": bytes.fromhex(raw["payload"])}) for raw in state["events"]
        ]
        self._marks = deque((float(at), int(position)) for at, position in state["marks"])
        self._expired, self._last = int(state["expired"]), int(state["last"])
