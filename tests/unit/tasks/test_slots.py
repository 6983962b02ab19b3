"""Two beats, lost messages and dead workers: every slot is run once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integration.canonical.values import Side
from integration.errors import Retryable
from integration.ports import Cursor
from integration.wiring import WiredPair
from tasks.app import LineApp
from tasks.schedule import JOBS, job_named
from tasks.slots import BEGAN, insert_due, slot_task

NAMES = [job.name for job in JOBS]


@pytest.fixture
def pair(worker_app: LineApp) -> WiredPair:
    return worker_app.wiring.pair("main")


def begin_long_ago(pair: WiredPair) -> None:
    with pair.services.stores.begin(pair.services.pair_id) as uow:
        uow.pairs.state()
        uow.cursors.put(Cursor(BEGAN, Side.SALESFORCE, watermark=1))


def test_nothing_was_missed_before_the_first_sweep(pair: WiredPair) -> None:
    assert insert_due(pair) == []


def test_a_second_beat_inserts_nothing_but_rings_what_nobody_took(pair: WiredPair) -> None:
    begin_long_ago(pair)
    assert insert_due(pair) == NAMES
    assert insert_due(pair) == NAMES  # the same rows: their messages may have been lost


def test_a_slot_is_run_once(pair: WiredPair) -> None:
    begin_long_ago(pair)
    insert_due(pair)
    runs: list[str] = []

    def work(given: WiredPair) -> dict[str, int]:
        runs.append(given.settings.name)
        assert "id-sweep" not in insert_due(given), "a run under way is nobody else's"
        return {"asked_for": 0}

    task = slot_task("test.once", "id-sweep")(work)
    for _ in range(3):
        task.run(pair.services.pair_id)
    assert runs == ["main"]
    assert "id-sweep" not in insert_due(pair)


def test_a_failed_run_comes_back_when_its_lease_has_ended(
    pair: WiredPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_long_ago(pair)
    short = replace(job_named("id-sweep"), lease_ms=0)
    monkeypatch.setattr("tasks.slots.job_named", lambda _name: short)
    tries: list[int] = []

    def work(_pair: WiredPair) -> dict[str, int]:
        tries.append(1)
        if len(tries) == 1:
            raise Retryable("network.connect", "away")
        return {}

    task = slot_task("test.again", "id-sweep")(work)
    with pytest.raises(Retryable):
        task.run(pair.services.pair_id)
    assert "id-sweep" in insert_due(pair)
    task.run(pair.services.pair_id)
    assert len(tries) == 2
    assert "id-sweep" not in insert_due(pair)
