"""Slots begin at fixed instants, whoever asks and whenever."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks.schedule import JOBS, Job, job_named
from tests.unit.wiring.sample import sample_pair

PAIR = sample_pair()


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-03-01T01:59:59", "2026-02-28T02:00:00.000+00:00"),
        ("2026-03-01T02:00:00", "2026-03-01T02:00:00.000+00:00"),
        ("2026-03-01T23:00:00", "2026-03-01T02:00:00.000+00:00"),
    ],
)
def test_nights_begin_at_two(now: str, slot: str) -> None:
    assert job_named("id-sweep").slot(PAIR, at(now)) == slot


def test_polls_follow_the_settings() -> None:
    often = sample_pair(policies={"poll_seconds": 3.0})
    job = job_named("poll-zoho")
    assert job.slot_begins(often, 10_500) == 9_000
    assert job.slot_begins(PAIR, 10_500) == 0


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_slot_lasts_as_long_as_it_should(job: Job) -> None:
    every, start = job.every_ms(PAIR), job.slot_begins(PAIR, at("2026-03-01T12:34:56"))
    assert job.slot(PAIR, start) == job.slot(PAIR, start + every - 1)
    assert job.slot(PAIR, start) != job.slot(PAIR, start + every)
