"""Tells people: log, Sentry and a JSON webhook, with equal alarms gathered into one.

Alarms are gathered in SQL, which all processes share, and stay there until people have heard them: who dies
between the trouble and the telling takes nothing along. `alert` may be called in the middle of a unit of
work, where neither SQL nor HTTP may be waited for, so a thread of its own does both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from integration.error_reports import report_alarm
from integration.errors import Fault
from integration.ports import DueAlarm, Stores

GATHER_MS = 900_000
"""Equal alarms within a quarter of an hour are one; the first is sent at once."""
LEASE_MS = 30_000
"""An alarm taken and not told in this time is told by another process."""
LOOK_SECONDS = 5.0
"""How often the thread tries again what it could not count or send."""
MOST_KINDS = 500
"""Kinds a process keeps while SQL is away; what comes beyond is only logged."""

log = structlog.get_logger(__name__)

Post = Callable[[str], None]
"""Sends one text to people. Raises Fault when it cannot."""


@dataclass
class _Noted:
    """Alarms of one kind that are not in SQL yet."""

    text: str
    advice: str
    count: int = 0


class GroupedAlarm:
    """`ports.Alarm`. Safe for threads; its own thread starts with the first alarm and ends with `close`."""

    def __init__(
        self,
        stores: Callable[[int], Stores],
        post: Post | None,
        *,
        names: Callable[[int], str] = str,
        gather_ms: int = GATHER_MS,
        lease_ms: int = LEASE_MS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._stores = stores
        self._post = post
        self._names = names
        self._gather_ms = gather_ms
        self._lease_ms = lease_ms
        self._look_seconds = look_seconds
        self._noted: dict[tuple[int, str], _Noted] = {}
        self._pairs: set[int] = set()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def alert(self, pair_id: int, kind: str, text: str, advice: str, count: int = 1) -> None:
        """Send or fold one alert raised outside of a unit of work. Never raises."""
        log.warning("alarm", pair_id=pair_id, kind=kind, advice=advice, count=count)
        with self._lock:
            if (pair_id, kind) not in self._noted and len(self._noted) >= MOST_KINDS:
                return
            noted = self._noted.setdefault((pair_id, kind), _Noted(text, advice))
            noted.text, noted.advice = text, advice
            noted.count += count
        self.due(pair_id)

    def due(self, pair_id: int) -> None:
        """Have what units of work have gathered told by now. Never raises."""
        with self._lock:
            self._pairs.add(pair_id)
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
            self._wanted.wait(self._look_seconds if self._pairs else None)
            self._wanted.clear()
            closing = self._closing
            with self._lock:
                pairs, self._pairs = self._pairs, set()
            undone = {pair_id for pair_id in pairs if not self._tell(pair_id)}
            with self._lock:
                self._pairs |= undone

    def _tell(self, pair_id: int) -> bool:
        """Whether everything due of a pair is told."""
        with self._lock:
            noted = {key: self._noted.pop(key) for key in list(self._noted) if key[0] == pair_id}
        try:
            taken = self._take(pair_id, {kind: one for (_, kind), one in noted.items()})
        except Fault as fault:
            log.warning("alarms not counted", pair_id=pair_id, kinds=len(noted), error_code=fault.code)
            self._note_again(noted)
            return False
        told = [alarm for alarm in taken if self._send(pair_id, alarm)]
        untold = [alarm for alarm in taken if alarm not in told]
        return self._settle(pair_id, told, untold) and not untold

    def _take(self, pair_id: int, noted: dict[str, _Noted]) -> list[DueAlarm]:
        stores = self._stores(pair_id)
        if not noted:
            with stores.reading(pair_id) as uow:
                if not uow.alarms.any_due(self._gather_ms):
                    return []
        with stores.begin(pair_id, "alarm") as uow:
            for kind, one in noted.items():
                uow.alarms.gather(kind, one.text, one.advice, one.count)
            return uow.alarms.take(self._gather_ms, self._lease_ms)

    def _note_again(self, noted: dict[tuple[int, str], _Noted]) -> None:
        with self._lock:
            for key, one in noted.items():
                self._noted.setdefault(key, _Noted(one.text, one.advice)).count += one.count

    def _send(self, pair_id: int, alarm: DueAlarm) -> bool:
        times = f" ({alarm.count} times)" if alarm.count > 1 else ""
        words = f"[{self._names(pair_id)}] {alarm.text or alarm.kind}{times}\n{alarm.advice}".strip()
        try:
            if self._post is not None:
                self._post(words)
        except Fault as fault:
            log.exception("alarm not delivered", pair_id=pair_id, kind=alarm.kind, error_code=fault.code)
            return False
        log.info("people were told", pair_id=pair_id, kind=alarm.kind, count=alarm.count)
        report_alarm(alarm.kind)
        return True

    def _settle(self, pair_id: int, told: list[DueAlarm], untold: list[DueAlarm]) -> bool:
        """Whether SQL knows what people have heard; else they hear it twice, which harms less than never."""
        if not told and not untold:
            return True
        try:
            with self._stores(pair_id).begin(pair_id, "alarm.told") as uow:
                uow.alarms.told(told)
                uow.alarms.give_back(untold)
        except Fault as fault:
            log.warning("told alarms not counted", pair_id=pair_id, count=len(told), error_code=fault.code)
            return False
        return True
