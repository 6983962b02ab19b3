"""What every task does around its work: answer the bell, find the pair, and let nothing private out.

Celery puts an exception's text and traceback into events that Flower shows and Redis carries, so what leaves
a task is an error of ours without its causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import structlog
from celery import Task
from celery.exceptions import Ignore, Reject, Retry

from integration.error_reports import report_error
from integration.errors import (
    Ambiguous,
    ClaimLost,
    ConfigurationFault,
    Fault,
    Retryable,
    Throttled,
    Unauthorized,
)
from integration.log import correlation, current_correlation
from integration.wiring import WiredPair
from integration.wiring.counters import count
from tasks.app import app
from tasks.gathering import gathering

LATER = (Throttled, Unauthorized, Ambiguous)
"""Faults of the other systems that a quick retry only makes worse; the sweep or the next slot comes back."""

Work = Callable[[WiredPair], None]

log = structlog.get_logger(__name__)


class TaskBroken(Fault):
    """A task ended with an error nobody foresaw; its code is the error's type."""


class LineTask(Task):  # type: ignore[misc] # Celery ships no types
    """Tries again soon, a few times, when our own SQL or a network fails; it carries nothing along."""

    abstract = True
    autoretry_for: tuple[type[Fault], ...] = (Retryable, ClaimLost)
    retry_backoff = 1
    retry_backoff_max = 30
    retry_jitter = True
    max_retries = 4
    ignore_result = True


class SlotTask(LineTask):
    """A job of a slot, or one that beat repeats: the next slot is its retry."""

    abstract = True
    autoretry_for = ()
    max_retries = 3


def pair_task(name: str, *, bell: str | None, base: type[LineTask] = LineTask) -> Callable[[Work], Any]:
    """Make a task of work on one pair; it takes the pair's id. `bell`: the name of the ring it answers."""

    def decorate(work: Work) -> Any:
        @app.task(name=name, base=base)
        @wraps(work)
        def run(pair_id: int) -> None:
            with sealed(name):
                if bell is not None:
                    # Rings of meanwhile are answered by this run: the flag is let go after the wait.
                    gathering.begin(bell, pair_id)
                    app.bell.clear(bell, pair_id)
                on_pair(pair_id, work)

        return run

    return decorate


def on_pair(pair_id: int, work: Work) -> None:
    """Do the work of a pair; what only a person can mend is alerted and left."""
    pair = app.wiring.by_id(pair_id)
    if pair is None:
        log.warning("pair is not in the settings any more", pair_id=pair_id)
        return
    with correlation(current_correlation(), pair=pair.settings.name):
        try:
            work(pair)
        except ConfigurationFault as fault:
            advice = fault.advice or "Run `zoho-salesforce doctor`."
            app.wiring.alarm.alert(pair_id, f"stopped.{fault.code}", str(fault), advice)
        except LATER as fault:
            count("tasks_put_off_total", code=fault.code)
            log.warning("work put off", error_code=fault.code, pair_id=pair_id)
            if isinstance(fault, Unauthorized):
                # A process that starts while a token is refused never comes to a write, which would tell it.
                advice = fault.advice or "Run `zoho-salesforce doctor`. Work goes on by itself afterwards."
                app.wiring.alarm.alert(pair_id, f"unauthorized.{fault.code}", str(fault), advice)


@contextmanager
def sealed(name: str) -> Iterator[None]:
    """Let only errors of ours out, without what caused them; others are reported here and replaced."""
    kept: Fault | None = None
    try:
        yield
    except (Retry, Ignore, Reject):
        raise
    except Fault as fault:
        log.warning("task failed", task=name, exc_info=fault)
        kept = fault
    except Exception as error:  # the boundary of a task: reported whole, let out without its text
        log.exception("task broken", task=name)
        report_error(error)
        kept = TaskBroken(f"task.{type(error).__name__}")
    if kept is not None:
        count("tasks_failed_total", task=name, code=kept.code)
        kept.__cause__ = kept.__context__ = None
        raise kept from None
