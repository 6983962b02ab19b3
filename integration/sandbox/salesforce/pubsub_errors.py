"""Failures of the event bus: a gRPC status, a machine code in the trailers, the rpc id in the message."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

import grpc

from integration.sandbox.salesforce.bus_codes import CODES, pairings
from integration.sandbox.salesforce.switches import SalesforceSwitches

PREFIX = "sfdc.platform.eventbus.grpc."


class BusError(Exception):
    """Ends the call with the code's status; an empty suffix, which needs one, sends no `error-code`."""

    def __init__(
        self, suffix: str, message: str | None = None, status: grpc.StatusCode | None = None
    ) -> None:
        super().__init__(suffix or message)
        self.suffix = suffix
        self.message = CODES[suffix].text if message is None else message
        self.status = grpc.StatusCode[CODES[suffix].status] if status is None else status


class Trailers:
    """Turns failures into what the caller gets, as the org's switches pair them."""

    def __init__(self, switches: SalesforceSwitches) -> None:
        self._statuses = {
            suffix: grpc.StatusCode[name] for suffix, name in pairings(switches.bus_code_statuses).items()
        }
        self._rpc_id_key = switches.rpc_id_trailer

    def status(self, error: BusError) -> grpc.StatusCode:
        return self._statuses.get(error.suffix, error.status)

    async def abort(self, context: Any, error: BusError, rpc_id: str) -> NoReturn:
        """Ends the call."""
        code = (("error-code", PREFIX + error.suffix),) if error.suffix else ()
        text = f"{error.message} rpcId: {rpc_id}"
        await context.abort(self.status(error), text, (*code, (self._rpc_id_key, rpc_id)))
        raise AssertionError("abort always raises")


def maintenance() -> BusError:
    """The bus restarts: a bare status without a machine code, as seen in the field."""
    return BusError("", "RST_STREAM closed stream", grpc.StatusCode.UNAVAILABLE)


def outage() -> BusError:
    """The bus is out of order, in the other of the two bare forms seen in the field."""
    return BusError("", "Received RST_STREAM with code 0", grpc.StatusCode.INTERNAL)


def new_rpc_id() -> str:
    return str(uuid.uuid4())
