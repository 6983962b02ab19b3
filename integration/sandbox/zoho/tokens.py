"""The OAuth server's state: clients, codes, refresh and access tokens, and the throttle on refreshing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from integration.sandbox.clock import Clock
from integration.sandbox.switches import Switches
from integration.sandbox.zoho.profile import FULL_ACCESS, Profile, secret

REQUESTS_PER_WINDOW = 10
REFRESH_TOKENS_PER_USER = 20
REFRESH_TOKENS_PER_MINUTE = 5
CODE_SECONDS = 60


class OAuthError(Exception):
    """A token answer that carries an error instead of a token."""

    def __init__(self, error: str, *, throttled: bool = False) -> None:
        super().__init__(error)
        self.throttled = throttled
        self.body: dict[str, str] = {"error": error}
        if throttled:
            self.body = {
                "error_description": "You have made too many requests continuously. "
                "Please try again after some time.",
                "error": "Access Denied",
                "status": "failure",
            }


@dataclass
class AccessToken:
    """One token with its end (seconds since 1970) and what it was given for."""

    token: str
    scope: str
    expires: float
    grant: str  # the refresh token or client id it came from


@dataclass
class _Window:
    began: float
    requests: int = 0


@dataclass
class Grant:
    """A code that waits to be exchanged."""

    code: str
    redirect_uri: str
    scope: str
    offline: bool
    expires: float


@dataclass
class TokenServer:
    """Grants and checks tokens of one user of one organisation."""

    profile: Profile
    switches: Switches
    clock: Clock
    seed: int
    _refresh: dict[str, str] = field(default_factory=dict)  # refresh token → scope, oldest first
    _access: dict[str, AccessToken] = field(default_factory=dict)
    _codes: dict[str, Grant] = field(default_factory=dict)
    _windows: dict[str, _Window] = field(default_factory=dict)
    _issued: int = 0

    def __post_init__(self) -> None:
        self._refresh.setdefault(self.profile.refresh_token, FULL_ACCESS)

    def check_client(self, client_id: str, client_secret: str) -> None:
        """:raises OAuthError: unknown client or wrong secret"""
        if client_id != self.profile.client_id:
            raise OAuthError("invalid_client")
        if client_secret != self.profile.client_secret:
            raise OAuthError("invalid_client_secret")

    def authorize(self, redirect_uri: str, scope: str, *, offline: bool) -> str:
        """A code as the consent page would send it to the redirect address."""
        code = self._new_token("code")
        expires = self._now() + self.clock.scaled(CODE_SECONDS)
        self._codes[code] = Grant(code, redirect_uri, scope, offline, expires)
        return code

    def exchange(self, code: str, redirect_uri: str) -> dict[str, Any]:
        """The tokens for a code, once. :raises OAuthError: used, expired or foreign code."""
        grant = self._codes.pop(code, None)
        if grant is None or grant.expires < self._now() or grant.redirect_uri != redirect_uri:
            raise OAuthError("invalid_code")
        if not grant.offline:
            return self._answer(self._grant_access(grant.code, grant.scope))
        self._throttle("refresh tokens", REFRESH_TOKENS_PER_MINUTE, minutes=1)
        refresh_token = self._new_token("refresh")
        self._refresh[refresh_token] = grant.scope
        if len(self._refresh) > REFRESH_TOKENS_PER_USER:
            self._drop_refresh(next(iter(self._refresh)))
        answer = self._answer(self._grant_access(refresh_token, grant.scope))
        return {"refresh_token": refresh_token, **answer}

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """A new access token. :raises OAuthError: unknown refresh token, or too many requests."""
        scope = self._refresh.get(refresh_token)
        if scope is None:
            raise OAuthError("invalid_code")
        self._throttle(refresh_token, REQUESTS_PER_WINDOW, minutes=self.switches.zoho_token_minutes)
        return self._answer(self._grant_access(refresh_token, scope))

    def client_credentials(self, soid: str, scope: str) -> dict[str, Any]:
        """A token for the organisation itself. :raises OAuthError: foreign organisation, no scope."""
        if soid != f"ZohoInventory.{self.profile.organization_id}":
            raise OAuthError("invalid_soid")
        if not scope:
            raise OAuthError("invalid_scope")
        self._throttle(soid, REQUESTS_PER_WINDOW, minutes=self.switches.zoho_token_minutes)
        return self._answer(self._grant_access(soid, scope))

    def revoke(self, token: str) -> bool:
        """End a refresh or access token; tells whether there was one."""
        if token in self._refresh:
            self._drop_refresh(token)
            return True
        return self._access.pop(token, None) is not None

    def revoke_all_access(self) -> None:
        """Every access token given so far is dead; refresh tokens stay."""
        self._access.clear()

    def scope_of(self, token: str) -> str | None:
        """What a living access token may do."""
        found = self._access.get(token)
        return found.scope if found is not None and found.expires > self._now() else None

    def dump(self) -> dict[str, Any]:
        """As JSON; codes and throttle windows are too short-lived to keep."""
        access = [asdict(token) for token in self._access.values()]
        return {"refresh": self._refresh, "access": access, "issued": self._issued}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump."""
        self._refresh = dict(state["refresh"])
        self._access = {row["token"]: AccessToken(**row) for row in state["access"]}
        self._issued = state["issued"]

    def _grant_access(self, grant: str, scope: str) -> AccessToken:
        living = [token for token in self._access.values() if token.grant == grant]
        for oldest in living[: max(0, len(living) + 1 - self.switches.zoho_live_access_tokens)]:
            del self._access[oldest.token]
        expires = self._now() + self.switches.zoho_token_seconds
        token = AccessToken(self._new_token("access"), scope, expires, grant)
        self._access[token.token] = token
        return token

    def _throttle(self, key: str, allowed: int, *, minutes: float) -> None:
        now = self.clock.monotonic()
        window = self._windows.get(key)
        if window is None or now - window.began >= minutes * self.clock.minute_seconds:
            window = self._windows[key] = _Window(now)
        if window.requests >= allowed:
            raise OAuthError("Access Denied", throttled=True)
        window.requests += 1

    def _answer(self, token: AccessToken) -> dict[str, Any]:
        answer: dict[str, Any] = {"access_token": token.token}
        if self.switches.zoho_token_scope_answered:
            answer["scope"] = token.scope
        return {**answer, "token_type": "Bearer", "expires_in": self.switches.zoho_token_seconds}

    def _drop_refresh(self, refresh_token: str) -> None:
        del self._refresh[refresh_token]
        if self.switches.zoho_revoke_kills_access:
            self._access = {k: token for k, token in self._access.items() if token.grant != refresh_token}

    def _new_token(self, kind: str) -> str:
        self._issued += 1
        text = secret(self.seed, f"{kind}:{self._issued}")
        return f"1000.{text[:32]}.{text[32:]}"

    def _now(self) -> float:
        return self.clock.now().timestamp()
