"""Logins and tokens: client credentials, JWT bearer, refresh token; expiry and revocation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import jwt

from integration.sandbox.clock import Clock
from integration.sandbox.salesforce.api_errors import OAuthError, session_invalid
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.usage import RollingCount
from integration.sandbox.salesforce.values import to_millis

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_HOUR = 3600.0
SCOPE = "id api refresh_token"


@dataclass(frozen=True)
class Session:
    """One access token; times are epoch milliseconds."""

    token: str
    user_id: str
    issued_at: int
    expires_at: int
    refresh_token: str | None


class Sessions:
    """The org's tokens. `on_end` is called whenever tokens stop being valid by revocation."""

    def __init__(self, options: OrgOptions, clock: Clock, org_id: str, users: Mapping[str, str]) -> None:
        self._options = options
        self._clock = clock
        self._org_id = org_id
        self._users = users
        self._sessions: dict[str, Session] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._rotated: dict[str, str] = {}
        self._logins = RollingCount(_HOUR, clock.monotonic)
        self.on_end: Callable[[], None] = lambda: None
        self.instance_url = ""
        self.login_url = ""
        self.clear()

    # -- token endpoint -------------------------------------------------------------------------

    def grant(self, form: Mapping[str, str]) -> dict[str, str]:
        """The success body of the token endpoint. Raises OAuthError as listed for each flow."""
        self._logins.add()
        if self._logins.used() > self._options.switches.logins_per_hour:
            raise OAuthError("invalid_grant", "login rate exceeded")
        grant_type = form.get("grant_type", "")
        if grant_type == "client_credentials":
            self._check_client(form, secret_needed=True)
            return self._answer(self._open(self._users[self._options.username], None))
        if grant_type == JWT_BEARER:
            return self._answer(self._open(self._jwt_user(form.get("assertion", "")), None))
        if grant_type == "refresh_token":
            return self._refresh(form)
        raise OAuthError("unsupported_grant_type", "grant type not supported")

    def _refresh(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_client(form, secret_needed=False)
        token = form.get("refresh_token", "")
        user_id = self._refresh_tokens.get(token)
        if user_id is None:
            self._end_successor(token)
            raise OAuthError("invalid_grant", "expired access/refresh token")
        if not self._options.switches.refresh_token_rotation:
            return self._answer(self._open(user_id, token))
        del self._refresh_tokens[token]
        fresh = "5Aep861" + secrets.token_urlsafe(48)
        self._refresh_tokens[fresh] = user_id
        self._rotated[token] = fresh
        return {**self._answer(self._open(user_id, fresh)), "refresh_token": fresh}

    def _end_successor(self, token: str) -> None:
        """A refresh token that was rotated out and comes again may be stolen: the one in its place ends."""
        while token in self._rotated:
            token = self._rotated[token]
            self.revoke(token)

    def _check_client(self, form: Mapping[str, str], *, secret_needed: bool) -> None:
        client_id, client_secret = form.get("client_id", ""), form.get("client_secret")
        if client_id != self._options.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if client_secret is None and not secret_needed:
            return
        if not hmac.compare_digest((client_secret or "").encode(), self._options.client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials")

    def _jwt_user(self, assertion: str) -> str:
        try:
            claims = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != self._options.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        audiences = {*_AUDIENCES, self.instance_url, self.login_url}
        if str(claims.get("aud", "")).rstrip("/") not in audiences:
            raise OAuthError("invalid_grant", "audience is invalid")
        self._check_signature(assertion)
        user_id = self._users.get(str(claims.get("sub")))
        if user_id is None:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        return user_id

    def _check_signature(self, assertion: str) -> None:
        if self._options.jwt_public_key is None:
            raise OAuthError("invalid_grant", "invalid assertion")
        try:
            jwt.decode(
                assertion,
                self._options.jwt_public_key,
                algorithms=["RS256"],
                options={"verify_aud": False, "require": ["exp", "iss", "sub", "aud"]},
            )
        except jwt.PyJWTError:
            raise OAuthError("invalid_grant", "invalid assertion") from None

    def _open(self, user_id: str, refresh_token: str | None) -> Session:
        now = to_millis(self._clock.now())
        shown = self._org_id[: self._options.switches.access_token_org_id_length]
        token = (f"{shown}!" if shown else "") + secrets.token_urlsafe(72)
        session = Session(
            token, user_id, now, now + int(self._options.switches.token_seconds * 1000), refresh_token
        )
        self._sessions[token] = session
        return session

    def _answer(self, session: Session) -> dict[str, str]:
        identity = f"{self.login_url or self.instance_url}/id/{self._org_id}/{session.user_id}"
        issued_at = str(session.issued_at)
        digest = hmac.new(
            self._options.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256
        ).digest()
        return {
            "access_token": session.token,
            "signature": base64.b64encode(digest).decode(),
            "scope": SCOPE,
            "instance_url": self.instance_url,
            **({"id": identity} if self._options.switches.identity_url else {}),
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    # -- use ------------------------------------------------------------------------------------

    def use(self, token: str) -> Session:
        """The live session of the token, prolonged by this use. Raises INVALID_SESSION_ID (401)."""
        session = self.peek(token)
        if session is None:
            raise session_invalid()
        expires_at = to_millis(self._clock.now()) + int(self._options.switches.token_seconds * 1000)
        session = replace(session, expires_at=expires_at)
        self._sessions[token] = session
        return session

    def peek(self, token: str) -> Session | None:
        """The live session of the token, if any, without prolonging it."""
        session = self._sessions.get(token)
        if session is not None and session.expires_at <= to_millis(self._clock.now()):
            del self._sessions[token]
            return None
        return session

    def revoke(self, token: str) -> bool:
        """Ends an access token, or a refresh token with all its access tokens. False: not known."""
        known = self._sessions.pop(token, None) is not None
        if self._refresh_tokens.pop(token, None) is not None:
            known = True
            children = [t for t, s in self._sessions.items() if s.refresh_token == token]
            for child in children:
                del self._sessions[child]
        if known:
            self.on_end()
        return known

    def revoke_access_tokens(self) -> None:
        """Ends every access token; refresh tokens stay."""
        self._sessions.clear()
        self.on_end()

    def clear(self) -> None:
        """No sessions; the refresh token of the options is valid again."""
        self._sessions = {}
        self._refresh_tokens = {self._options.refresh_token: self._users[self._options.username]}
        self._rotated = {}
        self._logins.clear()
        self.on_end()

    def dump(self) -> dict[str, Any]:
        return {
            "sessions": [asdict(session) for session in self._sessions.values()],
            "refresh_tokens": dict(self._refresh_tokens),
            "rotated": dict(self._rotated),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self._sessions = {raw["token"]: Session(**raw) for raw in state["sessions"]}
        self._refresh_tokens = dict(state["refresh_tokens"])
        self._rotated = dict(state.get("rotated", {}))


def basic_credentials(header: str) -> dict[str, str]:
    """Client id and secret of an `Authorization: Basic` header; empty where it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": user, "client_secret": password}
