"""The bell over a real Valkey, and without one."""

from __future__ import annotations

import base64
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from integration.processes.ports import free_port
from integration.wiring.counters import counters
from tasks.app import create_app
from tasks.bell import FLAG_MS, RINGS, CeleryBell, Publisher, Step, bell_for
from tasks.configuration import publishing_options
from tests.unit.wiring.sample import sample_settings

PAIR = 7


class Publications:
    """Keeps what was published, or refuses it."""

    def __init__(self) -> None:
        self.sent: list[tuple[tuple[Step, ...], int]] = []
        self.error: Exception | None = None

    def __call__(self, steps: tuple[Step, ...], pair_id: int) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append((steps, pair_id))


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def flags(url: str) -> Any:
    return redis.Redis.from_url(url, decode_responses=True)


def test_rings_until_answered_are_one(redis_url: str) -> None:
    published = Publications()
    bell = CeleryBell(redis_url, published)
    for _ in range(3):
        bell.ring("events", PAIR)
    assert published.sent == [(RINGS["events"], PAIR)]
    assert 0 < flags(redis_url).pttl(f"bell:events:{PAIR}") <= FLAG_MS
    bell.clear("events", PAIR)
    bell.ring("events", PAIR)
    assert len(published.sent) == 2


def test_queues_and_pairs_ring_apart(redis_url: str) -> None:
    published = Publications()
    bell = CeleryBell(redis_url, published)
    for queue, pair in (("events", 1), ("events", 2), ("zoho", 1)):
        bell.ring(queue, pair)
    assert [pair for _, pair in published.sent] == [1, 2, 1]


def test_a_ring_that_was_not_published_does_not_silence_the_next(redis_url: str) -> None:
    published, clock = Publications(), Clock()
    bell = CeleryBell(redis_url, published, monotonic=clock)
    published.error = redis.ConnectionError("gone")
    bell.ring("events", PAIR)
    assert flags(redis_url).keys("bell:*") == []
    published.error = None
    bell.ring("events", PAIR)
    assert published.sent == []  # it rests, so that nobody waits for a dead Redis again and again
    clock.now += 2
    bell.ring("events", PAIR)
    assert len(published.sent) == 1


def test_without_redis_nothing_is_raised_and_nobody_waits() -> None:
    port = free_port()
    published = Publications()
    bell = CeleryBell(f"redis://127.0.0.1:{port}/0", published)
    began = time.monotonic()
    for _ in range(50):
        bell.ring("events", PAIR)
        bell.clear("events", PAIR)
    assert time.monotonic() - began < 1.0
    assert published.sent == []
    assert counters.totals()["bell_failures_total", ()] >= 1


def test_a_redis_that_never_answers_costs_a_moment_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        bell = CeleryBell(f"redis://127.0.0.1:{mute.getsockname()[1]}/0", Publications())
        began = time.monotonic()
        for _ in range(20):
            bell.ring("events", PAIR)
        assert time.monotonic() - began < 1.0


def test_no_address_is_silence(tmp_path: Path, sqlite_url: str) -> None:
    bell_for(sample_settings(tmp_path, sqlite_url)).ring("events", PAIR)


def test_message_is_a_chain_over_ids(tmp_path: Path, sqlite_url: str, redis_url: str) -> None:
    """What goes over Redis: task names and the pair's id, nothing else of ours."""
    app = create_app(sample_settings(tmp_path, sqlite_url, redis_url))
    Publisher(app, publishing_options())(RINGS["events"], PAIR)
    [raw] = flags(redis_url).lrange("events", 0, -1)
    message = json.loads(raw)
    assert message["headers"]["task"] == "line.transform"
    args, kwargs, embedded = json.loads(base64.b64decode(message["body"]))
    assert (args, kwargs) == ([PAIR], {})
    [link] = embedded["chain"]
    assert (link["task"], link["args"], link["immutable"]) == ("line.validate", [PAIR], True)
    assert link["options"]["queue"] == "events"


@pytest.mark.parametrize("name", sorted(RINGS))
def test_every_ring_goes_to_its_queue(name: str, tmp_path: Path, sqlite_url: str, redis_url: str) -> None:
    bell = bell_for(sample_settings(tmp_path, sqlite_url, redis_url))
    bell.ring(name, PAIR)
    assert flags(redis_url).llen(RINGS[name][0][1]) == 1


def test_publishing_survives_a_flush(tmp_path: Path, sqlite_url: str, redis_url: str) -> None:
    bell = bell_for(sample_settings(tmp_path, sqlite_url, redis_url))
    bell.ring("events", PAIR)
    flags(redis_url).flushall()
    bell.ring("events", PAIR)
    assert flags(redis_url).llen("events") == 1
