"""Every refusal is JSON with a reason; what is our fault says when to come back."""

from __future__ import annotations

import structlog
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from integration.error_reports import report_error
from integration.errors import BadInput, ClaimLost, Fault, Retryable
from integration.wiring.counters import count

RETRY_SECONDS = 5

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Answer faults and wrong addresses of this application."""
    app.register_error_handler(BadInput, bad_input)
    app.register_error_handler(Retryable, come_again)
    app.register_error_handler(ClaimLost, come_again)
    app.register_error_handler(Fault, broken)
    app.register_error_handler(HTTPException, wrong_request)
    app.register_error_handler(Exception, unforeseen)


def bad_input(fault: BadInput) -> ResponseReturnValue:
    """4xx with the reason; nothing of what was sent is repeated."""
    count("webhooks_refused_total", reason=fault.code)
    log.info("webhook refused", reason=fault.code, status=fault.status)
    return jsonify(error=fault.code, reason=fault.text, advice=fault.advice), fault.status


def come_again(fault: Fault) -> ResponseReturnValue:
    """503: nothing was stored, and the sender is to try again."""
    count("webhooks_failed_total", reason=fault.code)
    log.warning("webhook not stored", error_code=fault.code)
    answer = jsonify(error=fault.code, reason="the event could not be stored; send it again")
    return answer, 503, {"Retry-After": str(RETRY_SECONDS)}


def broken(fault: Fault) -> ResponseReturnValue:
    """503 as well: senders give up on a 500, and what is wrong here can be corrected."""
    log.error("request failed", exc_info=fault)
    return _later(fault.code)


def _later(code: str) -> ResponseReturnValue:
    count("webhooks_failed_total", reason=code)
    answer = jsonify(error=code, reason="the receiver is not in order; send it again later")
    return answer, 503, {"Retry-After": str(12 * RETRY_SECONDS)}


def unforeseen(error: Exception) -> ResponseReturnValue:
    """503 too: whatever it was, the sender is to keep the event and send it again."""
    report_error(error)
    log.error("request broken", exc_info=error)
    return _later(f"receiver.{type(error).__name__}")


def wrong_request(error: HTTPException) -> ResponseReturnValue:
    """Addresses and methods that do not exist, and bodies that did not arrive whole."""
    status = error.code or 500
    if request.path.startswith("/webhooks/"):
        count("webhooks_refused_total", reason=f"http.{status}")
    answer = jsonify(error=f"http.{status}", reason=error.name)
    methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return answer, status, {"Allow": ", ".join(sorted(methods))} if methods else {}
