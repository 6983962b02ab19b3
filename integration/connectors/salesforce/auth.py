"""Access tokens from Salesforce: client credentials, JWT bearer, refresh token."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import jwt

from integration.connectors.http import Http
from integration.connectors.salesforce.config import Flow, Login
from integration.connectors.salesforce.faults import oauth_fault
from integration.connectors.salesforce.ids import is_record_id, long_id, organization_of
from integration.connectors.tokens import FetchedToken
from integration.errors import ConfigurationFault, Retryable
from integration.ports import Clock

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180
_OK = 200


class Authenticator:
    """Asks one org for access tokens; `fetch` is what the keeper of the fleet's token calls."""

    def __init__(self, login: Login, http: Http, clock: Clock) -> None:
        self._login = login
        self._http = http
        self._clock = clock

    def fetch(self, refresh_token: str = "") -> FetchedToken:
        """A fresh access token; `refresh_token` stands for the one of the login.

        Raises Unauthorized when the login is refused for good, Retryable or Throttled when it may pass, and
        ConfigurationFault when the private key or the instance address cannot be used.
        """
        answer = self._http.send(
            "POST",
            self._login.login_url.rstrip("/") + TOKEN_PATH,
            form=self._form(refresh_token),
            effect=False,
        )
        try:
            content = answer.json()
        except ValueError:
            content = None
        if answer.status != _OK:
            raise oauth_fault(answer.status, content)
        if not isinstance(content, Mapping) or not content.get("access_token"):
            raise Retryable("salesforce.oauth.unavailable", "the token endpoint answered without a token")
        base_url = self._login.instance_url or str(content.get("instance_url") or "")
        return FetchedToken(
            str(content["access_token"]),
            _rest_host(base_url),
            self._login.lifetime_seconds,
            organization_id=_organization_told(content),
            refresh_token=str(content.get("refresh_token") or ""),
        )

    def _form(self, refresh_token: str) -> dict[str, str]:
        login = self._login
        if login.flow is Flow.JWT:
            return {"grant_type": JWT_GRANT, "assertion": self._assertion()}
        form = {"client_id": login.client_id}
        if login.client_secret:
            form["client_secret"] = login.client_secret
        if login.flow is Flow.REFRESH_TOKEN:
            return form | {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token or login.refresh_token,
            }
        return form | {"grant_type": "client_credentials"}

    def _assertion(self) -> str:
        claims = {
            "iss": self._login.client_id,
            "sub": self._login.username,
            "aud": self._login.audience or self._login.login_url.rstrip("/"),
            "exp": self._clock.now_ms() // 1_000 + ASSERTION_SECONDS,
        }
        try:
            return jwt.encode(claims, self._login.private_key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            problem = ConfigurationFault(
                "salesforce.private_key",
                "the private key cannot sign",
                advice="Give an RSA private key in PEM form whose certificate the connected app holds.",
            )
        raise problem  # out here: the library's error may quote the key


def _organization_told(content: Mapping[str, object]) -> str:
    """The org's id as a token answer tells it: before the token's `!`, else in the identity address
    `https://<host>/id/<org>/<user>`; empty when it tells none.
    """
    told = organization_of(str(content["access_token"]))
    if told:
        return told
    path = urlsplit(str(content.get("id") or "")).path.split("/")
    organization = path[2] if len(path) == 4 and path[1] == "id" else ""
    return long_id(organization) if organization.startswith("00D") and is_record_id(organization) else ""


def _rest_host(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ConfigurationFault("salesforce.instance_url", "the org's address is missing or no URL")
    if parts.hostname.endswith(".lightning.force.com"):
        raise ConfigurationFault(
            "salesforce.instance_url",
            "this address serves pages, not the API",
            advice="Use the org's My Domain address, https://<your domain>.my.salesforce.com.",
        )
    return f"{parts.scheme}://{parts.netloc}"
