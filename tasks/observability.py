"""Ties Celery to the product's logs and error reports; connected by the app when a process starts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import structlog
from celery import signals

from integration.error_reports import init_error_reports
from integration.log import configure_logging, correlation, current_correlation, hide_tracebacks
from integration.settings import Settings

HEADER = "correlation_id"

log = structlog.get_logger()
_bound: dict[str, ExitStack] = {}


def connect(settings: Settings, release: str) -> None:
    """Hook logging, correlation and error reports into every Celery process of this app."""

    def set_up_logging(**_: object) -> None:
        # A receiver on this signal is what keeps Celery from configuring logging itself.
        configure_logging(settings.log.level, settings.log.format)
        hide_tracebacks()

    def set_up_reports(**_: object) -> None:
        if settings.sentry_dsn is not None:
            _report_errors(settings, release)

    if not logging.getLogger().handlers:
        set_up_logging()  # Flower and Celery's own commands send no signal
    signals.setup_logging.connect(set_up_logging, weak=False)
    signals.celeryd_init.connect(set_up_reports, weak=False)
    signals.beat_init.connect(set_up_reports, weak=False)
    signals.before_task_publish.connect(stamp)
    signals.task_prerun.connect(bind)
    signals.task_postrun.connect(unbind)
    signals.task_unknown.connect(tell_unknown)
    signals.task_rejected.connect(tell_rejected)


def stamp(headers: dict[str, Any] | None = None, **_: object) -> None:
    """Give a message the correlation id in force, because Celery does not copy headers to the next link."""
    if headers is not None and current_correlation():
        headers.setdefault(HEADER, current_correlation())


def bind(task_id: str = "", task: Any = None, **_: object) -> None:
    """Log lines of a task carry its name, its id and the correlation id its message brought."""
    given = str(getattr(task.request, HEADER, None) or task_id)
    stack = ExitStack()
    stack.enter_context(correlation(given, task=task.name, task_id=task_id))
    _bound[task_id] = stack


def unbind(task_id: str = "", **_: object) -> None:
    """Forget what `bind` set; a thread of the pool serves another task next."""
    stack = _bound.pop(task_id, None)
    if stack is not None:
        stack.close()


def tell_unknown(name: str = "", **_: object) -> None:
    """A message asked for a task this worker does not have: Celery drops it, the sweep rings again."""
    log.error("unknown task received", task=name)


def tell_rejected(message: Any = None, **_: object) -> None:
    """A message could not be read at all: Celery drops it, the sweep rings again."""
    headers: Mapping[str, object] = getattr(message, "headers", None) or {}
    log.error("unreadable message dropped", task=headers.get("task"))


def _report_errors(settings: Settings, release: str) -> None:
    from sentry_sdk.integrations.celery import CeleryIntegration

    assert settings.sentry_dsn is not None
    init_error_reports(
        settings.sentry_dsn.get_secret_value(),
        environment="embedded" if settings.embedded else "production",
        release=release,
        # Propagated traces would put Sentry's key into every message.
        integrations=[CeleryIntegration(monitor_beat_tasks=True, propagate_traces=False)],
    )
