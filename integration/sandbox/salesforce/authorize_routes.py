"""The web server flow's first half: the browser comes with a request and leaves with a code."""

from __future__ import annotations

import html
from collections.abc import Mapping

from aiohttp import web
from yarl import URL

from integration.sandbox.salesforce.api_errors import OAuthError
from integration.sandbox.salesforce.authorization_codes import SCOPES, callback_allowed
from integration.sandbox.salesforce.options import names_in
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.sessions import SCOPE


class AuthorizeRoutes:
    """`/services/oauth2/authorize`; whoever `login_hint` names is logged in and is asked at once."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        path = "/services/oauth2/authorize"
        return [web.get(path, self.authorize), web.post(path, self.authorize)]

    async def authorize(self, request: web.Request) -> web.Response:
        posted = await request.post() if request.method == "POST" else {}
        asked = {**request.query, **{k: v for k, v in posted.items() if isinstance(v, str)}}
        try:
            self._check_app(asked)
        except OAuthError as error:
            # Without a trusted address to go back to, the user gets to read it.
            text = html.escape(f"error={error.error}&error_description={error.description}")
            return web.Response(
                status=400, text=f"<html><body>{text}</body></html>", content_type="text/html"
            )
        try:
            answer = {"code": self._code(asked)}
        except OAuthError as error:
            answer = {"error": error.error, "error_description": error.description}
        if "state" in asked:
            answer["state"] = asked["state"]
        return web.Response(
            status=302, headers={"Location": str(URL(asked["redirect_uri"]).update_query(answer))}
        )

    def _check_app(self, asked: Mapping[str, str]) -> None:
        if asked.get("client_id") != self._org.options.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        callbacks = names_in(self._org.options.switches.callback_urls)
        if not callback_allowed(asked.get("redirect_uri", ""), callbacks):
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")

    def _code(self, asked: Mapping[str, str]) -> str:
        if asked.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response type not supported")
        scope = asked.get("scope", SCOPE)
        if not scope.split() or not SCOPES.issuperset(scope.split()):
            raise OAuthError("invalid_scope", "the requested scope is invalid, unknown, or malformed")
        if asked.get("code_challenge_method", "S256") != "S256":
            raise OAuthError("invalid_request", "code challenge method not supported")
        if not self._org.sessions.policy.consent:
            raise OAuthError("access_denied", "end-user denied authorization")
        return self._org.sessions.approve(
            asked.get("login_hint"), asked["redirect_uri"], scope, asked.get("code_challenge", "")
        )
