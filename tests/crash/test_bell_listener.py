"""Listeners: one follows the stream, the others stand by; killed or frozen, it loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

import pytest

from tests.crash.plants import crash_sandbox, plant
from tests.crash.processes import Plant
from tests.deadline import wait_until

__all__ = ["crash_sandbox", "plant"]

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(180)]

TOOK_OVER = "listener took over"
SECONDS = 40.0


@pytest.fixture
def policies() -> dict[str, Any]:
    """Leases short enough to be waited for."""
    return {"lease_seconds": 6.0}


def create(plant: Plant, *numbers: int) -> set[str]:
    """New Accounts of a person; returns their ids."""
    names = [f"Harbour Mills {number}" for number in numbers]
    return {plant.sandbox.edit("salesforce", "Account", {"Name": name})["Id"] for name in names}


def arrived(plant: Plant) -> set[str]:
    return {row[0] for row in plant.rows("SELECT record_id FROM inbox_events WHERE side = 'salesforce'")}


def await_events(plant: Plant, accounts: set[str]) -> None:
    wait_until(lambda: accounts <= arrived(plant), SECONDS, f"the events of {len(accounts)} have arrived")


def told_by_an_edit(plant: Plant) -> bool:
    return bool(create(plant, 0) and arrived(plant))


def has_role(plant: Plant, process: subprocess.Popen[bytes]) -> bool:
    return bool(plant.logged(process, TOOK_OVER))


def two_listeners(plant: Plant) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """The active one, which has followed the stream, and one that stands by."""
    active = plant.listener()
    wait_until(lambda: has_role(plant, active), SECONDS, "the listener has the role")
    waiting = plant.listener()
    # The first events may come before the stream is open; they are not told then.
    wait_until(lambda: told_by_an_edit(plant), SECONDS, "the stream is followed")
    return active, waiting


def numbers(plant: Plant) -> list[tuple[int, int]]:
    """Places in the stream, as they were given."""
    statement = "SELECT generation, arrival FROM inbox_events WHERE side = 'salesforce' ORDER BY id"
    return [(int(row[0]), int(row[1])) for row in plant.rows(statement)]


def test_another_takes_over_where_the_killed_one_stood(plant: Plant) -> None:
    active, waiting = two_listeners(plant)
    assert not has_role(plant, waiting)
    await_events(plant, create(plant, 1, 2, 3))
    plant.kill(active)
    await_events(plant, create(plant, 4, 5))
    assert has_role(plant, waiting)
    places = numbers(plant)
    assert places == sorted(set(places))
    assert {generation for generation, _ in places} == {1}


def test_one_that_slept_stores_nothing_any_more(plant: Plant) -> None:
    """Frozen beyond its lease it wakes up believing it listens: the fence stops it."""
    active, waiting = two_listeners(plant)
    os.kill(active.pid, signal.SIGSTOP)
    await_events(plant, create(plant, 1, 2, 3))
    os.kill(active.pid, signal.SIGCONT)
    await_events(plant, create(plant, 4))
    wait_until(lambda: plant.logged(active, "listener stopped"), SECONDS, "the old one has noticed")
    places = numbers(plant)
    assert places == sorted(set(places))
    assert has_role(plant, waiting)


def test_told_to_stop_it_hands_over_at_once(plant: Plant) -> None:
    active, waiting = two_listeners(plant)
    active.send_signal(signal.SIGTERM)
    assert active.wait(15) == 0
    wait_until(lambda: has_role(plant, waiting), SECONDS)
    await_events(plant, create(plant, 1))
