"""Rings behind the answer: a thread of its own asks Redis, once for all requests that came meanwhile."""

from __future__ import annotations

import atexit
import os
import threading

from integration.ports import Bell

GATHER_SECONDS = 0.05
"""A burst of requests rings once in that time; nobody notices so little."""


class RingingBehind:
    """A bell that never keeps who rings it. What a process that dies had not rung yet, the sweep finds."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._wanted: set[tuple[str, int]] = set()
        self._closing = threading.Event()
        self._ringer: threading.Thread | None = None
        self._owner = 0

    def ring(self, queue: str, pair_id: int) -> None:
        """Have a worker woken soon. Returns at once."""
        with self._lock:
            self._wanted.add((queue, pair_id))
            if self._owner != os.getpid() or self._ringer is None:  # a forked child has no threads
                self._owner = os.getpid()
                self._ringer = threading.Thread(target=self._run, name="ringer", daemon=True)
                self._ringer.start()
                atexit.register(self.close)
        self._asked.set()

    def clear(self, queue: str, pair_id: int) -> None:
        """Let the next ring through."""
        self._bell.clear(queue, pair_id)

    def close(self, seconds: float = 2.0) -> None:
        """Send what is wanted, then end."""
        with self._lock:
            ringer = self._ringer if self._owner == os.getpid() else None
        self._closing.set()
        self._asked.set()
        if ringer is not None:
            ringer.join(seconds)

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._closing.wait(GATHER_SECONDS)
            # First let new rings be noticed, then take what is wanted: the other way round could lose one.
            self._asked.clear()
            closing = self._closing.is_set()
            with self._lock:
                wanted, self._wanted = self._wanted, set()
            for queue, pair_id in sorted(wanted):
                self._bell.ring(queue, pair_id)
            if closing:
                return


__all__ = ["RingingBehind"]
