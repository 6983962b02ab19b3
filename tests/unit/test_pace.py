"""The limiter against a real server: real threads, real processes, a scaled window."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from integration.connectors.pace import RedisPace, limiter_client
from integration.connectors.pace_share import PaceLimits
from integration.errors import ConfigurationFault, Throttled
from tests.deadline import wait_until
from tests.unit.pace_caller import FileUsage, WallClock, call_for
from tests.unit.pace_parts import (
    BATCH,
    EVENT,
    LOOKUP,
    gathered,
    granted,
    hold,
    make,
    most_in_any_window,
    most_in_flight,
    start,
    told,
)

pytestmark = pytest.mark.redis


@pytest.fixture
def usage(tmp_path: Path) -> FileUsage:
    return FileUsage(tmp_path / "usage")


# ------------------------------------------------------------------- limits


@pytest.mark.slow
def test_several_processes_never_pass_the_limits_and_use_them(redis_url: str, tmp_path: Path) -> None:
    message = told(redis_url, in_flight=6) | {
        "works": ["event"] * 4 + ["batch"] * 2 + ["lookup"],
        "seconds": 3.0,
        "usage": str(tmp_path / "usage"),
    }
    rows = gathered([start(message) for _ in range(3)])
    assert most_in_any_window(rows, 0.5) <= 20
    assert most_in_flight(rows) <= 6
    assert len(rows) >= 20 * 6 * 0.6, "far below what is allowed"


def test_a_refusal_takes_from_no_limit(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, in_flight=1, per_minute=3, minute_seconds=30, wait_seconds=0.02)
    with pace.take(EVENT):
        assert not any(granted(pace) for _ in range(5))
    assert [granted(pace) for _ in range(3)] == [True, True, False]


def test_no_minute_limit_is_no_limit(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, in_flight=2, per_minute=None, wait_seconds=0.02)
    assert all(granted(pace) for _ in range(200))
    with pace.take(EVENT), pace.take(EVENT):
        assert not granted(pace)


def test_calls_count_from_their_end(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=1, minute_seconds=0.4, wait_seconds=0.02)
    with pace.take(EVENT):
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 0.3)
        ended = time.monotonic()
    wait_until(lambda: granted(pace))
    assert time.monotonic() - ended >= 0.399


def test_several_calls_under_one_slot_all_count(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=5, minute_seconds=30, wait_seconds=0.02)
    with pace.take(EVENT, 3):
        pass
    assert [granted(pace) for _ in range(3)] == [True, False, False]  # one is kept for look-ups
    assert granted(pace, LOOKUP)
    with pytest.raises(ConfigurationFault), pace.take(EVENT, 6):
        pass


def test_who_is_refused_is_told_when_to_come_back(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=1, minute_seconds=0.5, wait_seconds=0.05)
    assert granted(pace)
    with pytest.raises(Throttled) as caught, pace.take(EVENT):
        pass
    assert caught.value.scope == "minute"
    assert 0.3 < caught.value.seconds <= 0.5


def test_a_short_wait_is_waited_in_place(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=1, minute_seconds=0.2, wait_seconds=1.0)
    assert granted(pace)
    began = time.monotonic()
    assert granted(pace)
    assert 0.15 < time.monotonic() - began < 0.8


def test_a_batch_waits_for_its_share_where_others_are_told_to_come_back(
    redis_url: str, usage: FileUsage
) -> None:
    limits = {"per_minute": 10, "minute_seconds": 0.6, "wait_seconds": 0.0, "batch_wait_seconds": 2.0}
    pace = make(redis_url, usage, **limits)
    while granted(pace):
        continue
    assert granted(pace, BATCH)


def test_no_class_waits_for_a_limit_that_lasts(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, batch_wait_seconds=2.0)
    pace.pause(3_600, "day")
    assert not granted(pace, BATCH)


def test_pairs_do_not_share(redis_url: str, usage: FileUsage, tmp_path: Path) -> None:
    one = make(redis_url, usage, per_minute=1, minute_seconds=30, wait_seconds=0.02)
    other = RedisPace(
        limiter_client(redis_url), "other:zoho", PaceLimits(1, 1), WallClock(), FileUsage(tmp_path / "other")
    )
    assert granted(one)
    assert not granted(one)
    assert granted(other)


def test_a_pause_stops_everybody_and_a_shorter_one_does_not_end_it(redis_url: str, usage: FileUsage) -> None:
    one, other = make(redis_url, usage), make(redis_url, usage)
    assert granted(other)
    one.pause(0.6, "day")
    one.pause(0.1, "minute")
    began = time.monotonic()
    with pytest.raises(Throttled) as caught, other.take(LOOKUP):
        pass
    assert caught.value.scope == "day"
    wait_until(lambda: granted(other))
    assert 0.5 < time.monotonic() - began < 2


# ------------------------------------------------------------------- classes


def test_people_find_a_free_call_behind_a_backlog(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=20, minute_seconds=30, wait_seconds=0.02)
    served = [granted(pace, EVENT) for _ in range(20)]
    assert sum(served) == 16
    assert sum(granted(pace, LOOKUP) for _ in range(10)) == 4


def test_in_flight_slots_are_kept_for_people_too(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, in_flight=10, per_minute=None, wait_seconds=0.02)
    with ExitStack() as stack:
        hold(pace, BATCH, 8, stack)
        assert not granted(pace, BATCH)
        assert granted(pace, LOOKUP)


@pytest.mark.slow
def test_order_of_classes_and_nothing_starves(redis_url: str, usage: FileUsage) -> None:
    pace = make(redis_url, usage, per_minute=20, in_flight=50, minute_seconds=0.5)
    works = [EVENT] * 6 + [BATCH] * 6 + [LOOKUP] * 6
    rows = call_for(pace, works, 4.0, most_seconds=0.005)
    served = Counter(row[0] for row in rows)
    assert served["lookup"] > served["event"] > served["batch"]
    assert served["batch"] >= 0.07 * len(rows)
    assert served["event"] >= 0.3 * len(rows)
    assert most_in_any_window(rows, 0.5) <= 20


@pytest.mark.slow
def test_events_leave_little_to_batches_and_batches_take_what_is_free(
    redis_url: str, usage: FileUsage
) -> None:
    pace = make(redis_url, usage, per_minute=20, minute_seconds=0.5)
    alone = call_for(pace, [BATCH] * 6, 1.5, most_seconds=0.005)
    assert len(alone) >= 16 * 2
    rows = call_for(pace, [EVENT] * 6 + [BATCH] * 6, 3.0, most_seconds=0.005)
    served = Counter(row[0] for row in rows[10:])
    assert served["event"] > 3 * served["batch"] > 0


def test_a_batch_that_was_refused_finds_its_share_when_it_comes_back(
    redis_url: str, usage: FileUsage
) -> None:
    pace = make(redis_url, usage, minute_seconds=0.4, lease_seconds=5, wait_seconds=0.02)
    assert sum(granted(pace, EVENT) for _ in range(20)) == 16
    assert not granted(pace, BATCH)
    wait_until(lambda: pace_is_empty(redis_url))
    # 20, less 4 kept for people, less 2 for the batch
    assert sum(granted(pace, EVENT) for _ in range(20)) == 14
    assert [granted(pace, BATCH) for _ in range(3)] == [True, True, False]


def pace_is_empty(redis_url: str) -> bool:
    with limiter_client(redis_url) as client:
        seconds, micros = client.time()  # type: ignore[misc] # this client is not asynchronous
        return not client.zcount("pace:{main:zoho}:window:event", seconds * 1000 + micros // 1000, "+inf")
