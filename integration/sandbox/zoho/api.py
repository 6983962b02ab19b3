"""The HTTP face of /inventory/v1: authorisation, organisation, limits, faults, then the call itself."""

from __future__ import annotations

import asyncio
import re
import time
from functools import lru_cache

from aiohttp import web

from integration.sandbox.call_log import CallLog
from integration.sandbox.fault_kinds import BEFORE_AUTHORISATION, KINDS
from integration.sandbox.faults import Fault, Faults
from integration.sandbox.interception import after_the_work, before_the_work, is_after, never_left
from integration.sandbox.zoho import contact_calls, faults, settings_calls
from integration.sandbox.zoho.adjustments import adjustment_calls
from integration.sandbox.zoho.answers import Answer, Call
from integration.sandbox.zoho.automation import calls as automation_calls
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.items import item_calls, transaction_calls
from integration.sandbox.zoho.named_faults import named_error
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.profile import FULL_ACCESS
from integration.sandbox.zoho.purchases import bill_calls, purchase_calls, receive_calls
from integration.sandbox.zoho.sales import fulfilment_calls, invoice_calls, order_calls
from integration.sandbox.zoho.settings import location_calls, tax_calls

SYSTEM = "zoho"
_SCHEME = "Zoho-oauthtoken "
_ID = re.compile(r"/[0-9]+(?=/|$)")
_AFTER_AUTHORISATION = frozenset(KINDS) - BEFORE_AUTHORISATION


ENDPOINTS = (
    *contact_calls.ENDPOINTS,
    *settings_calls.ENDPOINTS,
    *location_calls.ENDPOINTS,
    *tax_calls.ENDPOINTS,
    *item_calls.ENDPOINTS,
    *transaction_calls.ENDPOINTS,
    *adjustment_calls.ENDPOINTS,
    *order_calls.ENDPOINTS,
    *fulfilment_calls.ENDPOINTS,
    *invoice_calls.ENDPOINTS,
    *purchase_calls.ENDPOINTS,
    *receive_calls.ENDPOINTS,
    *bill_calls.ENDPOINTS,
    *automation_calls.ENDPOINTS,
)


def routes(org: ZohoOrg, scripted: Faults, call_log: CallLog) -> list[web.RouteDef]:
    """Everything under /inventory/v1 and, for unknown addresses, the same error envelope."""
    api = Api(org, scripted, call_log)
    return [web.route("*", "/{tail:.*}", api.handle)]


class Api:
    """Answers the calls of one organisation and logs each of them."""

    def __init__(self, org: ZohoOrg, scripted: Faults, call_log: CallLog) -> None:
        self._org, self._faults, self._log = org, scripted, call_log

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call from the first byte to the last."""
        began = time.perf_counter()
        if self._faults.take(SYSTEM, request.method, request.path, BEFORE_AUTHORISATION) is not None:
            self._org.revoke_access_tokens()
        status, code = 0, ""
        try:
            response = await self._respond(request)
            code = response.headers.pop("X-Sandbox-Code", "")
            # An answer that never leaves is logged as status 0.
            status = 0 if never_left(request, response) else response.status
        finally:
            self._log.add(
                system=SYSTEM, method=request.method, path=request.path, query=request.query_string,
                status=status, code=code or None, ms=(time.perf_counter() - began) * 1000,
            )  # fmt: skip
        return response

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        in_organization = False
        try:
            endpoint, path = _endpoint(request)
            scope = self._authorize(request)
            if endpoint.in_organization:
                self._check_organization(request)
                in_organization = True
                self._org.limiter.admit()
            _check_scope(scope, endpoint.scope)
            call = Call(request.method, request.query, request.headers, path, content, self._org.switches)
            with self._org.limiter.in_process():
                # A call that is refused before this does not use up a fault meant for its retry.
                fault = self._faults.take(SYSTEM, call.method, request.path, _AFTER_AUTHORISATION)
                answer = await self._work(request, endpoint, call, fault)
            if isinstance(answer, web.StreamResponse):
                return answer
        except ApiError as error:
            answer = Answer(error.status, error.body)
            if error.status == 429:
                answer = Answer(429, error.body, self._org.limiter.retry_after(error.code))
        return self._response(request, answer, with_limits=in_organization)

    async def _work(
        self, request: web.Request, endpoint: Endpoint, call: Call, fault: Fault | None
    ) -> Answer | web.StreamResponse:
        named = named_error(fault, self._org.profile.limits)
        if fault is not None:
            instead = await before_the_work(request, fault)
            if instead is not None:
                return instead
            if named is not None and not is_after(fault):
                raise named
        await asyncio.sleep(self._org.switches.zoho_latency_ms / 1000)
        try:
            answer = endpoint.work(self._org, call)
        except ApiError as error:
            answer = Answer(error.status, error.body)
        if named is not None:
            raise named
        if fault is None:
            return answer
        response = self._response(request, answer, with_limits=endpoint.in_organization)
        return await after_the_work(request, fault, response)

    def _authorize(self, request: web.Request) -> str:
        """The scope of the caller's token. :raises ApiError: 401."""
        header = request.headers.get("Authorization", "")
        if not header.startswith(_SCHEME):
            raise faults.bad_token(14)
        scope = self._org.tokens.scope_of(header.removeprefix(_SCHEME).strip())
        if scope is None:
            raise faults.bad_token(self._org.switches.zoho_dead_token_code)
        return scope

    def _check_organization(self, request: web.Request) -> None:
        if request.query.get("organization_id") != self._org.profile.organization_id:
            raise faults.no_organization(self._org.switches)

    def _response(self, request: web.Request, answer: Answer, *, with_limits: bool) -> web.Response:
        headers = {
            "Server": "ZGS",
            "Allow": ", ".join(["OPTIONS", *_methods(request.path)]),
            "Cache-Control": "no-store, no-cache, must-revalidate, private",
            "Content-Disposition": "attachment;",
            "Content-Type": "application/json;charset=UTF-8",
            "X-Sandbox-Code": str(answer.body.get("code", "")),
            **(self._org.limiter.headers() if with_limits else {}),
            **answer.headers,
        }
        return web.Response(status=answer.status, body=answer.content, headers=headers)


def _endpoint(request: web.Request) -> tuple[Endpoint, dict[str, str]]:
    known = _known(_ID.sub("/0", request.path))
    endpoint = known.get(request.method)
    if endpoint is None:
        raise faults.method_not_allowed(request.method) if known else faults.unknown_url()
    return endpoint, endpoint.matches(request.path) or {}


def _methods(path: str) -> list[str]:
    return sorted(_known(_ID.sub("/0", path)))


@lru_cache(maxsize=1000)
def _known(path: str) -> dict[str, Endpoint]:
    """The endpoints of a path whose ids are all 0, by method; earlier ones come first."""
    found: dict[str, Endpoint] = {}
    for endpoint in ENDPOINTS:
        if endpoint.matches(path) is not None:
            found.setdefault(endpoint.method, endpoint)
    return found


def _check_scope(scope: str, needed: str) -> None:
    granted = {part.strip().lower() for part in scope.replace(" ", ",").split(",")}
    module = needed.partition(".")[0]
    enough = {FULL_ACCESS.lower(), f"zohoinventory.{needed}".lower(), f"zohoinventory.{module}.all".lower()}
    if not granted & enough:
        raise faults.not_authorized()
