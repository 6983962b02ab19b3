"""One Subscribe call: demand, delivery, keepalives and every way it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import grpc

from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from integration.sandbox.salesforce.event_log import BadPositionError, LoggedEvent
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_errors import BusError, maintenance
from integration.sandbox.salesforce.streams import OpenStream
from integration.sandbox.salesforce.topics import Topics
from integration.sandbox.salesforce.usage import RollingCount
from integration.sandbox.salesforce.values import to_millis

LARGEST_DEMAND = 100
_LARGEST_RESPONSE = 3_000_000
_POSITION_BYTES = 8


def decode_position(replay_id: bytes) -> int:
    """Raises BadPositionError for anything but eight bytes."""
    if len(replay_id) != _POSITION_BYTES:
        raise BadPositionError("a replay id has eight bytes")
    return int.from_bytes(replay_id, "big")


def encode_position(position: int) -> bytes:
    return position.to_bytes(_POSITION_BYTES, "big")


class Subscription:
    """Reads fetch requests in the background and yields responses while there is demand."""

    def __init__(
        self, org: SalesforceOrg, topics: Topics, requests: AsyncIterator[Any], token: str, rpc_id: str
    ) -> None:
        self._org = org
        self._topics = topics
        self._requests = requests
        self._token = token
        self._rpc_id = rpc_id
        self._stream: OpenStream | None = None
        self._reader: asyncio.Task[None] | None = None
        self._error: BusError | None = None
        self._rate = RollingCount(org.clock.scaled(60.0), org.clock.monotonic)

    async def responses(self) -> AsyncGenerator[Any, None]:
        """Every FetchResponse until the stream ends. Raises BusError with the reason it ends for."""
        first = await anext(self._requests, None)
        if first is None:
            return
        stream = self._stream = self._open(first)
        self._org.streams.add(stream)
        self._org.log.listeners.add(stream.wake.set)
        self._reader = asyncio.create_task(self._read(stream))
        quiet_since = self._time()
        while True:
            stream.wake.clear()
            self._check(stream)
            response = None if stream.silent else self._deliver(stream)
            if response is not None:
                yield response
                quiet_since = self._time()
                self._org.accidents.befall(stream)
                continue
            limit = self._patience(stream) - (self._time() - quiet_since)
            if limit > 0:
                await self._wait(stream, limit)
            elif stream.silent:
                await self._wait(stream, self._patience(stream))
            elif stream.pending == 0:
                self._idle_close()
                return
            else:
                yield self._response(stream, [])
                quiet_since = self._time()

    async def close(self) -> None:
        """Forgets the stream, however it ended."""
        if self._stream is not None:
            self._org.streams.remove(self._stream)
            self._org.log.listeners.discard(self._stream.wake.set)
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    # -- opening --------------------------------------------------------------------------------

    def _open(self, first: Any) -> OpenStream:
        topic = self._topics.find(first.topic_name)
        if not topic.can_subscribe:
            raise BusError("subscription.topic.cannot.subscribe")
        switches = self._org.options.switches
        if self._org.streams.full(switches.streams_at_most):
            raise BusError("concurrent.client.limit.exceeded")
        self._org.streams_opened.add()
        if self._org.streams_opened.used() > switches.streams_per_minute:
            raise BusError("service.protection.triggered")
        stream = OpenStream(topic.name, topic.sources, self._token, self._start(first))
        self._demand(stream, first)
        return stream

    def _start(self, first: Any) -> int:
        if first.replay_preset == pb.EARLIEST:
            return self._org.log.oldest()
        if first.replay_preset == pb.LATEST:
            return self._org.log.tip()
        if not first.replay_id:
            raise BusError("subscription.fetch.replayid.validation.failed")
        try:
            position = decode_position(first.replay_id)
            self._org.log.check(position)
        except BadPositionError:
            raise BusError("subscription.fetch.replayid.corrupted") from None
        return position

    # -- requests -------------------------------------------------------------------------------

    async def _read(self, stream: OpenStream) -> None:
        """Adds the demand of later requests until the client has no more to say."""
        try:
            async for request in self._requests:
                _check_topic(stream, request)
                self._check_rate()
                self._take_refresh(stream, request)
                self._demand(stream, request)
                stream.wake.set()
        except BusError as error:
            self._error = error
            stream.wake.set()

    def _check_rate(self) -> None:
        self._rate.add()
        if self._rate.used() > self._org.options.switches.fetch_requests_per_minute:
            raise BusError("service.protection.stream.limit.triggered")

    def _take_refresh(self, stream: OpenStream, request: Any) -> None:
        """A token sent along takes the place of the one the stream was opened with."""
        if not request.auth_refresh:
            return
        if self._org.sessions.peek(request.auth_refresh) is None:
            raise BusError("service.auth.refresh.invalid")
        stream.token = self._token = request.auth_refresh

    @staticmethod
    def _demand(stream: OpenStream, request: Any) -> None:
        if request.num_requested <= 0:
            raise BusError("subscription.fetch.requested.events.invalid")
        stream.pending = min(stream.pending + request.num_requested, LARGEST_DEMAND)

    # -- the loop's parts -----------------------------------------------------------------------

    def _check(self, stream: OpenStream) -> None:
        if self._error is not None:
            raise self._error
        if stream.cut:
            raise maintenance()
        if stream.failure is not None:
            raise BusError(stream.failure)
        if self._org.options.switches.stream_ends_with_token and self._org.sessions.peek(self._token) is None:
            raise BusError("service.auth.error")

    def _deliver(self, stream: OpenStream) -> Any | None:
        most = min(stream.pending, self._org.options.switches.events_per_response)
        if not most:
            return None
        events = self._org.log.after(stream.position, stream.sources, most)
        if not events:
            # Nothing of this topic lies between: what others told need not be looked through again.
            stream.position = self._org.log.last
            return None
        allowed = self._org.options.switches.daily_delivered_events - self._org.deliveries.used()
        if allowed <= 0:
            raise BusError("subscription.limit.exceeded")
        events = _fitting(events[:allowed])
        self._org.deliveries.add(len(events))
        stream.pending -= len(events)
        stream.position = events[-1].position
        return self._response(stream, events)

    def _response(self, stream: OpenStream, events: list[LoggedEvent]) -> Any:
        # Without events the tip is told: nothing of this topic lies between, and it stays valid longer.
        latest = stream.position if events else self._org.log.tip()
        if not events:
            stream.position = latest
        return pb.FetchResponse(
            events=[_consumer_event(event) for event in events],
            latest_replay_id=encode_position(latest),
            rpc_id=self._rpc_id,
            pending_num_requested=stream.pending,
        )

    def _patience(self, stream: OpenStream) -> float:
        """Seconds of quiet until the keepalive, or until a stream without demand is closed."""
        switches = self._org.options.switches
        return switches.keepalive_seconds if stream.pending else switches.idle_close_seconds

    async def _wait(self, stream: OpenStream, seconds: float) -> None:
        session = self._org.sessions.peek(self._token)
        if session is not None and self._org.options.switches.stream_ends_with_token:
            left = (session.expires_at - to_millis(self._org.clock.now())) / 1000 + 0.001
            seconds = min(seconds, max(left, 0.0))
        held = self._org.log.next_held()
        if held is not None:
            seconds = min(seconds, held + 0.001)
        try:
            async with asyncio.timeout(seconds):
                await stream.wake.wait()
        except TimeoutError:
            return

    def _idle_close(self) -> None:
        status = grpc.StatusCode[self._org.options.switches.idle_close_status]
        if status is not grpc.StatusCode.OK:
            raise BusError("", "No fetch request arrived in time.", status)

    def _time(self) -> float:
        return self._org.clock.monotonic()


def _check_topic(stream: OpenStream, request: Any) -> None:
    if request.topic_name and request.topic_name != stream.topic:
        raise BusError("subscription.fetch.topic.mismatch")


def _fitting(events: list[LoggedEvent]) -> list[LoggedEvent]:
    """As many events as fit a response, at least one."""
    size = 0
    for number, event in enumerate(events):
        size += len(event.payload) + 200
        if number and size > _LARGEST_RESPONSE:
            return events[:number]
    return events


def _consumer_event(event: LoggedEvent) -> Any:
    produced = pb.ProducerEvent(id=event.id, schema_id=event.schema_id, payload=event.payload)
    return pb.ConsumerEvent(event=produced, replay_id=encode_position(event.position))
