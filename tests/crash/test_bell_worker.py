"""Real workers are killed, Redis is emptied, messages vanish: one sweep later all that was stored is seen."""

from __future__ import annotations

import signal

import pytest

from tests.crash.plants import crash_sandbox, plant, policies
from tests.crash.processes import Plant
from tests.deadline import wait_until

__all__ = ["crash_sandbox", "plant", "policies"]

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(180)]

SECONDS = 30.0


def all_worked(plant: Plant) -> None:
    wait_until(lambda: not plant.waiting(), SECONDS, "everything stored is worked")


def test_a_ring_wakes_a_worker_without_any_sweep(plant: Plant) -> None:
    plant.worker("events")
    for start in range(0, 40, 10):
        plant.store(range(start, start + 10))
    all_worked(plant)
    assert plant.rows("SELECT count(*) FROM lanes") == [(40,)]


def test_a_killed_worker_leaves_nothing_behind(plant: Plant) -> None:
    """SIGKILL while it works; what it held is free again, and another one takes it after a sweep."""
    first = plant.worker("events")
    plant.store(range(5))
    all_worked(plant)
    plant.store(range(5, 300))
    plant.kill(first)
    plant.store(range(300, 320))
    plant.worker("events")
    plant.sweep()
    all_worked(plant)
    assert plant.rows("SELECT count(*) FROM lanes") == [(320,)]
    assert plant.rows("SELECT count(*) FROM inbox_events WHERE state = 'received'") == [(0,)]


def test_redis_emptied_in_the_middle(plant: Plant) -> None:
    worker = plant.worker("events")
    plant.store(range(100))
    plant.valkey.flush()
    plant.store(range(100, 150))
    plant.sweep()
    all_worked(plant)
    assert worker.poll() is None


def test_messages_that_nobody_received(plant: Plant) -> None:
    """Rung, and lost with the broker's memory: flags and lists are gone before a worker was there."""
    plant.store(range(20))
    plant.valkey.flush()
    plant.worker("events")
    assert plant.waiting() == {"received": 20}
    assert plant.sweep() == {"events": 20}
    all_worked(plant)


def test_a_worker_ends_soon_when_told_to(plant: Plant) -> None:
    worker = plant.worker("events", "salesforce", "zoho")
    plant.store(range(50))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0


def test_nothing_private_is_in_redis(plant: Plant) -> None:
    """Messages carry the pair's id; names of customers stay in SQL."""
    import redis

    plant.store(range(10))
    client = redis.Redis.from_url(plant.valkey.address.url)
    keys = list(client.scan_iter())
    assert b"events" in keys
    held = b"".join(client.dump(key) or b"" for key in keys)
    client.close()
    assert b"Harbour" not in held
    assert b"4600000000" not in held
