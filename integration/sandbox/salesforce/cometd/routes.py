"""The HTTP face of the Streaming API: version, size, cookie, authorization."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.cometd.bayeux import TOO_LARGE
from integration.sandbox.salesforce.cometd.endpoint import COOKIE, Caller, Endpoint
from integration.sandbox.salesforce.edge import CODE, bearer_token, check_version
from integration.sandbox.salesforce.org import SalesforceOrg

LARGEST_REQUEST = 32_768
_FIRST_VERSION = 37.0


class CometdRoutes:
    """`/cometd/<version>`, with or without the kind of message behind it, as some clients append it."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._endpoint = Endpoint(org)

    def routes(self) -> list[web.RouteDef]:
        paths = ("/cometd{slash:/?}", "/cometd/{version}{slash:/?}", "/cometd/{version}/{kind}")
        return [web.post(path, self.call) for path in paths]

    async def call(self, request: web.Request) -> web.Response:
        problem = self._problem(request)
        if problem is not None:
            return _refused(400, problem)
        raw = await request.read()
        if len(raw) > LARGEST_REQUEST:
            return _refused(413, TOO_LARGE)
        messages = _messages(raw)
        if messages is None:
            return _refused(400, "400::The request body is no JSON array of messages")
        caller = Caller(_token(request), request.cookies.get(COOKIE), lambda: _gone(request))
        given = caller.cookie
        answers = await self._endpoint.answer(messages, caller)
        return self._answered(request, answers, None if caller.cookie == given else caller.cookie)

    def _problem(self, request: web.Request) -> str | None:
        version = request.match_info.get("version")
        if version is None:
            known = self._org.options.api_version
            return f"400::API version in the URI is mandatory. URI format: '/cometd/{known}'"
        try:
            check_version(version)
        except ApiError:
            return f"400::Unsupported API version. URI: {request.path}"
        if float(version) < _FIRST_VERSION:
            return (
                f"400::Unsupported API version. Only API versions '{_FIRST_VERSION}' and above are supported."
            )
        return None

    def _answered(
        self, request: web.Request, answers: list[dict[str, Any]], cookie: str | None
    ) -> web.Response:
        errors = [_error_of(answer) for answer in answers if not answer.get("successful", True)]
        denied = any(error.startswith("401") for error in errors)
        status = self._org.options.switches.cometd_unauthorised_status if denied else 200
        response = web.json_response(answers, status=status)
        if errors:
            response[CODE] = errors[0]
        if cookie is not None:
            # A cookie marked secure would not come back over plain HTTP.
            response.set_cookie(COOKIE, cookie, path="/", httponly=True, secure=request.secure)
        return response


def _error_of(answer: Mapping[str, Any]) -> str:
    reason = answer.get("ext", {}).get("sfdc", {}).get("failureReason")
    return str(reason or answer.get("error", ""))


def _messages(raw: bytes) -> list[Mapping[str, Any]] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    messages = found if isinstance(found, list) else [found]
    return messages if messages and all(isinstance(message, dict) for message in messages) else None


def _token(request: web.Request) -> str | None:
    try:
        return bearer_token(request)
    except ApiError:
        return None


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _refused(status: int, error: str) -> web.Response:
    response = web.Response(status=status, text=error)
    response[CODE] = error
    return response
