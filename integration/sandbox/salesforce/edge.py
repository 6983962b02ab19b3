"""Around every HTTP call: scripted faults, the call log, sessions, the daily limit, error bodies."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from integration.sandbox.call_log import CallLog
from integration.sandbox.faults import Fault, Faults
from integration.sandbox.interception import after_the_work, before_the_work, is_after, never_left
from integration.sandbox.salesforce.api import Caller, client_of
from integration.sandbox.salesforce.api_errors import (
    ApiError,
    OAuthError,
    bad_json,
    not_found,
    session_invalid,
)
from integration.sandbox.salesforce.long_requests import LongRequests
from integration.sandbox.salesforce.named_faults import TOO_BUSY, UNKNOWN, WITHOUT_LIMITS, named_failure
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.record_faults import locked_rows

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SYSTEM = "salesforce"
DATA = "/services/data/"
CODE: web.ResponseKey[str] = web.ResponseKey("error_code", str)
CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)
_LONGEST_REQUEST_HEAD = 16_384
_log = logging.getLogger(__name__)
_CODES = {
    400: ("MALFORMED_QUERY", "unexpected token"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", UNKNOWN),
    503: ("SERVER_UNAVAILABLE", TOO_BUSY),
}


class Edge:
    """What surrounds each HTTP call of one org."""

    def __init__(self, org: SalesforceOrg, faults: Faults, call_log: CallLog) -> None:
        self._org = org
        self._faults = faults
        self._calls = call_log
        switches = org.options.switches
        long_seconds = org.clock.scaled(switches.long_request_seconds)
        self._long = LongRequests(switches.long_requests_at_most, long_seconds, org.clock.monotonic)

    def wrap(self, handler: Any) -> Handler:
        """The handler with everything around it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            started = time.monotonic()
            with self._long.running(request):
                response = await self._faulty(request, handler)
            gone = never_left(request, response)
            self._calls.add(
                system=SYSTEM,
                method=request.method,
                path=request.path,
                query=request.query_string,
                status=0 if gone else response.status,
                code=response.get(CODE),
                ms=(time.monotonic() - started) * 1000,
            )
            return response

        return handle

    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self._faults.take(SYSTEM, request.method, request.path)
        if fault is None:
            return await self._answer(request, handler)
        if fault.kind == "token_revoked":
            self._org.revoke_access_tokens()
        fault = _with_body(fault, request.path)
        failure = named_failure(fault, request.path)
        named = failure if failure is None or isinstance(failure, web.Response) else _told(failure)
        instead: web.StreamResponse | None = await before_the_work(request, fault)
        if instead is None and not is_after(fault):
            instead = named
        if instead is None:
            with locked_rows(fault.records if fault.kind == "row_lock" else ()):
                response = await self._answer(request, handler)
            instead = await after_the_work(request, fault, response if named is None else named)
        if request.path.startswith(DATA) and fault.kind not in WITHOUT_LIMITS:
            instead.headers.update(self._limit_header())
        return instead

    # -- the call itself ------------------------------------------------------------------------

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await self._checked(request, handler)
        except (OAuthError, ApiError) as error:
            response = _told(error)
        except web.HTTPRequestEntityTooLarge:
            response = _refusal(ApiError("REQUEST_TOO_LARGE", "The request body is too large", status=413))
        except Exception:  # noqa: BLE001 - logged and answered with an error id
            # The process boundary: whatever breaks here would break a real org's request, not the org.
            error_id = uuid.uuid4().hex
            _log.exception("request failed, ErrorId %s", error_id)
            response = _refusal(ApiError("UNKNOWN_EXCEPTION", f"{_CODES[500][1]}: {error_id}", status=500))
        if request.path.startswith(DATA):
            response.headers.update(self._limit_header())
        return response

    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        _check_length(request)
        if request.path.startswith(DATA):
            self._admit(request)
        return await handler(request)

    def _admit(self, request: web.Request) -> None:
        """Session first, then the daily limit; only admitted calls count."""
        version_list = request.path.rstrip("/") == DATA.rstrip("/")
        if version_list and not self._org.options.switches.versions_need_token:
            return
        session = self._org.sessions.use(bearer_token(request))
        if not session.for_rest:
            raise session_invalid("This session is not valid for use with the REST API")
        self._long.check(request)
        self._org.allowances.count_call()
        version = str(request.match_info.get("version", self._org.options.api_version))
        if not version_list:
            check_version(version)
        client = client_of(request.headers.get("Sforce-Call-Options", ""))
        request[CALLER] = Caller(session.user_id, version, client)

    def _limit_header(self) -> dict[str, str]:
        used = self._org.api_calls.used()
        return {"Sforce-Limit-Info": f"api-usage={used}/{self._org.options.daily_api_requests}"}


def bearer_token(request: web.Request) -> str:
    """The access token; both spellings of the scheme are in use. Raises INVALID_SESSION_ID without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in {"bearer", "oauth"} or not token.strip():
        raise session_invalid()
    return token.strip()


def check_version(version: str) -> None:
    """Raises NOT_FOUND for an API version no release has."""
    number, dot, rest = version.partition(".")
    if dot != "." or rest != "0" or not number.isdigit() or not 31 <= int(number) <= 68:
        raise not_found()


async def json_body(request: web.Request) -> Any:
    """The request's JSON. Raises JSON_PARSER_ERROR, or 415 for another media type."""
    if request.content_type != "application/json":
        message = f"Content-Type header specified in HTTP request is not supported: {request.content_type}"
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    raw = await request.read()
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad_json(f"Unexpected input at the request body: {error}") from None


async def json_object(request: web.Request) -> dict[str, Any]:
    body = await json_body(request)
    if not isinstance(body, dict):
        raise bad_json("Can not deserialize: expected START_OBJECT")
    return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"Unexpected token {name}")


def _told(error: ApiError | OAuthError) -> web.StreamResponse:
    if isinstance(error, ApiError):
        return _refusal(error)
    body = {"error": error.error, "error_description": error.description}
    response = web.json_response(body, status=error.status)
    response[CODE] = error.error
    return response


def _check_length(request: web.Request) -> None:
    """Raises 414 for a URI that is too long by itself, 431 for one that is so with its headers."""
    if len(request.raw_path) > _LONGEST_REQUEST_HEAD:
        raise ApiError("URI_TOO_LONG", "The URI is too long", status=414)
    headers = sum(len(name) + len(value) for name, value in request.raw_headers)
    if len(request.raw_path) + headers > _LONGEST_REQUEST_HEAD:
        message = "The URI and the headers together are too long"
        raise ApiError("REQUEST_HEADER_FIELDS_TOO_LARGE", message, status=431)


def _refusal(error: ApiError) -> web.StreamResponse:
    response = web.json_response(error.body, status=error.status)
    response[CODE] = error.logged_code
    return response


def _with_body(fault: Fault, path: str) -> Fault:
    """The fault with the body this system sends with the status, where none was scripted."""
    if fault.body is not None or not fault.kind.startswith("status"):
        return fault
    if path.startswith("/services/oauth2"):
        return replace(fault, body={"error": "unknown_error", "error_description": "retry your request"})
    code, message = _CODES.get(fault.status or 500, ("UNKNOWN_EXCEPTION", "An unexpected error occurred."))
    return replace(fault, body=[{"message": message, "errorCode": code}])
