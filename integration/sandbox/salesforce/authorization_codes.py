"""Authorization codes of the web server flow: one use, a quarter of an hour, bound to address and PKCE."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from integration.sandbox.salesforce.api_errors import OAuthError

SCOPES = frozenset(
    "id profile email address phone openid api web full chatter_api visualforce lightning content"
    " refresh_token offline_access custom_permissions wave_api eclair_api pardot_api cdp_api".split()
)
_MINUTE_MILLIS = 60_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Approval:
    """What a user has agreed to; `expires_at` is epoch milliseconds."""

    user_id: str
    redirect_uri: str
    scope: str
    challenge: str
    expires_at: int


class AuthorizationCodes:
    """The codes that are out."""

    def __init__(self) -> None:
        self._codes: dict[str, Approval] = {}

    def issue(
        self, user_id: str, redirect_uri: str, scope: str, challenge: str, now: int, minutes: float
    ) -> str:
        code = "aPrx" + secrets.token_urlsafe(48)
        expires_at = now + int(minutes * _MINUTE_MILLIS)
        self._codes[code] = Approval(user_id, redirect_uri, scope, challenge, expires_at)
        return code

    def redeem(self, form: Mapping[str, str], now: int) -> Approval:
        """The approval behind a code, which is used up by this whether it fits or not. Raises OAuthError."""
        approval = self._codes.pop(form.get("code", ""), None)
        if approval is None:
            raise OAuthError("invalid_grant", "invalid authorization code")
        if approval.expires_at <= now:
            raise OAuthError("invalid_grant", "expired authorization code")
        if form.get("redirect_uri") != approval.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if approval.challenge and challenge_of(form.get("code_verifier", "")) != approval.challenge:
            raise OAuthError("invalid_grant", "invalid code verifier")
        return approval

    def clear(self) -> None:
        self._codes.clear()

    def dump(self) -> dict[str, Any]:
        return {code: asdict(approval) for code, approval in self._codes.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        self._codes = {code: Approval(**raw) for code, raw in state.items()}


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def callback_allowed(address: str, allowed: Iterable[str]) -> bool:
    """Whether the app may be called back there; without a list anywhere on this machine."""
    listed = tuple(allowed)
    if listed:
        return address in listed
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK
