"""How a scripted fault is played out on a gRPC call."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import grpc

from integration.sandbox.fault import Fault
from integration.sandbox.interception import is_after
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_errors import BusError, maintenance, outage

_INTERNAL = 500
_LONGEST_CALL = 600.0


async def before_the_call(fault: Fault | None, org: SalesforceOrg) -> None:
    """Plays what comes before any work. Raises BusError where that ends the call."""
    if fault is None or is_after(fault):
        return
    if fault.kind == "token_revoked":
        org.revoke_access_tokens()
    elif fault.kind == "slow":
        await asyncio.sleep(fault.wait)
    elif fault.kind == "hang":
        await _hang()
    else:
        raise _failure(fault)


async def after_the_call(fault: Fault | None) -> None:
    """Plays what comes once the work is done, or a stream has answered once. Raises BusError."""
    if fault is None or not is_after(fault):
        return
    if fault.kind == "slow_after":
        await asyncio.sleep(fault.wait)
    elif fault.kind == "hang_after":
        await _hang()
    else:
        raise _failure(fault)


def _failure(fault: Fault) -> BusError:
    code = {"server_unavailable": "service.unavailable", "internal_error": "subscription.internal.error"}.get(
        fault.kind, fault.code
    )
    if not code:
        return outage() if fault.status == _INTERNAL else maintenance()
    message = fault.body if isinstance(fault.body, str) else "The call failed."
    try:
        return BusError(code, message)
    except KeyError:
        return BusError(code, message, grpc.StatusCode.UNKNOWN)


async def _hang() -> NoReturn:
    """Never answers within the client's patience; the connection itself stays healthy."""
    await asyncio.sleep(_LONGEST_CALL)
    raise maintenance()
