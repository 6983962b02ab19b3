"""Calls on the event bus: channel, headers, and gRPC errors as faults of ours."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import grpc
import grpc.aio

from integration.connectors.salesforce import pubsub_api_pb2 as pb
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.faults import stream_fault
from integration.connectors.salesforce.ids import organization_of
from integration.errors import ConfigurationFault, Fault
from integration.ports import StoredToken

_SERVICE = "/eventbus.v1.PubSub/"
_MOST_BYTES = 32 * 1024 * 1024

Headers = tuple[tuple[str, str], ...]
Subscription = grpc.aio.StreamStreamCall[pb.FetchRequest, pb.FetchResponse]


class EventBus:
    """One channel to the event bus. Open it inside the event loop that uses it."""

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        options = [
            ("grpc.keepalive_time_ms", int(config.ping_seconds * 1_000)),
            ("grpc.keepalive_timeout_ms", 10_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.max_receive_message_length", _MOST_BYTES),
            # Reconnecting is paced by the listener; the channel's own pauses of up to two
            # minutes would add to it.
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 5_000),
        ]
        self._channel = (
            grpc.aio.secure_channel(config.endpoint, _credentials(config.ca_file), options=options)
            if config.tls
            else grpc.aio.insecure_channel(config.endpoint, options=options)
        )
        self._subscribe = self._channel.stream_stream(
            f"{_SERVICE}Subscribe",
            request_serializer=pb.FetchRequest.SerializeToString,
            response_deserializer=pb.FetchResponse.FromString,
        )
        self._schema = self._channel.unary_unary(
            f"{_SERVICE}GetSchema",
            request_serializer=pb.SchemaRequest.SerializeToString,
            response_deserializer=pb.SchemaInfo.FromString,
        )
        self._topic = self._channel.unary_unary(
            f"{_SERVICE}GetTopic",
            request_serializer=pb.TopicRequest.SerializeToString,
            response_deserializer=pb.TopicInfo.FromString,
        )

    def subscribe(self, token: StoredToken) -> Subscription:
        """Open a stream; nothing is delivered before its first FetchRequest."""
        return self._subscribe(None, metadata=self._headers(token))

    async def schema_json(self, token: StoredToken, schema_id: str) -> str:
        """A writer schema as JSON text. Raises a fault of the event bus."""
        try:
            info = await self._schema(
                pb.SchemaRequest(schema_id=schema_id),
                metadata=self._headers(token),
                timeout=self._config.deadline_seconds,
            )
        except grpc.aio.AioRpcError as error:
            fault = call_fault(error)
        else:
            return str(info.schema_json)
        raise fault

    async def topic(self, token: StoredToken, name: str) -> pb.TopicInfo:
        """What the bus says about a channel; tells whether we may subscribe. Raises a fault of the event
        bus.
        """
        try:
            info: pb.TopicInfo = await self._topic(
                pb.TopicRequest(topic_name=name),
                metadata=self._headers(token),
                timeout=self._config.deadline_seconds,
            )
        except grpc.aio.AioRpcError as error:
            fault = call_fault(error)
        else:
            return info
        raise fault

    async def close(self) -> None:
        """End every call at once."""
        await self._channel.close(grace=None)

    def _headers(self, token: StoredToken) -> Headers:
        told = token.organization_id or organization_of(token.access_token)
        tenant = told or self._config.organization_id
        return (
            ("accesstoken", token.access_token),
            ("instanceurl", token.base_url),
            ("tenantid", tenant),
        )


def _credentials(ca_file: str) -> grpc.ChannelCredentials:
    if not ca_file:
        return grpc.ssl_channel_credentials()
    try:
        return grpc.ssl_channel_credentials(root_certificates=Path(ca_file).read_bytes())
    except OSError as error:
        raise ConfigurationFault("salesforce.ca_file", f"cannot be read: {type(error).__name__}") from None


def call_fault(error: grpc.aio.AioRpcError) -> Fault:
    """The fault of a failed call, by its `error-code` trailer or else its status; its text is left out."""
    # The published types call these objects; they are pairs.
    trailers = cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ())
    code = next((value for key, value in trailers if key == "error-code"), "")
    return stream_fault(error.code().name, code if isinstance(code, str) else code.decode("ascii", "replace"))
