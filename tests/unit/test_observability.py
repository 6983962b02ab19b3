"""Celery's side of logs and reports: the correlation id travels in headers and is bound while a task runs."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from celery import signals

from integration.log import correlation, current_correlation
from integration.settings import load_settings
from tasks import observability

SIGNALS = ("setup_logging", "celeryd_init", "beat_init", "before_task_publish", "task_prerun", "task_postrun",
           "task_unknown", "task_rejected")  # fmt: skip


def task(**headers: str) -> Any:
    return SimpleNamespace(name="transform", request=SimpleNamespace(**headers))


def test_message_carries_the_id_in_force() -> None:
    headers: dict[str, Any] = {}
    with correlation("c-1"):
        observability.stamp(headers=headers)
    assert headers == {"correlation_id": "c-1"}


def test_message_without_an_id_stays_as_it_is() -> None:
    headers: dict[str, Any] = {}
    observability.stamp(headers=headers)
    assert headers == {}


def test_given_id_is_not_replaced() -> None:
    headers: dict[str, Any] = {"correlation_id": "given"}
    with correlation("c-1"):
        observability.stamp(headers=headers)
    assert headers == {"correlation_id": "given"}


def test_task_is_bound_while_it_runs() -> None:
    observability.bind(task_id="t-1", task=task(correlation_id="c-1"))
    assert structlog.contextvars.get_contextvars() == {
        "correlation_id": "c-1", "task": "transform", "task_id": "t-1"
    }  # fmt: skip
    observability.unbind(task_id="t-1")
    assert structlog.contextvars.get_contextvars() == {}


def test_task_without_header_is_followed_by_its_own_id() -> None:
    observability.bind(task_id="t-1", task=task())
    assert current_correlation() == "t-1"
    observability.unbind(task_id="t-1")
    observability.unbind(task_id="t-1")  # a second end is harmless


def test_dropped_messages_are_told() -> None:
    with structlog.testing.capture_logs() as lines:
        observability.tell_unknown(name="gone")
        observability.tell_rejected(message=SimpleNamespace(headers={"task": "bad"}))
    assert [(line["event"], line["task"]) for line in lines] == [
        ("unknown task received", "gone"),
        ("unreadable message dropped", "bad"),
    ]


@pytest.mark.parametrize(("handlers", "ours"), [([], True), ([logging.NullHandler()], False)])
def test_a_process_nobody_set_up_logging_for_gets_ours(
    monkeypatch: pytest.MonkeyPatch, handlers: list[logging.Handler], ours: bool
) -> None:
    """Flower is such a process; a worker is set up by Celery's signal, and a receiver has done it itself."""
    done: list[tuple[str, str]] = []
    monkeypatch.setattr(logging.getLogger(), "handlers", handlers)
    monkeypatch.setattr(observability, "configure_logging", lambda *given: done.append(given))
    monkeypatch.setattr(observability, "hide_tracebacks", lambda: None)
    for name in SIGNALS:
        monkeypatch.setattr(getattr(signals, name), "receivers", [])
    observability.connect(load_settings(environ={"INTEGRATION_STATE_DIR": "unused"}), "1.0")
    assert bool(done) is ours


def test_connect_reaches_every_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SIGNALS:
        monkeypatch.setattr(getattr(signals, name), "receivers", [])
    observability.connect(load_settings(environ={"INTEGRATION_STATE_DIR": "unused"}), "1.0")
    assert [name for name in SIGNALS if not getattr(signals, name).receivers] == []
