"""OAuth endpoints."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from integration.sandbox.salesforce.api_errors import ApiError, OAuthError
from integration.sandbox.salesforce.edge import bearer_token
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.sessions import Session, basic_credentials

_FORM = "application/x-www-form-urlencoded"


class OAuthRoutes:
    """Token, revocation, introspection and identity of one org."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/services/oauth2/token", self.token),
            web.post("/services/oauth2/revoke", self.revoke),
            web.post("/services/oauth2/introspect", self.introspect),
            web.get("/services/oauth2/userinfo", self.userinfo),
            web.post("/services/oauth2/userinfo", self.userinfo),
            web.get("/id/{org}/{user}", self.identity),
        ]

    async def token(self, request: web.Request) -> web.Response:
        form = {**await self._form(request), **basic_credentials(request.headers.get("Authorization", ""))}
        answer = self._org.sessions.grant(form, request.host.partition(":")[0].lower())
        return web.json_response(answer, headers={"Cache-Control": "no-cache, no-store"})

    async def revoke(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        if not self._org.sessions.revoke(form.get("token", "")):
            raise OAuthError(
                "invalid_token", "invalid token: " + ("missing" if not form.get("token") else "unknown")
            )
        return web.Response()

    async def introspect(self, request: web.Request) -> web.Response:
        form = {**await self._form(request), **basic_credentials(request.headers.get("Authorization", ""))}
        if form.get("client_id") != self._org.options.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid", status=401)
        if form.get("client_secret") != self._org.options.client_secret:
            raise OAuthError("invalid_client", "invalid client credentials", status=401)
        session = self._org.sessions.peek(form.get("token", ""))
        if session is None:
            return web.json_response({"active": False})
        answer = {
            "active": True,
            "scope": session.scope,
            "client_id": self._org.options.client_id,
            "username": self._username(session),
            "sub": self._identity(session),
            "token_type": "access_token",
            "exp": session.expires_at // 1000,
            "iat": session.issued_at // 1000,
        }
        return web.json_response(answer)

    async def userinfo(self, request: web.Request) -> web.Response:
        # This endpoint says 403 and plain text where the REST resources say 401 and JSON.
        try:
            session = self._org.sessions.use(bearer_token(request))
        except ApiError:
            return web.Response(status=403, text="Bad_OAuth_Token")
        username = self._username(session)
        base = self._org.sessions.instance_url
        answer = {
            "sub": self._identity(session),
            "user_id": session.user_id,
            "organization_id": self._org.org_id,
            "preferred_username": username,
            "name": f"{username.partition('@')[0].capitalize()} User",
            "email": username,
            "email_verified": True,
            "user_type": "STANDARD",
            "active": True,
            "language": "en_US",
            "locale": "en_GB",
            "urls": {
                "rest": f"{base}/services/data/v{{version}}/",
                "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
                "query": f"{base}/services/data/v{{version}}/query/",
                "custom_domain": base,
            },
        }
        return web.json_response(answer)

    async def identity(self, request: web.Request) -> web.Response:
        """What a token answer's `id` leads to: its keys are not those of `userinfo`."""
        if not request.headers.get("Authorization"):
            return web.Response(status=403, text="Missing_OAuth_Token")
        try:
            session = self._org.sessions.use(bearer_token(request))
        except ApiError:
            return web.Response(status=403, text="Bad_OAuth_Token")
        if request.match_info["org"] != self._org.org_id:
            return web.Response(status=403, text="Wrong_Org")
        if request.match_info["user"] != session.user_id:
            return web.Response(status=404, text="Bad_Id")
        return web.json_response(self._shown_identity(session))

    def _shown_identity(self, session: Session) -> dict[str, Any]:
        username = self._username(session)
        base = self._org.sessions.instance_url
        data = f"{base}/services/data/v{{version}}/"
        return {
            "id": self._identity(session),
            "asserted_user": True,
            "user_id": session.user_id,
            "organization_id": self._org.org_id,
            "username": username,
            "nick_name": username.partition("@")[0],
            "display_name": f"{username.partition('@')[0].capitalize()} User",
            "email": username,
            "email_verified": True,
            "photos": {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"},
            "urls": {
                "enterprise": f"{base}/services/Soap/c/{{version}}/{self._org.org_id[:15]}",
                "partner": f"{base}/services/Soap/u/{{version}}/{self._org.org_id[:15]}",
                "metadata": f"{base}/services/Soap/m/{{version}}/{self._org.org_id[:15]}",
                "rest": data,
                "sobjects": f"{data}sobjects/",
                "search": f"{data}search/",
                "query": f"{data}query/",
                "recent": f"{data}recent/",
                "profile": f"{base}/{session.user_id}",
            },
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_GB",
        }

    async def _form(self, request: web.Request) -> dict[str, str]:
        if request.content_type != _FORM:
            raise OAuthError("invalid_request", "the parameters must be form-encoded")
        fields = await request.post()
        return {name: value for name, value in fields.items() if isinstance(value, str)}

    def _username(self, session: Session) -> str:
        found = self._org.store.get(session.user_id)
        return str(found[1].values["Username"]) if found else self._org.options.username

    def _identity(self, session: Session) -> str:
        return self._org.sessions.identity_url(session.user_id)
