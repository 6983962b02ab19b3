"""Failures of the event bus: a gRPC status, a machine code in the trailers, the rpc id in the message."""

from __future__ import annotations

import uuid

import grpc

PREFIX = "sfdc.platform.eventbus.grpc."
_STATUS = {
    "service.auth.error": grpc.StatusCode.UNAUTHENTICATED,
    "service.auth.headers.invalid": grpc.StatusCode.UNAUTHENTICATED,
    "service.unavailable": grpc.StatusCode.UNAVAILABLE,
    "concurrent.client.limit.exceeded": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "topic.not.found": grpc.StatusCode.NOT_FOUND,
    "topic.validation.empty": grpc.StatusCode.INVALID_ARGUMENT,
    "schema.validation.failed": grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.replayid.corrupted": grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.replayid.validation.failed": grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.requested.events.invalid": grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.fetch.topic.mismatch": grpc.StatusCode.INVALID_ARGUMENT,
    "subscription.limit.exceeded": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "publish.event.count.invalid": grpc.StatusCode.INVALID_ARGUMENT,
}


class BusError(Exception):
    """Ends the call with the code's status; an empty suffix sends no `error-code` trailer."""

    def __init__(self, suffix: str, message: str, status: grpc.StatusCode | None = None) -> None:
        super().__init__(message)
        self.suffix = suffix
        self.message = message
        self.status = status or _STATUS[suffix]

    def trailers(self, rpc_id: str) -> tuple[tuple[str, str], ...]:
        code = (("error-code", PREFIX + self.suffix),) if self.suffix else ()
        return (*code, ("rpc-id", rpc_id))

    def text(self, rpc_id: str) -> str:
        return f"{self.message} rpcId: {rpc_id}"


def maintenance() -> BusError:
    """The bus restarts: a bare status without a machine code, as seen in the field."""
    return BusError("", "RST_STREAM closed stream", grpc.StatusCode.UNAVAILABLE)


def new_rpc_id() -> str:
    return str(uuid.uuid4())
