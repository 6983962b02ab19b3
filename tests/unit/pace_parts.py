"""What the tests of the limiter share: a scaled window, processes that call, and how to count their calls."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from integration.canonical.outcome import WorkClass
from integration.connectors.pace import RedisPace, limiter_client
from integration.connectors.pace_share import PaceLimits
from integration.errors import Throttled
from tests.unit.pace_caller import FileUsage, Row, WallClock

ROOT = Path(__file__).resolve().parents[2]
EVENT, BATCH, LOOKUP = WorkClass.EVENT, WorkClass.BATCH, WorkClass.LOOKUP


def most_in_any_window(rows: list[Row], seconds: float) -> int:
    """The fullest sliding window of arrivals; a fixed window is never fuller."""
    times = sorted(row[2] for row in rows)
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def most_in_flight(rows: list[Row]) -> int:
    steps = sorted([(row[1], 1) for row in rows] + [(row[3], -1) for row in rows])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def told(url: str, **limits: Any) -> dict[str, Any]:
    defaults = {
        "in_flight": 50,
        "per_minute": 20,
        "minute_seconds": 0.5,
        "lease_seconds": 1.0,
        "wait_seconds": 0.2,
    }
    return {"url": url, "name": "main:zoho", "limits": defaults | limits}


def make(url: str, usage: FileUsage | None = None, **limits: Any) -> RedisPace:
    found = told(url, **limits)
    return RedisPace(limiter_client(url), found["name"], PaceLimits(**found["limits"]), WallClock(), usage)


def start(message: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.unit.pace_caller", json.dumps(message)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def gathered(processes: list[subprocess.Popen[str]]) -> list[Row]:
    rows: list[Row] = []
    for process in processes:
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        rows += [tuple(row) for row in json.loads(out.splitlines()[-1])]  # type: ignore[misc]
    return rows


def granted(pace: RedisPace, work: WorkClass = EVENT) -> bool:
    """Whether a call is free right now (it is taken and over at once)."""
    try:
        with pace.take(work):
            return True
    except Throttled:
        return False


def hold(pace: RedisPace, work: WorkClass, count: int, stack: ExitStack) -> None:
    for _ in range(count):
        stack.enter_context(pace.take(work))
