"""Celery is told everything it must not guess, and every name in a ring exists."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from integration.errors import ConfigurationFault
from integration.processes import specs
from tasks.app import TASK_MODULES, LineApp, create_app
from tasks.bell import RINGS
from tasks.configuration import QUEUES, SWEEP, celery_configuration
from tests.unit.wiring.sample import sample_settings


def test_queues_are_those_of_the_workers() -> None:
    assert QUEUES == specs.QUEUES
    served = {queue for kind in specs.ON_POSTGRES for queue in kind.queues}
    assert served == set(QUEUES) == {queue for kind in specs.ON_SQLITE for queue in kind.queues}


def test_every_ring_names_tasks_and_their_queues(worker_app: LineApp) -> None:
    for name in TASK_MODULES:
        importlib.import_module(name)
    assert {queue for steps in RINGS.values() for _, queue in steps} == set(QUEUES)
    ours = {name for name in worker_app.tasks if not name.startswith("celery.")}
    assert ours == {task for steps in RINGS.values() for task, _ in steps} | {SWEEP}


def test_messages_are_json_late_and_without_results(tmp_path: Path, sqlite_url: str) -> None:
    conf = create_app(sample_settings(tmp_path, sqlite_url, "redis://127.0.0.1:1/0")).conf
    assert conf.accept_content == ["json"]
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert not conf.task_create_missing_queues
    assert [queue.name for queue in conf.task_queues] == list(QUEUES)


def test_beat_knows_only_the_sweep(tmp_path: Path, sqlite_url: str) -> None:
    schedule = celery_configuration(sample_settings(tmp_path, sqlite_url, "redis://127.0.0.1:1/0"))[
        "beat_schedule"
    ]
    assert [entry["task"] for entry in schedule.values()] == [SWEEP]
    assert schedule["sweep"]["options"]["queue"] == "maintenance"


def test_no_redis_is_told(tmp_path: Path, sqlite_url: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        celery_configuration(sample_settings(tmp_path, sqlite_url))
    assert "REDIS_URL" in caught.value.advice
