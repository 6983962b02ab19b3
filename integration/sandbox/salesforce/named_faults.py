"""Scripted failures that go by a name, worded as the org or what stands before it words them."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.fault import Fault
from integration.sandbox.fault_kinds import ACCOUNTS, face_of
from integration.sandbox.salesforce.api_errors import ApiError, OAuthError

UNKNOWN = "An unexpected error occurred. Please include this ErrorId if you contact support"
TOO_BUSY = "The server is too busy. Please try again later."
_EDGE = {"edge_406": 406, "edge_420": 420, "edge_429": 429}
_API = {
    "request_limit": ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403),
    "concurrent_limit": ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403),
    "server_unavailable": ("SERVER_UNAVAILABLE", TOO_BUSY, 503),
    "internal_error": ("UNKNOWN_EXCEPTION", UNKNOWN, 500),
}
_ACCOUNTS = {
    "internal_error": ("unknown_error", "retry your request", 500),
    "grant_refused": ("invalid_grant", "expired access/refresh token", 400),
    "grant_throttled": ("invalid_grant", "login rate exceeded", 400),
}
WITHOUT_LIMITS = frozenset({"html", *_EDGE})
"""Kinds that a proxy answers, which knows nothing of the org's limits."""


def named_failure(fault: Fault, path: str) -> ApiError | OAuthError | web.Response | None:
    """What is answered for a fault of that name; None for kinds that are no answer of their own."""
    if fault.kind in _EDGE:
        return web.Response(status=_EDGE[fault.kind])
    if face_of(path) == ACCOUNTS:
        refused = _ACCOUNTS.get(fault.kind)
        return None if refused is None else OAuthError(refused[0], refused[1], status=refused[2])
    failed = _API.get(fault.kind)
    return None if failed is None else ApiError(failed[0], failed[1], status=failed[2])
