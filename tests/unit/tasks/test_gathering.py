"""Runs of one ring keep a moment apart while work keeps coming; a lone one never waits."""

from __future__ import annotations

import pytest

from tasks.gathering import Gathering


class Clock:
    """Time that passes by being waited for."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gathering(clock: Clock) -> Gathering:
    return Gathering(0.2, monotonic=clock, wait=clock.wait)


def test_a_lone_run_begins_at_once(gathering: Gathering, clock: Clock) -> None:
    gathering.begin("events", 1)
    clock.now += 0.2
    gathering.begin("events", 1)
    assert clock.waits == []


def test_one_right_behind_another_waits_for_what_comes(gathering: Gathering, clock: Clock) -> None:
    gathering.begin("events", 1)
    clock.now += 0.05
    gathering.begin("events", 1)
    gathering.begin("events", 1)
    assert clock.waits == [0.15, 0.2]


def test_only_events_are_gathered_and_pairs_do_not_wait_for_each_other(
    gathering: Gathering, clock: Clock
) -> None:
    gathering.begin("events", 1)
    gathering.begin("zoho", 1)
    gathering.begin("zoho", 1)
    gathering.begin("events", 2)
    assert clock.waits == []


def test_where_work_was_left_over_the_next_run_begins_at_once(gathering: Gathering, clock: Clock) -> None:
    gathering.begin("events", 1)
    gathering.go_on("events", 1)
    gathering.begin("events", 1)
    assert clock.waits == []
