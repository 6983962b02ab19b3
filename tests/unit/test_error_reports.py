"""Sentry receives what broke and where; canaries planted in every place it collects from stay here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from integration.error_reports import init_error_reports
from integration.errors import Rejected
from integration.log import correlation
from integration.settings import load_settings
from tasks import observability

CANARY = "Ada Lovelace ada@example.com"
SENT: list[dict[str, Any]] = []


class Collecting(Transport):
    """Keeps what would have been sent."""

    def capture_envelope(self, envelope: Envelope) -> None:
        SENT.extend(
            item.payload.json for item in envelope.items if item.type == "event" and item.payload.json
        )


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    SENT.clear()
    init_error_reports("https://key@localhost/1", environment="test", release="1.0", transport=Collecting)
    yield SENT
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def fail_with(name: str) -> None:
    raise Rejected("zoho.3062", f"{name} exists", evidence={"name": name})


def test_report_carries_no_data(sent: list[dict[str, Any]]) -> None:
    sentry_sdk.set_user({"email": CANARY})
    sentry_sdk.set_extra("body", CANARY)
    sentry_sdk.set_tag("customer", CANARY)
    sentry_sdk.set_context("record", {"name": CANARY})
    sentry_sdk.add_breadcrumb(message=CANARY, data={"name": CANARY})
    try:
        with correlation("c-1"):
            try:
                fail_with(CANARY)
            except Rejected as error:
                sentry_sdk.capture_exception(error)
    finally:
        sentry_sdk.get_isolation_scope().clear()
    (report,) = sent
    assert CANARY not in str(report)
    assert "Ada" not in str(report)
    assert report["exception"]["values"][0]["type"] == "Rejected"
    assert report["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "fail_with"
    assert report["tags"] == {"correlation_id": "c-1", "code": "zoho.3062"}


def test_equal_kinds_share_a_group(sent: list[dict[str, Any]]) -> None:
    for name in ("first", "second"):
        try:
            fail_with(name)
        except Rejected as error:
            sentry_sdk.capture_exception(error)
    assert [report["fingerprint"] for report in sent] == [["Rejected", "zoho.3062"]] * 2


def test_messages_are_shown_only_where_somebody_vouches_for_their_template(
    sent: list[dict[str, Any]],
) -> None:
    """A plain sentence with a name in it looks like a template."""
    sentry_sdk.capture_message("cannot read Ada Lovelace")
    logging.getLogger("somebody").error("cannot read Ada Lovelace")
    logging.getLogger("gunicorn.error").error("Invalid request: Ada Lovelace")
    logging.getLogger("celery.beat").error("Removing corrupted schedule file %r", "Ada Lovelace")
    assert "Ada" not in str(sent)
    assert [report["logentry"]["message"] for report in sent if "logentry" in report] == [
        "library message",
        "Invalid request",
        "Removing corrupted schedule file ...",
    ]


def test_nothing_of_sentry_travels_with_calls_and_messages(sent: list[dict[str, Any]]) -> None:
    """Its trace headers name our key; the two systems and Redis have no use for them."""
    heard: list[dict[str, str]] = []

    class Hearing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(dict(self.headers))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Hearing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
        with sentry_sdk.start_transaction(name="a task or a request under way"):
            connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()
        thread.join(5)
    assert [name for name in heard[0] if name.lower() in ("baggage", "sentry-trace")] == []
    assert not sentry_sdk.get_client().get_integration("celery")


def test_a_worker_sends_no_trace_along() -> None:
    made: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            observability, "init_error_reports", lambda *_, integrations, **__: made.extend(integrations)
        )
        observability._report_errors(
            load_settings(
                environ={"INTEGRATION_STATE_DIR": "unused", "SENTRY_DSN": "https://key@localhost/1"}
            ),
            "1.0",
        )
    assert [(one.identifier, one.propagate_traces) for one in made] == [("celery", False)]
