"""An event bus that follows a script, one for each stream: for what no honest server does on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio

from integration.connectors.salesforce import pubsub_api_pb2 as pb
from integration.connectors.salesforce.config import StreamConfig
from integration.ports import StoredToken
from tests.contract.salesforce_following import ACCOUNTS
from tests.unit.connectors.salesforce.event_samples import bits, header, payload, schema_json

Script = Callable[["Stream"], Awaitable[None]]


def consumer_event(number: int, *, filler: int = 0) -> pb.ConsumerEvent:
    """The update that names an account `n<number>`, at the place of the same number."""
    head = header(changedFields=[bits("Name")], transactionKey=f"tx-{number}")
    data = payload(head, Name=f"n{number}" + "x" * filler)
    produced = pb.ProducerEvent(id=f"id-{number}", schema_id="S1", payload=data)
    return pb.ConsumerEvent(event=produced, replay_id=place(number))


def place(number: int) -> bytes:
    """A replay id."""
    return number.to_bytes(8, "big")


class Stream:
    """One Subscribe call as the server sees it."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.requests: list[pb.FetchRequest] = []
        self.pending = 0
        self.lowest: int | None = None
        self.highest = 0

    async def next_request(self) -> pb.FetchRequest:
        """Wait for the client's next request."""
        request: pb.FetchRequest = await self._context.read()
        if not isinstance(request, pb.FetchRequest):
            raise ConnectionError("the client has gone")
        self.requests.append(request)
        self.pending += request.num_requested
        self.highest = max(self.highest, self.pending)
        return request

    async def send(self, *events: pb.ConsumerEvent, latest: int = 0) -> None:
        """Deliver; without events it is a keepalive."""
        self.pending -= len(events)
        self.lowest = self.pending if self.lowest is None else min(self.lowest, self.pending)
        newest = events[-1].replay_id if events else place(latest)
        await self._context.write(
            pb.FetchResponse(events=events, latest_replay_id=newest, pending_num_requested=self.pending)
        )

    async def fail(self, status: grpc.StatusCode, suffix: str = "") -> None:
        """End the stream with an error."""
        trailers = (("error-code", f"sfdc.platform.eventbus.grpc.{suffix}"),) if suffix else ()
        await self._context.abort(status, "rpcId: 1", trailers)


class ScriptedBus:
    """Runs the next script for each stream; the last one for all further streams."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.streams: list[Stream] = []
        self.tokens: list[str] = []
        self.schemas_asked = 0
        self.config = StreamConfig(topics=())

    async def _subscribe(self, _requests: Any, context: Any) -> None:
        self.tokens.append(dict(context.invocation_metadata())["accesstoken"])
        stream = Stream(context)
        self.streams.append(stream)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        await script(stream)

    async def _get_schema(self, request: pb.SchemaRequest, _context: Any) -> pb.SchemaInfo:
        self.schemas_asked += 1
        return pb.SchemaInfo(schema_json=schema_json(), schema_id=request.schema_id)

    @asynccontextmanager
    async def serving(self, **changes: Any) -> AsyncIterator[StreamConfig]:
        """Serve on a free port; gives the configuration of a listener for it."""
        server = grpc.aio.server()
        handlers = {
            "Subscribe": grpc.stream_stream_rpc_method_handler(
                self._subscribe,
                request_deserializer=pb.FetchRequest.FromString,
                response_serializer=pb.FetchResponse.SerializeToString,
            ),
            "GetSchema": grpc.unary_unary_rpc_method_handler(
                self._get_schema,
                request_deserializer=pb.SchemaRequest.FromString,
                response_serializer=pb.SchemaInfo.SerializeToString,
            ),
        }
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("eventbus.v1.PubSub", handlers),)
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        given: dict[str, Any] = {
            "topics": (ACCOUNTS,), "endpoint": f"127.0.0.1:{port}", "tls": False, "backoff_seconds": 0.02,
            "backoff_cap_seconds": 0.05, "organization_id": "00D",
        }  # fmt: skip
        try:
            yield StreamConfig(**(given | changes))
        finally:
            await server.stop(grace=None)


class CountedTokens:
    """Tokens `t1`, `t2`, … ; each refresh gives the next."""

    def __init__(self) -> None:
        self.epoch = 1

    def token(self) -> StoredToken:
        return StoredToken(f"t{self.epoch}", "https://org.example", 2**62, self.epoch)

    def refresh(self, seen_epoch: int) -> StoredToken:
        self.epoch = max(self.epoch, seen_epoch + 1)
        return self.token()
