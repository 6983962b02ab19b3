"""The HTTP face of the OAuth server, a host of its own like accounts.zoho.com."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

import orjson
from aiohttp import BasicAuth, web

from integration.sandbox.call_log import CallLog
from integration.sandbox.faults import Faults
from integration.sandbox.interception import after_the_work, before_the_work, is_after, never_left
from integration.sandbox.zoho.api import SYSTEM
from integration.sandbox.zoho.named_faults import named_grant_error
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.tokens import OAuthError


def accounts_routes(
    org: ZohoOrg, scripted: Faults, call_log: CallLog, urls: Mapping[str, str]
) -> list[web.RouteDef]:
    """/oauth/v2/*; `urls` holds `accounts_url` and `api_domain` once they are known."""
    accounts = Accounts(org, scripted, call_log, urls)
    return [
        web.get("/oauth/v2/auth", accounts.authorize),
        web.post("/oauth/v2/token", accounts.token),
        web.post("/oauth/v2/token/revoke", accounts.revoke),
        web.get("/oauth/serverinfo", accounts.server_info),
    ]


class Accounts:
    """Consent, tokens, revocation."""

    def __init__(self, org: ZohoOrg, scripted: Faults, call_log: CallLog, urls: Mapping[str, str]) -> None:
        self._org, self._faults, self._log, self._urls = org, scripted, call_log, urls

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """The consent page; everybody consents at once."""
        query = request.query
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != self._org.profile.client_id or query.get("response_type") != "code":
            return web.Response(status=400, text="ERROR_invalid_client or ERROR_invalid_response_type")
        if not redirect_uri or not query.get("scope"):
            return web.Response(status=400, text="ERROR_invalid_redirect_uri or ERROR_invalid_scope")
        offline = query.get("access_type") == "offline"
        code = self._org.tokens.authorize(redirect_uri, query["scope"], offline=offline)
        answer = {"code": code, "location": "us", "accounts-server": self._urls["accounts_url"]}
        if "state" in query:
            answer = {"state": query["state"], **answer}
        raise web.HTTPFound(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}")

    async def token(self, request: web.Request) -> web.StreamResponse:
        """A token for a code, a refresh token or client credentials."""
        return await self._logged(request, self._token)

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """End a token."""
        return await self._logged(request, self._revoke)

    async def server_info(self, _: web.Request) -> web.StreamResponse:
        """The accounts servers by data centre; here there is one."""
        return web.json_response({"result": "success", "locations": {"us": self._urls["accounts_url"]}})

    async def _logged(
        self, request: web.Request, work: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        began = time.perf_counter()
        status, error = 0, ""
        try:
            response = await self._faulty(request, work)
            error = response.headers.pop("X-Sandbox-Code", "")
            status = 0 if never_left(request, response) else response.status
        finally:
            self._log.add(
                system=SYSTEM, method=request.method, path=request.path, query=request.query_string,
                status=status, code=error or None, ms=(time.perf_counter() - began) * 1000,
            )  # fmt: skip
        return response

    async def _faulty(
        self, request: web.Request, work: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        fault = self._faults.take(SYSTEM, request.method, request.path)
        if fault is None:
            return await work(request)
        if fault.kind == "token_revoked":
            self._org.revoke_access_tokens()
        instead = await before_the_work(request, fault)
        if instead is not None:
            return instead
        named = named_grant_error(fault)
        if named is not None and not is_after(fault):
            return self._refusal(named)
        response = await work(request)
        return await after_the_work(request, fault, response if named is None else self._refusal(named))

    async def _revoke(self, request: web.Request) -> web.Response:
        parameters = await _parameters(request)
        if self._org.tokens.revoke(parameters.get("token", "")):
            return web.json_response({"status": "success"})
        return web.json_response({"error": "invalid_code"}, status=self._org.switches.zoho_token_error_status)

    async def _token(self, request: web.Request) -> web.Response:
        parameters = await _parameters(request)
        try:
            answer = {**self._granted(parameters), "api_domain": self._urls["api_domain"]}
        except OAuthError as error:
            return self._refusal(error)
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    def _refusal(self, error: OAuthError) -> web.Response:
        status = 400 if error.throttled else self._org.switches.zoho_token_error_status
        return web.Response(
            status=status, body=orjson.dumps(error.body), content_type="application/json",
            headers={"X-Sandbox-Code": error.body["error"]},
        )  # fmt: skip

    def _granted(self, parameters: Mapping[str, str]) -> dict[str, object]:
        tokens = self._org.tokens
        tokens.check_client(parameters.get("client_id", ""), parameters.get("client_secret", ""))
        kind = parameters.get("grant_type")
        if kind == "refresh_token":
            return tokens.refresh(parameters.get("refresh_token", ""))
        if kind == "authorization_code":
            return tokens.exchange(parameters.get("code", ""), parameters.get("redirect_uri", ""))
        if kind == "client_credentials":
            return tokens.client_credentials(parameters.get("soid", ""), parameters.get("scope", ""))
        raise OAuthError("unsupported_grant_type")


async def _parameters(request: web.Request) -> dict[str, str]:
    """Query string, form body and Basic credentials, all of which the server takes."""
    form = await request.post()
    parameters = {key: str(value) for key, value in (*request.query.items(), *form.items())}
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        try:
            credentials = BasicAuth.decode(header)
        except ValueError:
            return parameters
        parameters.update(client_id=credentials.login, client_secret=credentials.password)
    return parameters
