"""Keeps the runs of one ring a moment apart while work keeps coming, so that each takes more of it.

What a run costs by itself (messages, statements, locks) is shared by all it takes. A lone event never waits:
only a run that would begin right behind another does, and none where the one before left work over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SECONDS = 0.3
GATHERED = frozenset({"events"})
"""Rings whose runs keep apart. A run that waits holds a place of its worker, so it is this one only; what is
written follows from it."""


class Gathering:
    """When runs of this process began, by ring and pair. Safe for threads."""

    def __init__(
        self,
        seconds: float = SECONDS,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._wait = wait or threading.Event().wait
        self._next: dict[tuple[str, int], float] = {}
        self._lock = threading.Lock()

    def begin(self, ring: str, pair_id: int) -> None:
        """Wait for the turn of a run; what comes meanwhile is its work too."""
        if ring not in GATHERED:
            return
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next.get((ring, pair_id), now))
            self._next[ring, pair_id] = turn + self._seconds
        if turn > now:
            self._wait(turn - now)

    def go_on(self, ring: str, pair_id: int) -> None:
        """Work was left over: the next run begins at once."""
        with self._lock:
            self._next.pop((ring, pair_id), None)


gathering = Gathering()
