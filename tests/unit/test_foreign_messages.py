"""What a log shows of a library's message: enough to understand it, nothing of anybody's."""

from __future__ import annotations

import pytest

from integration.foreign_messages import FOREIGN, readable
from integration.redaction import MASK, event_name

CANARY = "Ada Lovelace"


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "shown"),
    [
        ("alembic.runtime.migration", "Context impl %s.", ("SQLiteImpl",), "Context impl SQLiteImpl."),
        ("gunicorn.error", "Listening at: %s (%s)", ("http://127.0.0.1:80", 41), "Listening at: http://127.0.0.1:80 (41)"),
        ("gunicorn.error", "Booting worker with pid: %s", (4_194_304,), "Booting worker with pid: 4194304"),
        ("gunicorn.error", "Worker (pid:%s) exited with code %s.", (7, 3), "Worker (pid:7) exited with code 3."),
        ("gunicorn.error", "Worker (pid:%s) was sent %s!", (7, CANARY), "Worker (pid:7) was sent ..."),
        ("celery.beat", "beat: Starting...", (), "beat: Starting..."),
        ("celery.beat", "Scheduler: Sending due task %s (%s)", ("sweep", "line.sweep"),
         "Scheduler: Sending due task sweep (line.sweep)"),
        ("celery.apps.worker", "%s ready.", ("events@" + CANARY,), "ready."),
        ("celery.worker", "Retrying (attempt %d/%d): %s. Sleeping %.2f seconds.", (1, 5, OSError(CANARY), 2.5),
         "Retrying (attempt 1/5): .... Sleeping 2.5 seconds."),
        ("celery.worker", "100%% of %*d done by %r", (4, 12, CANARY), "of 12 done by ..."),
        ("celery.app.trace", "Task %(name)s[%(id)s] succeeded in %(runtime)ss: %(return_value)s",
         {"name": CANARY, "id": CANARY, "runtime": 0.5, "return_value": CANARY},
         "Task ... ... succeeded in 0.5s: ..."),
    ],
)  # fmt: skip
def test_it_can_be_read(logger: str, message: str, arguments: object, shown: str) -> None:
    told = readable(logger, message, arguments)
    assert told == shown.replace("....", "...")
    assert event_name(told) == told  # and the log's own rule for event names lets it through


@pytest.mark.parametrize(
    ("logger", "message", "arguments"),
    [
        ("gunicorn.error", "Invalid request from ip=%s: %s", (CANARY, CANARY)),
        ("gunicorn.error", "Context impl " + CANARY + ": %s.", (CANARY,)),
        ("gunicorn.error", "Error handling request %s", ("/webhooks?name=Ada+Lovelace",)),
        ("gunicorn.error", "Too many arguments", (CANARY,)),
        ("gunicorn.error", "Too few %s %s", (CANARY,)),
        ("celery.worker", "Unknown %(kind)s", ({"kind": CANARY},)),
        ("celery.worker", "%", (CANARY,)),
        ("gunicorn.error", "Listening at: %s", ("http://h/?name=Lovelace",)),
    ],
)
def test_arguments_do_not_come_along(logger: str, message: str, arguments: object) -> None:
    told = readable(logger, message.replace(CANARY, "x"), arguments)
    assert "Lovelace" not in told


def test_a_large_number_may_be_a_telephone() -> None:
    assert readable("celery", "Called %s", (4915112345678,)) == "Called ..."
    assert readable("celery", "Called %s", (True,)) == "Called ..."


def test_for_reports_that_are_grouped_nothing_is_filled_in() -> None:
    assert (
        readable("celery", "Trying again in %d s: %s", [3, CANARY], filled=False)
        == "Trying again in ... s: ..."
    )


def test_nobody_vouches_for_others() -> None:
    assert readable("urllib3", "Context impl %s.", ("x",)) == FOREIGN
    assert readable("celeryish", "beat: Starting...", ()) == FOREIGN
    assert readable("celery", ValueError(CANARY), ()) == FOREIGN
    assert readable("celery", "%s", (CANARY,)) == MASK
