"""The limiter when holders are killed and when Redis is flushed, restarted or gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integration.canonical.outcome import WorkClass
from integration.connectors.pace import RedisPace, limiter_client
from integration.connectors.pace_share import PaceLimits, StaticShare
from integration.errors import Throttled
from integration.processes.embedded_valkey import EmbeddedValkey
from tests.deadline import wait_until
from tests.unit.pace_caller import FileUsage, WallClock, build
from tests.unit.pace_parts import (
    LOOKUP,
    gathered,
    granted,
    make,
    most_in_any_window,
    most_in_flight,
    start,
    told,
)

pytestmark = [pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def usage(tmp_path: Path) -> FileUsage:
    return FileUsage(tmp_path / "usage")


def test_a_killed_holder_gives_its_slot_back_after_its_lease(redis_url: str, tmp_path: Path) -> None:
    message = told(redis_url, in_flight=1, per_minute=None, lease_seconds=1.5, wait_seconds=0.02)
    message |= {"usage": str(tmp_path / "usage")}
    with start(message | {"hold": True}) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        taken = time.monotonic()
        holder.kill()
    pace = build(message)
    assert not granted(pace)
    wait_until(lambda: granted(pace))
    assert 1.2 < time.monotonic() - taken < 4


def test_a_flush_does_not_open_a_full_window(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=20, minute_seconds=1.0, lease_seconds=0.3, wait_seconds=0.02)
    assert sum(granted(pace, LOOKUP) for _ in range(12)) == 12
    began = time.monotonic()
    limiter_client(redis_url).flushdb()
    assert sum(granted(pace, LOOKUP) for _ in range(20)) == 8
    wait_until(lambda: sum(granted(pace, LOOKUP) for _ in range(5)) == 5)
    assert 0.7 < time.monotonic() - began < 3


def test_without_a_count_a_flush_costs_one_window(redis_url: str) -> None:
    pace = make(redis_url, minute_seconds=0.5, lease_seconds=0.2, wait_seconds=0.02)
    wait_until(lambda: granted(pace))
    limiter_client(redis_url).flushdb()
    lost = time.monotonic()
    assert not granted(pace)
    wait_until(lambda: granted(pace))
    assert 0.6 < time.monotonic() - lost < 3


def test_flushes_under_load_never_lead_to_an_overrun(redis_url: str, tmp_path: Path) -> None:
    message = told(redis_url, in_flight=6, lease_seconds=0.3) | {
        "works": ["event"] * 5,
        "seconds": 3.0,
        "usage": str(tmp_path / "usage"),
    }
    processes = [start(message) for _ in range(2)]
    client = limiter_client(redis_url)
    flushes = 0
    while any(process.poll() is None for process in processes):
        if client.flushdb():
            flushes += 1
        began = time.monotonic()
        wait_until(lambda began=began: time.monotonic() - began > 0.15)  # type: ignore[misc]
    rows = gathered(processes)
    assert flushes > 8
    assert len(rows) > 30
    assert most_in_any_window(rows, 0.5) <= 20
    assert most_in_flight(rows) <= 6


@contextmanager
def own_server(directory: Path) -> Iterator[tuple[EmbeddedValkey, Callable[[], None], Callable[[], None]]]:
    """A server of this test's own that can be killed and started again."""
    server = EmbeddedValkey.prepare(directory)
    running: list[Any] = []

    def begin() -> None:
        running.append(server.running())
        running[-1].__enter__()

    def end() -> None:
        running.pop().__exit__(None, None, None)

    begin()
    try:
        yield server, begin, end
    finally:
        if running:
            end()


def test_a_restarted_server_is_not_trusted(tmp_path: Path, usage: FileUsage) -> None:
    """Its append-only file may lack the last second, though the keys are there."""
    with own_server(tmp_path) as (server, begin, end):
        url = server.address.url
        pace = make(url, usage, per_minute=20, minute_seconds=20, wait_seconds=0.02)
        assert sum(granted(pace, LOOKUP) for _ in range(12)) == 12
        end()
        begin()
        client = limiter_client(url)
        client.delete("pace:{main:zoho}:window:lookup")  # as if those were the writes that got lost
        fresh = make(url, usage, per_minute=20, minute_seconds=20, wait_seconds=0.02)
        assert sum(granted(fresh, LOOKUP) for _ in range(20)) == 8


