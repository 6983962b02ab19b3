"""Sentry, when a DSN is given: what broke and where, grouped by kind, and no word of anybody's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import sentry_sdk
from sentry_sdk.integrations import Integration

from integration.errors import Fault
from integration.foreign_messages import readable
from integration.log import current_correlation
from integration.redaction import MASK, safe_value

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event

NOTHING: Any = {
    "user_info": False,
    "cookies": {"mode": "off"},
    "http_headers": {"request": {"mode": "off"}},
    "http_bodies": [],
    "url_query_params": {"mode": "off"},
    "graphql": {"document": False, "variables": False},
    "gen_ai": {"inputs": False, "outputs": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}
"""The SDK's own switches, all off; `clean` holds for what it collects beside them."""

KEPT = ("event_id", "timestamp", "level", "platform", "release", "environment", "sdk", "type")
KEPT_IN_FRAMES = (
    *("filename", "abs_path", "function", "module", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)


def init_error_reports(
    dsn: str,
    *,
    environment: str,
    release: str,
    integrations: Sequence[Integration] = (),
    transport: type[Transport] | None = None,
) -> None:
    """Report unhandled errors of this process; `integrations` are for what it runs on (Celery, Flask)."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release,
        integrations=list(integrations),
        auto_enabling_integrations=False,
        trace_propagation_targets=[],  # our key and ids would travel with every call to the two systems
        data_collection=NOTHING,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        server_name=MASK,
        before_send=_before_send,
        before_breadcrumb=lambda _crumb, _hint: None,
        transport=transport,
    )


class AlarmRaised(Fault):
    """Never raised: it carries the kind of an alarm into a report, which is grouped by it."""


def report_alarm(kind: str) -> None:
    """Tell Sentry of an alarm people were told of; does nothing without a DSN."""
    sentry_sdk.capture_exception(AlarmRaised(kind))


def report_error(error: BaseException) -> None:
    """Tell Sentry of an error that is not let out any further; does nothing without a DSN."""
    sentry_sdk.capture_exception(error)


def _before_send(event: Event, hint: dict[str, Any]) -> Event:
    cleaned = clean(cast("Mapping[str, Any]", event), (hint.get("exc_info") or (None, None, None))[1])
    return cast("Event", cleaned)


def clean(event: Mapping[str, Any], error: BaseException | None) -> dict[str, Any]:
    """A new report made of the parts that hold no data; `error` is what it is about, when known."""
    cleaned: dict[str, Any] = {key: event[key] for key in KEPT if key in event}
    cleaned["fingerprint"] = fingerprint(event, error)
    cleaned["tags"] = {"correlation_id": current_correlation() or "none"}
    if "logger" in event:
        cleaned["logger"] = event["logger"]
    if "transaction" in event:
        cleaned["transaction"] = safe_value("transaction", event["transaction"])
    if isinstance(error, Fault):
        cleaned["tags"]["code"] = error.code
    if "logentry" in event:
        cleaned["logentry"] = {"message": _message(event)}
    if "exception" in event:
        cleaned["exception"] = {
            "values": [_exception(value) for value in event["exception"].get("values", [])]
        }
    return cleaned


def _message(event: Mapping[str, Any]) -> str:
    """The message of a log line; where nobody vouches for it, it may have been put together with data."""
    entry = event["logentry"]
    # Without figures, or each would be a group of its own.
    return readable(str(event.get("logger") or ""), entry.get("message"), entry.get("params"), filled=False)


def fingerprint(event: Mapping[str, Any], error: BaseException | None) -> list[str]:
    """What makes two reports the same: type and code of an error of ours, else Sentry's own grouping."""
    if isinstance(error, Fault):
        return [type(error).__name__, error.code]
    return list(event.get("fingerprint") or ["{{ default }}"])


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: value[key] for key in ("type", "module") if key in value}
    kept["value"] = MASK
    mechanism = value.get("mechanism") or {}
    kept["mechanism"] = {key: mechanism[key] for key in ("type", "handled") if key in mechanism}
    frames = (value.get("stacktrace") or {}).get("frames", [])
    kept["stacktrace"] = {
        "frames": [{key: frame[key] for key in KEPT_IN_FRAMES if key in frame} for frame in frames]
    }
    return kept
