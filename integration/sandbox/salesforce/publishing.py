"""Publishing of platform events, one request at a time or over a stream."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import grpc
from fastavro import schemaless_reader

from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from integration.sandbox.salesforce.event_log import NewEvent
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_errors import BusError
from integration.sandbox.salesforce.subscription import encode_position
from integration.sandbox.salesforce.topics import Topic, Topics

_LARGEST_EVENT = 1_000_000
_LARGEST_REQUEST = 4 * 1024 * 1024


class Publisher:
    """Puts events of clients into the org's log."""

    def __init__(self, org: SalesforceOrg, topics: Topics) -> None:
        self._org = org
        self._topics = topics

    def publish(self, request: Any, rpc_id: str) -> Any:
        """The answer to one request; an event that does not fit fails alone, in its result.

        Raises BusError for a request that can be no publishing at all.
        """
        return self._publish(self._topic(request), request, rpc_id)

    async def stream(self, requests: AsyncIterator[Any], rpc_id: str) -> AsyncGenerator[Any, None]:
        """An answer to every request of a stream, until the client ends it or is idle for too long."""
        topic: Topic | None = None
        while True:
            request = await self._next(requests)
            if request is None:
                return
            if topic is None:
                topic = self._topic(request)
            elif request.topic_name not in {"", topic.name}:
                raise BusError("publish.topic.mismatch")
            if request.auth_refresh and self._org.sessions.peek(request.auth_refresh) is None:
                raise BusError("publish.auth.refresh.invalid")
            yield self._publish(topic, request, rpc_id)

    async def _next(self, requests: AsyncIterator[Any]) -> Any | None:
        try:
            async with asyncio.timeout(self._org.options.switches.publish_idle_seconds):
                return await anext(requests, None)
        except TimeoutError:
            raise BusError("publish.stream.sweeper.timeout") from None

    def _topic(self, request: Any) -> Topic:
        if not request.topic_name.strip():
            raise BusError("publish.topic.validation.empty")
        topic = self._topics.find(request.topic_name)
        if not topic.can_publish:
            raise BusError("topic.not.found", "Only platform events can be published.")
        return topic

    def _publish(self, topic: Topic, request: Any, rpc_id: str) -> Any:
        if request.ByteSize() > _LARGEST_REQUEST:
            # The gateway in front of the bus says so, and knows none of its codes.
            message = "upstream connect error or disconnect/reset before headers"
            raise BusError("", message, grpc.StatusCode.UNAVAILABLE)
        if not request.events:
            raise BusError("publish.event.count.invalid")
        results = [self._publish_one(topic, event) for event in request.events]
        return pb.PublishResponse(results=results, schema_id=topic.schema_id, rpc_id=rpc_id)

    def _publish_one(self, topic: Topic, event: Any) -> Any:
        problem = self._problem(topic.schema_id, event)
        if problem:
            error = pb.Error(code=pb.PUBLISH, msg=problem)
            return pb.PublishResult(error=error, correlation_key=event.id)
        new = NewEvent(topic.source, str(uuid.uuid4()), topic.schema_id, event.payload, {})
        logged = self._org.log.append(new)
        return pb.PublishResult(replay_id=encode_position(logged.position), correlation_key=event.id)

    def _problem(self, schema_id: str, event: Any) -> str:
        if event.schema_id != schema_id:
            return "the schema id is not the topic's"
        if len(event.payload) > _LARGEST_EVENT:
            return "the event is larger than 1 MB"
        try:
            schemaless_reader(io.BytesIO(event.payload), self._org.schemas.parsed(schema_id), None)
        except (EOFError, ValueError, IndexError, UnicodeDecodeError):
            return "the payload does not fit the schema"
        return ""


class PublishCall:
    """One open PublishStream call, which takes one of the places of concurrent clients."""

    def __init__(self, org: SalesforceOrg, responses: AsyncGenerator[Any, None]) -> None:
        if org.streams.full(org.options.switches.streams_at_most):
            raise BusError("concurrent.client.limit.exceeded")
        self._org = org
        self._responses = responses
        org.streams.publishers += 1

    def responses(self) -> AsyncGenerator[Any, None]:
        return self._responses

    async def close(self) -> None:
        self._org.streams.publishers -= 1
