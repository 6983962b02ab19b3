"""Log lines: JSON, one correlation id, and nothing of anybody's data, whoever writes them."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from integration.errors import Rejected
from integration.log import (
    StandardLibraryHandler,
    configure_logging,
    correlation,
    current_correlation,
    hide_tracebacks,
)
from integration.redaction import MASK

CANARY = "Ada Lovelace"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    buffer = io.StringIO()
    root = logging.getLogger()
    level = root.level
    configure_logging("info", "json", buffer)
    yield buffer
    root.setLevel(level)
    for handler in list(root.handlers):
        if isinstance(handler, StandardLibraryHandler):
            root.removeHandler(handler)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_line_is_one_json_object_with_known_fields(stream: io.StringIO) -> None:
    structlog.get_logger().info("event accepted", pair="main", count=3, name=CANARY)
    (line,) = lines(stream)
    assert line["event"] == "event accepted"
    assert line["level"] == "info"
    assert (line["pair"], line["count"], line["name"]) == ("main", 3, MASK)
    assert line["timestamp"].endswith("Z")


def test_level_is_respected(stream: io.StringIO) -> None:
    structlog.get_logger().debug("not shown")
    logging.getLogger("celery").debug("not shown")
    assert stream.getvalue() == ""


def test_correlation_id_is_on_every_line_inside(stream: io.StringIO) -> None:
    log = structlog.get_logger()
    with correlation("c-1", lane_id=7):
        log.info("inner")
        with correlation("c-2"):
            assert current_correlation() == "c-2"
        logging.getLogger("celery.worker").info("template %s", CANARY)
        log.info("inner again")
    log.info("outer")
    inner, library, again, outer = lines(stream)
    assert (inner["correlation_id"], inner["lane_id"]) == ("c-1", 7)
    assert library["correlation_id"] == again["correlation_id"] == "c-1"
    assert "correlation_id" not in outer
    assert current_correlation() == ""


def test_exception_shows_type_code_and_place_only(stream: io.StringIO) -> None:
    try:
        raise Rejected("zoho.3062", CANARY)
    except Rejected:
        structlog.get_logger().exception("write failed", pair="main")
    (line,) = lines(stream)
    assert (line["error"], line["error_code"]) == ("Rejected", "zoho.3062")
    assert "test_log.py" in line["frames"][0]
    assert CANARY not in stream.getvalue()


def test_foreign_messages_lose_their_arguments(stream: io.StringIO) -> None:
    logging.getLogger("gunicorn.error").error("Error handling request %s", f"/webhooks?{CANARY}")
    logging.getLogger("celery.app.trace").info(
        "Task %(name)s[%(id)s] succeeded: %(return_value)s",
        {"name": "transform", "id": "t-1", "runtime": 0.5, "return_value": CANARY},
    )
    gunicorn, celery = lines(stream)
    assert gunicorn["event"] == "Error handling request ..."
    assert celery["event"] == "Task ... ... succeeded: ..."
    assert (celery["task"], celery["task_id"], celery["seconds"]) == ("transform", "t-1", 0.5)
    assert CANARY not in stream.getvalue()


def test_unknown_libraries_show_no_message_at_all(stream: io.StringIO) -> None:
    logging.getLogger("urllib3.connectionpool").warning(f"Retrying {CANARY}")  # noqa: G004
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("somebody").exception("failed for " + CANARY)  # noqa: G003
    first, second = lines(stream)
    assert first["event"] == second["event"] == "library message"
    assert first["logger"] == "urllib3.connectionpool"
    assert second["error"] == "ValueError"
    assert CANARY not in stream.getvalue()


def test_messages_put_together_before_they_came_lose_what_was_put_in(stream: io.StringIO) -> None:
    """As gunicorn does with a request it cannot read: a template with its place filled and no arguments."""
    logging.getLogger("gunicorn.error").warning(f"Invalid request from ip=127.0.0.1: Invalid: {CANARY}")  # noqa: G004
    logging.getLogger("gunicorn.error").error(ValueError(CANARY))
    first, second = lines(stream)
    assert first["event"] == "Invalid request from ip"
    assert second["event"] == "library message"
    assert "Lovelace" not in stream.getvalue()


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracebacks of this test as the product's processes show them."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    hide_tracebacks()


def broken() -> BaseException:
    try:
        raise ValueError(CANARY) from KeyError(CANARY)
    except ValueError as error:
        return error


def test_an_error_that_ends_the_process_is_told_without_its_text(stream: io.StringIO, hidden: None) -> None:
    error = ExceptionGroup(CANARY, [broken()])  # type: ignore[list-item]
    sys.excepthook(type(error), error, None)
    (line,) = lines(stream)
    assert (line["event"], line["error"], line["level"]) == ("process broken", "ValueError", "error")
    assert "test_log.py" in line["frames"][0]
    assert "Lovelace" not in stream.getvalue()


def test_an_error_that_ends_a_thread_is_told_without_its_text(stream: io.StringIO, hidden: None) -> None:
    def fail() -> None:
        raise ValueError(CANARY) from KeyError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = lines(stream)
    assert (line["event"], line["error"], line["causes"]) == ("thread broken", "ValueError", ["KeyError"])
    assert "Lovelace" not in stream.getvalue()


def test_an_error_nobody_could_handle_is_told_without_its_text(stream: io.StringIO, hidden: None) -> None:
    class Careless:
        def __del__(self) -> None:
            raise ValueError(CANARY)

    careless = Careless()
    del careless
    (line,) = lines(stream)
    assert (line["event"], line["error"]) == ("error nobody could handle", "ValueError")
    assert "Lovelace" not in stream.getvalue()


def test_configuring_again_does_not_double_lines(stream: io.StringIO) -> None:
    configure_logging("info", "json", stream)
    logging.getLogger("celery").warning("once")
    assert len(lines(stream)) == 1


def test_console_form_is_redacted_too() -> None:
    buffer = io.StringIO()
    configure_logging("info", "console", buffer)
    structlog.get_logger().info("event accepted", name=CANARY)
    structlog.reset_defaults()
    logging.getLogger().handlers = [
        handler for handler in logging.getLogger().handlers if not isinstance(handler, StandardLibraryHandler)
    ]
    assert "event accepted" in buffer.getvalue()
    assert CANARY not in buffer.getvalue()
