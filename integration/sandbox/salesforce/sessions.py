"""Logins and tokens: the flows of the connected app and the SOAP login; expiry and revocation."""

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
from integration.sandbox.salesforce.authorization_codes import AuthorizationCodes
from integration.sandbox.salesforce.login_policy import LoginPolicy
from integration.sandbox.salesforce.options import OrgOptions, names_in
from integration.sandbox.salesforce.usage import RollingCount
from integration.sandbox.salesforce.values import to_millis

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_HOUR = 3600.0
SCOPE = "id api refresh_token"
LOGIN_RATE = "login rate exceeded"


@dataclass(frozen=True)
class Session:
    """One access token; times are epoch milliseconds."""

    token: str
    user_id: str
    issued_at: int
    expires_at: int
    refresh_token: str | None
    scope: str = SCOPE

    @property
    def for_rest(self) -> bool:
        """Whether what was agreed to lets the token call the REST API."""
        return not {"api", "full"}.isdisjoint(self.scope.split())


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
        self._scopes: dict[str, str] = {}
        self._logins = RollingCount(_HOUR, clock.monotonic)
        self._codes = AuthorizationCodes()
        self.policy = LoginPolicy()
        self.on_end: Callable[[], None] = lambda: None
        self.is_active: Callable[[str], bool] = lambda _user_id: True
        self.instance_url = ""
        self.login_url = ""
        self.clear()

    # -- token endpoint -------------------------------------------------------------------------

    def grant(self, form: Mapping[str, str], host: str = "") -> dict[str, str]:
        """The success body of the token endpoint at the host. Raises OAuthError as listed for each flow."""
        self._count_login()
        switches = self._options.switches
        if host in names_in(switches.foreign_login_hosts):
            raise OAuthError("invalid_client_id", "client identifier invalid")
        grant_type = form.get("grant_type", "")
        if grant_type == "client_credentials" and host in names_in(switches.login_hosts):
            raise OAuthError("invalid_grant", "request not supported on this domain")
        flow = {
            "client_credentials": self._client_credentials,
            JWT_BEARER: self._jwt_bearer,
            "refresh_token": self._refresh,
            "authorization_code": self._authorization_code,
            "password": self._password,
        }.get(grant_type)
        if flow is None:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        return flow(form)

    def approve(self, username: str | None, redirect_uri: str, scope: str, challenge: str) -> str:
        """An authorization code for the user, or for the integration user where nobody knows the name."""
        user_id = self._users.get(username or "", self._users[self._options.username])
        minutes = self._options.switches.authorization_code_minutes
        return self._codes.issue(
            user_id, redirect_uri, scope, challenge, to_millis(self._clock.now()), minutes
        )

    def login(self, username: str, password: str) -> Session:
        """A session by password, as the SOAP login has it. Raises OAuthError."""
        self._count_login()
        return self._open(self._password_user(username, password), None, "full")

    def _count_login(self) -> None:
        self._logins.add()
        if self._logins.used() > self._options.switches.logins_per_hour:
            raise OAuthError("invalid_grant", LOGIN_RATE)

    def _admit(self, user_id: str) -> str:
        """The user, if the org lets it in through the app."""
        if not self.is_active(user_id) or not self.policy.logins:
            raise OAuthError("invalid_grant", "authentication failure")
        if not self.policy.app_access:
            raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
        return user_id

    def _client_credentials(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_client(form, secret_needed=True)
        if not self.policy.run_as:
            raise OAuthError("invalid_grant", "no client credentials user enabled")
        return self._answer(self._open(self._admit(self._users[self._options.username]), None))

    def _jwt_bearer(self, form: Mapping[str, str]) -> dict[str, str]:
        user_id = self._jwt_user(form.get("assertion", ""))
        return self._answer(self._open(self._admit(user_id), None))

    def _password(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_client(form, secret_needed=True)
        if not self._options.switches.password_flow:
            raise OAuthError("invalid_grant", "authentication failure")
        user_id = self._password_user(form.get("username", ""), form.get("password", ""))
        return self._answer(self._open(self._admit(user_id), None))

    def _password_user(self, username: str, password: str) -> str:
        """Whose password it is; the security token stands right behind it."""
        user_id = self._users.get(username)
        full = self._options.password + self._options.security_token
        right = hmac.compare_digest(password.encode(), full.encode())
        if not self._options.switches.security_token_needed:
            right = right or hmac.compare_digest(password.encode(), self._options.password.encode())
        allowed = user_id is not None and self.is_active(user_id) and self.policy.logins
        if user_id is None or not right or not allowed:
            raise OAuthError("invalid_grant", "authentication failure")
        return user_id

    def _authorization_code(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_client(form, secret_needed=True)
        approval = self._codes.redeem(form, to_millis(self._clock.now()))
        user_id = self._admit(approval.user_id)
        if {"refresh_token", "offline_access"}.isdisjoint(approval.scope.split()):
            return self._answer(self._open(user_id, None, approval.scope))
        fresh = self._new_refresh_token(user_id, approval.scope)
        self._keep_newest(user_id)
        return {**self._answer(self._open(user_id, fresh, approval.scope)), "refresh_token": fresh}

    def _new_refresh_token(self, user_id: str, scope: str) -> str:
        fresh = "5Aep861" + secrets.token_urlsafe(48)
        self._refresh_tokens[fresh] = user_id
        self._scopes[fresh] = scope
        return fresh

    def _keep_newest(self, user_id: str) -> None:
        """One approval more than the org keeps for a user and app ends the oldest."""
        own = [token for token, owner in self._refresh_tokens.items() if owner == user_id]
        for token in own[: -self._options.switches.approvals_per_user]:
            self.revoke(token)

    def _refresh(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_client(form, secret_needed=False)
        token = form.get("refresh_token", "")
        user_id = self._refresh_tokens.get(token)
        if user_id is None:
            self._end_successor(token)
            raise OAuthError("invalid_grant", "expired access/refresh token")
        self._admit(user_id)
        scope = self._scopes.get(token, SCOPE)
        if not self._options.switches.refresh_token_rotation:
            return self._answer(self._open(user_id, token, scope))
        del self._refresh_tokens[token]
        fresh = self._new_refresh_token(user_id, scope)
        self._rotated[token] = fresh
        return {**self._answer(self._open(user_id, fresh, scope)), "refresh_token": fresh}

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
        if user_id is None or not self.policy.approved:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        return user_id

    def _check_signature(self, assertion: str) -> None:
        if self._options.jwt_public_key is None:
            raise OAuthError("invalid_grant", "invalid assertion")
        try:
            claims = jwt.decode(
                assertion,
                self._options.jwt_public_key,
                algorithms=["RS256"],
                # The library would go by the clock of this machine, not by the org's.
                options={
                    "require": ["exp", "iss", "sub", "aud"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            ended = float(claims["exp"]) <= self._clock.now().timestamp()
        except (jwt.PyJWTError, TypeError, ValueError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if ended:
            raise OAuthError("invalid_grant", "invalid assertion")

    def _open(self, user_id: str, refresh_token: str | None, scope: str = SCOPE) -> Session:
        now = to_millis(self._clock.now())
        shown = self._org_id[: self._options.switches.access_token_org_id_length]
        token = (f"{shown}!" if shown else "") + secrets.token_urlsafe(72)
        expires_at = now + int(self._options.switches.token_seconds * 1000)
        session = Session(token, user_id, now, expires_at, refresh_token, scope)
        self._sessions[token] = session
        return session

    def _answer(self, session: Session) -> dict[str, str]:
        identity = self.identity_url(session.user_id)
        issued_at = str(session.issued_at)
        digest = hmac.new(
            self._options.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256
        ).digest()
        return {
            "access_token": session.token,
            "signature": base64.b64encode(digest).decode(),
            "scope": session.scope,
            "instance_url": self.instance_url,
            **({"api_instance_url": self.instance_url} if self._options.switches.api_instance_url else {}),
            **({"id": identity} if self._options.switches.identity_url else {}),
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    def identity_url(self, user_id: str) -> str:
        """Where a user of this org is described."""
        return f"{self.login_url or self.instance_url}/id/{self._org_id}/{user_id}"

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
        return None if session is None or not self.is_active(session.user_id) else session

    def revoke(self, token: str) -> bool:
        """Ends an access token, or a refresh token with all its access tokens. False: not known."""
        known = self._sessions.pop(token, None) is not None
        if self._refresh_tokens.pop(token, None) is not None:
            known = True
            self._scopes.pop(token, None)
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
        self._scopes = {}
        self._codes.clear()
        self.policy = LoginPolicy()
        self._logins.clear()
        self.on_end()

    def dump(self) -> dict[str, Any]:
        return {
            "sessions": [asdict(session) for session in self._sessions.values()],
            "refresh_tokens": dict(self._refresh_tokens),
            "rotated": dict(self._rotated),
            "scopes": dict(self._scopes),
            "codes": self._codes.dump(),
            "policy": asdict(self.policy),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self._sessions = {raw["token"]: Session(**raw) for raw in state["sessions"]}
        self._refresh_tokens = dict(state["refresh_tokens"])
        self._rotated = dict(state.get("rotated", {}))
        self._scopes = dict(state.get("scopes", {}))
        self._codes.load(state.get("codes", {}))
        self.policy = LoginPolicy(**state.get("policy", {}))


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
