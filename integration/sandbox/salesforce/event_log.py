"""The one log of events: positions that rise with gaps, age out, and wake subscribers."""

from __future__ import annotations

import heapq
import random
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_FIRST_POSITION = 4_000_000
_WIDEST_GAP = 7


@dataclass(frozen=True)
class NewEvent:
    """One event before it has a place in the log; `source` is the object or platform event it is about."""

    source: str
    id: str
    schema_id: str
    payload: bytes
    header: Mapping[str, Any]
    """The decoded header, for people who look at the log."""


@dataclass(frozen=True)
class LoggedEvent:
    """One event as delivered: a NewEvent with its place and time."""

    position: int
    at: float
    source: str
    id: str
    schema_id: str
    payload: bytes
    header: Mapping[str, Any]


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
        self._held: list[tuple[float, int, NewEvent]] = []
        self._held_ever = 0
        self.listeners: set[Callable[[], None]] = set()

    @property
    def events(self) -> list[LoggedEvent]:
        self._release()
        self._age()
        return list(self._events)

    @property
    def last(self) -> int:
        """The newest position given."""
        return self._last

    def append(self, new: NewEvent) -> LoggedEvent:
        """Adds one event and wakes whoever waits for it."""
        position = self._advance()
        event = LoggedEvent(position, self._time(), **vars(new))
        self._events.append(event)
        for wake in list(self.listeners):
            wake()
        return event

    def hold(self, new: NewEvent, seconds: float) -> None:
        """Adds the event when so many seconds have passed; until then nobody can tell that it exists."""
        self._held_ever += 1
        heapq.heappush(self._held, (self._time() + seconds, self._held_ever, new))
        for wake in list(self.listeners):
            wake()

    def next_held(self) -> float | None:
        """Seconds until the next held event is due; None: nothing is held."""
        return max(0.0, self._held[0][0] - self._time()) if self._held else None

    def after(self, position: int, sources: frozenset[str], most: int) -> list[LoggedEvent]:
        """Up to `most` retained events behind the position, oldest first."""
        # Only here may held events appear: a tip that let them in would tell a place behind them.
        self._release()
        self._age()
        start = bisect_right(self._events, position, key=lambda event: event.position)
        found: list[LoggedEvent] = []
        # By number: a slice would copy what may be a day of events for every response.
        for number in range(start, len(self._events)):
            if len(found) == most:
                break
            event = self._events[number]
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

    def forget_older(self, seconds: float) -> int:
        """As if what is older had outlived its retention; younger events stay. Answers how many went."""
        self._release()
        self._age()
        before = len(self._events)
        self._expire(self._time() - seconds)
        return before - len(self._events)

    def forget_all(self) -> None:
        """As if everything so far, held events included, had outlived its retention."""
        self._advance()
        self._held.clear()
        self._events.clear()
        self._marks.clear()
        self._expired = self._last
        self._advance()

    def _advance(self) -> int:
        self._last += self._random.randint(1, _WIDEST_GAP)
        self._marks.append((self._time(), self._last))
        return self._last

    def _release(self) -> None:
        while self._held and self._held[0][0] <= self._time():
            self.append(heapq.heappop(self._held)[2])

    def _age(self) -> None:
        self._expire(self._time() - self._retention)

    def _expire(self, limit: float) -> None:
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
        held = [
            [due, number, {**vars(event), "payload": event.payload.hex(), "header": dict(event.header)}]
            for due, number, event in sorted(self._held, key=lambda entry: entry[:2])
        ]
        return {
            "events": events,
            "held": held,
            "held_ever": self._held_ever,
            "marks": list(self._marks),
            "expired": self._expired,
            "last": self._last,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self._events = [
            LoggedEvent(**{**raw, "payload": bytes.fromhex(raw["payload"])}) for raw in state["events"]
        ]
        self._marks = deque((float(at), int(position)) for at, position in state["marks"])
        self._held = [
            (float(due), int(number), NewEvent(**{**raw, "payload": bytes.fromhex(raw["payload"])}))
            for due, number, raw in state.get("held", ())
        ]
        self._held_ever = int(state.get("held_ever", 0))
        self._expired, self._last = int(state["expired"]), int(state["last"])
