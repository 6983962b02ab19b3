"""Logs of all processes: one JSON object a line on stderr, one correlation id from event to audit row.

Event names are constants, data goes in fields, and only fields that `redaction` knows show their values.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from integration.foreign_messages import readable
from integration.redaction import describe, event_name, safe_fields, safe_value

_FROM_CELERY = {"name": "task", "id": "task_id", "runtime": "seconds", "hostname": "host"}


def configure_logging(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to `stream` (stderr) as `json` or `console`."""
    target = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=target.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, redact, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    _configure_standard_library(number, target, [*shared, redact, renderer])


def hide_tracebacks() -> None:
    """Tell errors that end a thread or this process in our form: Python would print their text, with data.

    For processes of our own; a test runner has hooks it needs itself.
    """
    sys.excepthook = _tell_end
    threading.excepthook = lambda told: _tell_broken("thread broken", told.exc_value)
    sys.unraisablehook = lambda told: _tell_broken("error nobody could handle", told.exc_value)


def _tell_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _tell_broken("process broken", error)


def _tell_broken(event: str, error: BaseException | None) -> None:
    structlog.get_logger().error(event, exc_info=error)


def redact(_logger: WrappedLogger, _method: str, fields: EventDict) -> Mapping[str, Any]:
    """Structlog processor: let known harmless fields through and mask the rest."""
    event = event_name(fields.pop("event", ""))
    error = _error_of(fields.pop("exc_info", None))
    fields.pop("stack_info", None)
    told = safe_fields(fields)
    if error is not None:
        told |= {key: safe_value(key, value) for key, value in describe(error).items()}
    return {"event": event, **told}


@contextmanager
def correlation(correlation_id: str, **names: str | int) -> Iterator[None]:
    """Every log line inside carries the id, and names such as pair or lane_id."""
    with structlog.contextvars.bound_contextvars(correlation_id=correlation_id, **names):
        yield


def current_correlation() -> str:
    """The correlation id in force, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))


class StandardLibraryHandler(logging.Handler):
    """Writes foreign log records in our form, without those of their arguments that may be anything."""

    def __init__(self, stream: TextIO, processors: list[Processor]) -> None:
        super().__init__()
        self._stream = stream
        self._processors = processors

    def emit(self, record: logging.LogRecord) -> None:
        fields: Any = {
            "logger": record.name,
            **_known_arguments(record),
            "event": readable(record.name, record.msg, record.args),
        }
        if record.exc_info:
            fields["exc_info"] = record.exc_info
        try:
            for processor in self._processors:
                fields = processor(None, record.levelname.lower(), fields)
            self._stream.write(f"{fields}\n")
            self._stream.flush()
        except (OSError, ValueError):  # the stream is closed or full: the standard library's own way out
            self.handleError(record)


def _configure_standard_library(level: int, stream: TextIO, processors: list[Processor]) -> None:
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, StandardLibraryHandler):
            root.removeHandler(handler)
    root.addHandler(StandardLibraryHandler(stream, processors))
    root.setLevel(max(level, logging.INFO))  # libraries print whole requests at debug level
    logging.captureWarnings(capture=True)


def _known_arguments(record: logging.LogRecord) -> dict[str, object]:
    if not isinstance(record.args, Mapping):
        return {}
    return {ours: record.args[theirs] for theirs, ours in _FROM_CELERY.items() if theirs in record.args}


def _error_of(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1]  # type: ignore[no-any-return]
    return sys.exc_info()[1] if exc_info else None
