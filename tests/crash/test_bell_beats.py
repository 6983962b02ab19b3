"""Beat may run twice, or its messages be lost: every slot of every job is run once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.crash.plants import crash_sandbox, plant
from tests.crash.processes import Plant
from tests.deadline import wait_until

__all__ = ["crash_sandbox", "plant"]

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(180)]

SLOTS = "SELECT job, slot FROM runs WHERE state = 'done'"


@pytest.fixture
def policies() -> dict[str, float]:
    """Slots of a second, and a sweep that comes more often than slots begin."""
    return {"sweep_seconds": 0.3, "poll_seconds": 1.0}


def beat(plant: Plant) -> None:
    plant.start("celery", "-A", "tasks.app", "beat", "--scheduler", "celery.beat:Scheduler")


def test_two_beats_run_every_slot_once(plant: Plant) -> None:
    workers = [plant.worker("batch", "maintenance", "dead-letter") for _ in range(2)]
    beat(plant)
    beat(plant)
    wait_until(lambda: len(plant.rows(SLOTS)) >= 8, 60, "eight slots were run")
    plant.valkey.flush()  # ticks and rings are lost with it
    known = len(plant.rows(SLOTS))
    wait_until(lambda: len(plant.rows(SLOTS)) >= known + 4, 60, "slots are run after a loss")
    plant.stop()
    told = Counter(
        (line["job"], line["slot"]) for worker in workers for line in plant.logged(worker, "run done")
    )
    assert set(told.values()) == {1}
    done = {(job, slot) for job, slot in plant.rows(SLOTS)}
    assert set(told) == done
    assert {job for job, _ in done} >= {"poll-zoho", "poll-salesforce"}


def test_the_sweep_finds_what_nobody_rang_for(plant: Plant) -> None:
    """Stored by a process that was killed before its ring: beat, sweep and a worker make up for it."""
    plant.store(range(20))
    plant.valkey.flush()
    plant.worker("events", "maintenance")
    beat(plant)
    wait_until(lambda: not plant.waiting(), 60, "everything stored is worked")
