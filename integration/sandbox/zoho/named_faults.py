"""Scripted failures that go by a name, worded as Zoho words them."""

from __future__ import annotations

from integration.sandbox.fault import Fault
from integration.sandbox.zoho import faults
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.profile import Limits
from integration.sandbox.zoho.tokens import OAuthError


def named_error(fault: Fault | None, limits: Limits) -> ApiError | None:
    """What the API answers for a fault of that name; None for kinds that are no answer of their own."""
    kind = "" if fault is None else fault.kind
    if kind == "minute_exceeded":
        return faults.minute_exceeded()
    if kind == "day_exceeded":
        return faults.day_exceeded(limits.daily)
    if kind == "in_process":
        return faults.too_many_in_process()
    return ApiError(500, 1000, "Internal error") if kind == "internal_error" else None


def named_grant_error(fault: Fault | None) -> OAuthError | None:
    """What the accounts server answers for a fault of that name."""
    kind = "" if fault is None else fault.kind
    if kind == "grant_throttled":
        return OAuthError("Access Denied", throttled=True)
    return OAuthError("invalid_code") if kind == "grant_refused" else None
