"""A process that calls under the limiter as fast as it may, and tells when: run by the tests of the limiter.

One JSON argument in; on stdout a JSON list of [class, began, arrived, ended], seconds of the machine's
monotonic clock. `arrived` is a random moment of the call: all the other system would see.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from integration.canonical.outcome import WorkClass
from integration.connectors.pace import RedisPace, limiter_client
from integration.connectors.pace_share import PaceLimits
from integration.errors import Throttled
from integration.log import configure_logging

Row = tuple[str, float, float, float]


class WallClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class FileUsage:
    """Counts granted calls in a file that several processes append to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._path.touch()

    def add(self, work: WorkClass, calls: int, at_ms: int) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(f"{at_ms}\n".encode() * calls)

    def since(self, at_ms: int) -> int:
        return sum(int(line) >= at_ms for line in self._path.read_text().split())


class Caller:
    """Threads of one class that call until told to stop."""

    def __init__(self, pace: RedisPace, work: WorkClass, most_seconds: float) -> None:
        self._pace = pace
        self._work = work
        self._most_seconds = most_seconds
        self.rows: list[Row] = []
        self.throttled = 0

    def run(self, until: float) -> None:
        chance = random.Random()
        pause = threading.Event()
        while time.monotonic() < until:
            try:
                with self._pace.take(self._work):
                    began = time.monotonic()
                    pause.wait(chance.uniform(0, self._most_seconds / 2))
                    arrived = time.monotonic()
                    pause.wait(chance.uniform(0, self._most_seconds / 2))
                    self.rows.append((self._work.value, began, arrived, time.monotonic()))
            except Throttled as fault:
                self.throttled += 1
                pause.wait(min(fault.seconds, 0.05))


def call_for(
    pace: RedisPace, works: list[WorkClass], seconds: float, most_seconds: float = 0.02
) -> list[Row]:
    """One thread per entry of `works`; returns all calls."""
    until = time.monotonic() + seconds
    callers = [Caller(pace, work, most_seconds) for work in works]
    threads = [threading.Thread(target=caller.run, args=(until,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [row for caller in callers for row in caller.rows]


def build(told: dict[str, Any]) -> RedisPace:
    usage = FileUsage(Path(told["usage"])) if told.get("usage") else None
    return RedisPace(
        limiter_client(told["url"]), told["name"], PaceLimits(**told["limits"]), WallClock(), usage
    )


def main() -> None:
    configure_logging("ERROR", "json")
    told = json.loads(sys.argv[1])
    if told.get("hold"):
        with build(told).take(WorkClass.EVENT):
            print("held", flush=True)  # noqa: T201 - what the test waits for
            threading.Event().wait(60)
    rows = call_for(build(told), [WorkClass(work) for work in told["works"]], told["seconds"])
    print(json.dumps(rows))  # noqa: T201 - its result


if __name__ == "__main__":
    main()