def test_without_redis_the_fleet_stays_below_the_limit_and_comes_back(
    tmp_path: Path, usage: FileUsage
) -> None:
    with own_server(tmp_path) as (server, begin, end):
        fleet = [
            make(
                server.address.url,
                usage,
                minute_seconds=1.0,
                lease_seconds=0.3,
                wait_seconds=0.02,
                processes=4,
            )
            for _ in range(4)
        ]
        assert sum(granted(fleet[0], LOOKUP) for _ in range(12)) == 12
        end()
        # 12 of 20 are used: the four of them together may have the other 8.
        served = [sum(granted(pace, LOOKUP) for _ in range(10)) for pace in fleet]
        assert sum(served) <= 8
        assert served[0] == 2
        # Once that window is over every process has its quarter, again and again.
        wait_until(lambda: granted(fleet[0], LOOKUP))
        wait_until(lambda: granted(fleet[3], LOOKUP))
        begin()
        used = usage.since(WallClock().now_ms() - 1_000)
        wait_until(lambda: granted(fleet[1], LOOKUP))
        assert "pace:{main:zoho}:born" in limiter_client(server.address.url).keys("*")
        assert used <= 20


def test_calls_of_the_static_share_count_when_redis_was_only_out_of_reach(
    redis_url: str, usage: FileUsage
) -> None:
    pace = make(redis_url, usage, minute_seconds=30, wait_seconds=0.02, processes=4)
    assert sum(granted(pace, LOOKUP) for _ in range(12)) == 12
    pace._lost(ConnectionError())
    assert sum(granted(pace, LOOKUP) for _ in range(5)) == 2
    wait_until(lambda: granted(pace, LOOKUP))
    assert sum(granted(pace, LOOKUP) for _ in range(20)) == 5


def test_a_flush_between_grant_and_count_is_noticed(redis_url: str, usage: FileUsage) -> None:
    """The rebuilt numbers lack a call that was not counted yet, so it must not be sent on its old grant."""
    other = make(redis_url, usage, per_minute=1, minute_seconds=30, wait_seconds=0.02)
    others: list[bool] = []

    class LateCount:
        def add(self, work: WorkClass, calls: int, at_ms: int) -> None:
            if not others:
                limiter_client(redis_url).flushdb()
                others.append(granted(other))
            usage.add(work, calls, at_ms)

        def since(self, at_ms: int) -> int:
            return usage.since(at_ms)

    pace = RedisPace(
        limiter_client(redis_url),
        "main:zoho",
        PaceLimits(50, 1, 30, wait_seconds=0.02),
        WallClock(),
        LateCount(),
    )
    assert not granted(pace)
    assert others == [True]


def test_the_static_share_of_nobody_is_told_as_throttled(tmp_path: Path) -> None:
    server = EmbeddedValkey.prepare(tmp_path)  # never started
    pace = make(server.address.url, wait_seconds=0.02)
    with pytest.raises(Throttled) as caught, pace.take(LOOKUP):
        pass
    assert caught.value.scope == "static_share"
    assert caught.value.seconds > 0


def test_static_share_counts_slots_and_windows() -> None:
    now = [100.0]
    limits = PaceLimits(8, 8, minute_seconds=10, lease_seconds=1, processes=4)
    share = StaticShare(limits, None, lambda: now[0])
    share.begin(0)
    assert share.take(1) > 0, "nothing is known, so nothing is free"
    now[0] += 11.0
    assert [share.take(1), share.take(1)] == [0, 0]
    assert share.take(1) > 0, "both slots are taken"
    share.release()
    share.release()
    assert share.take(1) == pytest.approx(11.0), "the window has its two calls"
    now[0] += 11.1
    assert share.take(1) == 0
