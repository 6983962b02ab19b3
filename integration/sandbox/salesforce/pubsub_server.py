"""Starts the event bus on a port."""

from __future__ import annotations

import grpc
import grpc.aio

from integration.sandbox.call_log import CallLog
from integration.sandbox.faults import Faults
from integration.sandbox.salesforce import pubsub_api_pb2_grpc as pb_grpc
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_service import PubSubService

# The org itself refuses what exceeds its 4 MB, as its gateway does; gRPC would say something else.
_LARGEST_MESSAGE = 16 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.max_concurrent_streams", 1000),
    # Clients ping every half minute to notice half-open connections; the default would send them away.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
    # A second server on the same port would share its connections in silence.
    ("grpc.so_reuseport", 0),
)


async def start_pubsub(
    org: SalesforceOrg,
    host: str,
    port: int,
    credentials: grpc.ServerCredentials | None,
    faults: Faults | None = None,
    call_log: CallLog | None = None,
) -> tuple[grpc.aio.Server, int]:
    """A running server and its port (0 asks for a free one); plain text without credentials.

    Raises RuntimeError (from gRPC) when the port is taken.
    """
    server = grpc.aio.server(options=_OPTIONS)
    service = PubSubService(org, faults or Faults(), call_log or CallLog())
    pb_grpc.add_PubSubServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    address = f"{host}:{port}"
    bound = (
        server.add_insecure_port(address)
        if credentials is None
        else server.add_secure_port(address, credentials)
    )
    await server.start()
    return server, bound
