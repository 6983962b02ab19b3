"""Tells people: log, Sentry and a JSON webhook, with equal alarms gathered into one.

An alarm may be raised in the middle of a unit of work, where neither SQL nor HTTP may be waited for. So
`alert` only notes it, and a thread of its own counts it in SQL, which all processes share, and sends it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from integration.error_reports import report_alarm
from integration.errors import Fault
from integration.ports import Stores

GATHER_MS = 900_000
"""Equal alarms within a quarter of an hour are one; the first is sent at once."""
LOOK_SECONDS = 5.0
"""How often the thread looks for alarms it could not count or send."""
HELD_LOOKS = 10
"""How often within the gathering time SQL is asked for what it holds back."""
MOST_KINDS = 500
"""Kinds remembered by a process; what comes beyond is only logged."""

log = structlog.get_logger(__name__)

Post = Callable[[str], None]
"""Sends one text to people. Raises Fault when it cannot."""


@dataclass
class _Gathering:
    """One kind of alarm: its newest words, and what has not reached SQL or people yet."""

    text: str
    advice: str
    uncounted: int = 0
    unsent: int = 0
    held_until: float = 0.0
    """When SQL, which holds some back, is asked again; 0 when it holds none."""

    def is_due(self, now: float) -> bool:
        """Whether there is something to do."""
        return bool(self.uncounted or self.unsent or (self.held_until and self.held_until <= now))


class GroupedAlarm:
    """`ports.Alarm`. Safe for threads; its own thread starts with the first alarm and ends with `close`."""

    def __init__(
        self,
        stores: Callable[[int], Stores],
        post: Post | None,
        *,
        names: Callable[[int], str] = str,
        gather_ms: int = GATHER_MS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._stores = stores
        self._post = post
        self._names = names
        self._gather_ms = gather_ms
        self._look_seconds = look_seconds
        self._known: dict[tuple[int, str], _Gathering] = {}
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def alert(self, pair_id: int, kind: str, text: str, advice: str, count: int = 1) -> None:
        """Send or fold one alert. Never raises."""
        log.warning("alarm", pair_id=pair_id, kind=kind, advice=advice, count=count)
        with self._lock:
            if (pair_id, kind) not in self._known and len(self._known) >= MOST_KINDS:
                return
            gathering = self._known.setdefault((pair_id, kind), _Gathering(text, advice))
            gathering.text, gathering.advice = text, advice
            gathering.uncounted += count
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
                self._thread.start()
        self._wanted.set()

    def close(self, seconds: float = 5.0) -> None:
        """Send what is noted and end the thread; gives up after that many seconds."""
        self._closing = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        closing = False
        while not closing:
            self._wanted.wait(self._look_seconds)
            self._wanted.clear()
            closing, now = self._closing, time.monotonic()
            with self._lock:
                due = [(key, gathering) for key, gathering in self._known.items() if gathering.is_due(now)]
            for (pair_id, kind), gathering in due:
                self._count(pair_id, kind, gathering)
                self._send(pair_id, kind, gathering)

    def _count(self, pair_id: int, kind: str, gathering: _Gathering) -> None:
        """Tell SQL; what it gives back is for us to send, what it keeps is asked for again later."""
        with self._lock:
            counted, gathering.uncounted = gathering.uncounted, 0
        try:
            with self._stores(pair_id).begin(pair_id, "alarm") as uow:
                given = uow.pairs.alarm(kind, counted, self._gather_ms)
        except Fault as fault:
            log.warning("alarm not counted", pair_id=pair_id, kind=kind, error_code=fault.code)
            with self._lock:
                gathering.uncounted += counted
            return
        gathering.unsent += given
        gathering.held_until = 0.0 if given else time.monotonic() + self._gather_ms / HELD_LOOKS / 1000

    def _send(self, pair_id: int, kind: str, gathering: _Gathering) -> None:
        count = gathering.unsent
        if not count:
            return
        times = f" ({count} times)" if count > 1 else ""
        try:
            if self._post is not None:
                self._post(f"[{self._names(pair_id)}] {gathering.text}{times}\n{gathering.advice}".strip())
        except Fault as fault:
            log.exception("alarm not delivered", pair_id=pair_id, kind=kind, error_code=fault.code)
            return
        report_alarm(kind)
        gathering.unsent = 0
