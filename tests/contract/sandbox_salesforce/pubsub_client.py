"""A raw event-bus client: method paths and Avro bytes, nothing of the server but its message classes."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import grpc
import grpc.aio
from fastavro import parse_schema, schemaless_reader

from integration.sandbox.salesforce import pubsub_api_pb2 as pb

PATIENCE = 10.0
ACCOUNTS = "/data/AccountChangeEvent"
CONTACTS = "/data/ContactChangeEvent"
EVERYTHING = "/data/ChangeEvents"
CODE = "sfdc.platform.eventbus.grpc."


@dataclass
class Told:
    """One event as a subscriber sees it."""

    position: int
    header: dict[str, Any]
    body: dict[str, Any]


@dataclass
class Call:
    """One open Subscribe call."""

    stream: Any
    bus: Bus
    responses: list[Any] = field(default_factory=list)

    async def ask(self, number: int, **more: Any) -> None:
        await self.stream.write(pb.FetchRequest(num_requested=number, **more))

    async def next(self) -> Any:
        """The next response; None at the end of the stream."""
        response = await asyncio.wait_for(self.stream.read(), PATIENCE)
        if response is grpc.aio.EOF:
            return None
        self.responses.append(response)
        return response

    async def events(self, number: int) -> list[Told]:
        """Reads until that many events have come."""
        found: list[Told] = []
        while len(found) < number:
            response = await self.next()
            assert response is not None, "the stream ended early"
            found.extend([await self.bus.decode(event) for event in response.events])
        return found

    async def failure(self) -> tuple[grpc.StatusCode, str | None, str]:
        """Status, error code and message the stream ends with, after whatever it still delivers."""
        try:
            while await self.next() is not None:
                pass
        except grpc.aio.AioRpcError as error:
            return described(error)
        return grpc.StatusCode.OK, None, ""


def described(error: grpc.aio.AioRpcError) -> tuple[grpc.StatusCode, str | None, str]:
    trailers = {str(key): str(value) for key, value in error.trailing_metadata() or ()}
    return error.code(), trailers.get("error-code"), error.details() or ""


class Bus:
    """A channel with the three headers every call carries."""

    def __init__(self, running: Any, **headers: str) -> None:
        self.metadata = {
            "accesstoken": headers.get("accesstoken") if "accesstoken" in headers else running.token(),
            "instanceurl": headers.get("instanceurl", running.url),
            "tenantid": headers.get("tenantid", running.org.org_id),
        }
        self._running = running
        self._schemas: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        credentials = grpc.ssl_channel_credentials(self._running.certificates.ca_pem)
        self.channel = grpc.aio.secure_channel(self._running.pubsub_endpoint, credentials)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()

    async def unary(self, method: str, request: Any, answer: Any) -> Any:
        call = self.channel.unary_unary(
            f"/eventbus.v1.PubSub/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        return await call(request, metadata=tuple(self.metadata.items()), timeout=PATIENCE)

    async def topic(self, name: str) -> Any:
        return await self.unary("GetTopic", pb.TopicRequest(topic_name=name), pb.TopicInfo)

    async def schema(self, identity: str) -> dict[str, Any]:
        info = await self.unary("GetSchema", pb.SchemaRequest(schema_id=identity), pb.SchemaInfo)
        return json.loads(info.schema_json)

    def subscribe(self) -> Call:
        call = self.channel.stream_stream(
            "/eventbus.v1.PubSub/Subscribe",
            request_serializer=pb.FetchRequest.SerializeToString,
            response_deserializer=pb.FetchResponse.FromString,
        )
        return Call(call(metadata=tuple(self.metadata.items())), self)

    async def open(self, topic: str, number: int = 100, **start: Any) -> Call:
        call = self.subscribe()
        # A call refused for its headers may have ended before its first request is written.
        with suppress(grpc.aio.AioRpcError):
            await call.ask(number, topic_name=topic, **start)
        return call

    async def decode(self, event: Any) -> Told:
        identity = event.event.schema_id
        if identity not in self._schemas:
            self._schemas[identity] = parse_schema(await self.schema(identity))
        body = schemaless_reader(io.BytesIO(event.event.payload), self._schemas[identity], None)
        header = body.pop("ChangeEventHeader", {})
        return Told(int.from_bytes(event.replay_id, "big"), header, body)


def all_events(running: Any, number: int, topic: str = EVERYTHING) -> list[Told]:
    """That many events from the start of what is retained; called from outside the server's loop."""
    bus = Bus(running)

    async def read() -> list[Told]:
        async with bus:
            call = await bus.open(topic, replay_preset=pb.EARLIEST)
            found = await call.events(number)
            call.stream.cancel()
            return found

    return list(running.await_(read()))


def tell(org: Any, story: Callable[[Bus], Coroutine[Any, Any, None]], **headers: str) -> None:
    """Runs a client's story on the server's loop, with a token fetched beforehand."""
    bus = Bus(org, **headers)

    async def run() -> None:
        async with bus:
            await story(bus)

    org.await_(run())


def make(org: Any, number: int, entity: str = "Account") -> None:
    for place in range(number):
        org.org.edit(entity, None, {"Name": str(place)} if entity == "Account" else {"LastName": str(place)})


def new_token(org: Any) -> str:
    """A token asked for on the server's own loop, where HTTP would wait for itself."""
    form = {
        "grant_type": "client_credentials",
        "client_id": org.options.client_id,
        "client_secret": org.options.client_secret,
    }
    return str(org.org.sessions.grant(form)["access_token"])
