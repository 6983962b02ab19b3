"""One topic of the event bus, followed through every kind of trouble without losing its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import grpc.aio
import structlog

from integration.canonical.event import ArrivedEvent
from integration.connectors.salesforce import pubsub_api_pb2 as pb
from integration.connectors.salesforce.client import Tokens
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.stream_calls import EventBus, Subscription, call_fault
from integration.connectors.salesforce.stream_decoder import StreamDecoder
from integration.errors import (
    ClaimLost,
    ConfigurationFault,
    Fault,
    PositionLost,
    Retryable,
    Throttled,
    Unauthorized,
)
from integration.ports import StoredToken

T = TypeVar("T")

SLOW_SECONDS = 60.0
"""How long a topic rests whose trouble only a person can end."""
MOST_OUTSTANDING = 100
"""The event bus takes larger demands for this."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ListenerPort:
    """What the listener calls; all of it runs in threads, because it waits for SQL.

    `sink(topic, events, replay_id)` stores events and position together (also without events, for
    keepalives); it raises Retryable when it cannot now, ClaimLost when another listener has taken over.
    `position(topic)` is the replay id stored last: None starts at the newest event, empty at the oldest
    kept. `on_position_lost(topic)` opens a new generation and asks for a delta read, before the stream
    starts again at the oldest event. `on_fault(topic, fault)` is told of every broken stream.
    """

    sink: Callable[[str, Sequence[ArrivedEvent], bytes], None]
    position: Callable[[str], bytes | None]
    on_position_lost: Callable[[str], None]
    on_fault: Callable[[str, Fault], None]


async def _next(responses: AsyncIterator[pb.FetchResponse]) -> pb.FetchResponse | None:
    return await anext(responses, None)


class Halted(Exception):
    """Ends whatever a follower waits for."""


@dataclass
class Demand:
    """Events asked for and not delivered yet."""

    batch: int
    pending: int = 0

    def top_up(self) -> int:
        """How many to ask for now: none while at least half of a batch is outstanding."""
        missing = self.batch - self.pending
        if missing * 2 < self.batch:
            return 0
        self.pending += missing
        return missing

    def delivered(self, response: pb.FetchResponse) -> None:
        """Count a response. A keepalive tells the server's own count, which no request of ours can be on
        its way past.
        """
        events = len(response.events)
        self.pending = max(0, self.pending - events) if events else response.pending_num_requested


class Follower:
    """Follows one topic until it is halted."""

    def __init__(
        self,
        topic: str,
        config: StreamConfig,
        bus: EventBus,
        decoder: StreamDecoder,
        tokens: Tokens,
        port: ListenerPort,
        chance: Random,
        halt: asyncio.Event,
    ) -> None:
        self._topic = topic
        self._config = config
        self._bus = bus
        self._decoder = decoder
        self._tokens = tokens
        self._port = port
        self._chance = chance
        self._halt = halt
        self._token: StoredToken | None = None
        self._failures = 0
        self._unplaced = False
        self._from_oldest = False

    async def run(self) -> None:
        """Follow, and after every trouble follow again. Raises ClaimLost."""
        while not self._halt.is_set():
            try:
                await self._follow()
            except Halted:
                return
            except ClaimLost:
                raise
            except Fault as fault:
                await self._recover(fault)

    async def _follow(self) -> None:
        """One stream from its start to its end, which is always a fault or Halted."""
        first = await self._first_request()
        token = self._token = await asyncio.to_thread(self._tokens.token)
        call = self._bus.subscribe(token)
        fault: Fault = Retryable("salesforce.stream.ended", "the event bus closed the stream")
        try:
            await self._converse(call, first, token)
        except grpc.aio.AioRpcError as error:
            fault = call_fault(error)
        except asyncio.InvalidStateError:
            fault = Retryable("salesforce.stream.ended", "the stream had ended before we wrote to it")
        finally:
            call.cancel()
        raise fault

    async def _first_request(self) -> pb.FetchRequest:
        """Where to start: after the stored position; at the oldest event when it was lost; at the newest at
        first use.
        """
        request = pb.FetchRequest(topic_name=self._topic)
        position = await asyncio.to_thread(self._port.position, self._topic)
        self._unplaced = False
        if position:
            request.replay_preset = pb.CUSTOM
            request.replay_id = position
        elif position is None and not self._from_oldest:
            request.replay_preset = pb.LATEST
            self._unplaced = True
        else:
            request.replay_preset = pb.EARLIEST
        return request

    async def _converse(self, call: Subscription, request: pb.FetchRequest, token: StoredToken) -> None:
        demand = Demand(min(self._config.batch, MOST_OUTSTANDING))
        request.num_requested = demand.top_up()
        await self._unless_halted(call.write(request), self._config.deadline_seconds)
        # From here on a stream at the newest event may have passed events we never saw.
        self._from_oldest = self._from_oldest or self._unplaced
        # Not `call.read()`: once a stream has failed that tells only the failure and drops what came before.
        responses = aiter(call)
        while True:
            response = await self._unless_halted(_next(responses), self._config.watchdog_seconds)
            if response is None:
                return  # the server ended the stream without an error
            demand.delivered(response)
            # Asked for while the events are being stored, because demand must not run out meanwhile; stored
            # even where asking fails, or a bus that breaks off after every response would stop us for ever.
            asking = asyncio.ensure_future(self._ask(call, demand.top_up()))
            try:
                await self._deliver(response, token)
            finally:
                [trouble] = await asyncio.gather(asking, return_exceptions=True)
            if trouble is not None:
                raise trouble

    async def _ask(self, call: Subscription, more: int) -> None:
        if more:
            request = pb.FetchRequest(topic_name=self._topic, num_requested=more)
            await self._unless_halted(call.write(request), self._config.deadline_seconds)

    async def _deliver(self, response: pb.FetchResponse, token: StoredToken) -> None:
        events = await self._decoder.events(self._topic, response.events, token)
        place = response.events[-1].replay_id if response.events else response.latest_replay_id
        if place:
            await asyncio.to_thread(self._port.sink, self._topic, events, place)
        self._failures = 0

    async def _unless_halted(self, waiting: Awaitable[T], seconds: float) -> T:
        """Wait for a step of the conversation. Raises Retryable after that many seconds, Halted at a stop."""
        step = asyncio.ensure_future(waiting)
        halt = asyncio.ensure_future(self._halt.wait())
        try:
            await asyncio.wait({step, halt}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if step.done():
                return step.result()
            if self._halt.is_set():
                raise Halted
            raise Retryable("salesforce.stream.silent", "the event bus has not been heard for too long")
        finally:
            halt.cancel()
            if not step.done():
                step.cancel()  # ends the whole call: nothing half-read is left behind
                await asyncio.gather(step, return_exceptions=True)

    async def _recover(self, fault: Fault) -> None:
        self._failures += 1
        seconds = await self._remedy(fault)
        _log.warning(
            "stream broken",
            topic=self._topic,
            code=fault.code,
            attempt=self._failures,
            seconds=round(seconds, 1),
        )
        await asyncio.to_thread(self._port.on_fault, self._topic, fault)
        if seconds:
            try:
                async with asyncio.timeout(seconds):
                    await self._halt.wait()
            except TimeoutError:
                return

    async def _remedy(self, fault: Fault) -> float:
        """Do what the fault asks for; returns the seconds to wait before the next stream."""
        first = self._failures == 1
        if isinstance(fault, PositionLost):
            self._from_oldest = True
            noted = await self._note_loss()
            return 0.0 if noted and first else self._backoff()
        if isinstance(fault, Unauthorized) and self._token is not None:
            return await self._renew(self._token) or (0.0 if first else self._backoff())
        if isinstance(fault, Throttled):
            return fault.seconds
        if isinstance(fault, ConfigurationFault | Unauthorized):
            return SLOW_SECONDS
        return self._backoff()

    async def _note_loss(self) -> bool:
        """Have the loss written down; where that fails the lost position will be met again."""
        try:
            await asyncio.to_thread(self._port.on_position_lost, self._topic)
        except ClaimLost:
            raise
        except Fault:
            return False
        return True

    async def _renew(self, refused: StoredToken) -> float:
        """Get another token than the refused one; returns how long to wait when there is none."""
        try:
            await asyncio.to_thread(self._tokens.refresh, refused.epoch)
        except Throttled as fault:
            return fault.seconds
        except (Unauthorized, ConfigurationFault) as fault:
            await asyncio.to_thread(self._port.on_fault, self._topic, fault)
            return SLOW_SECONDS
        except Fault:
            return self._backoff()
        return 0.0

    def _backoff(self) -> float:
        """Exponential with full jitter, so that listeners cut off together do not come back together."""
        most = min(
            self._config.backoff_cap_seconds, self._config.backoff_seconds * 2 ** min(self._failures - 1, 16)
        )
        return self._chance.uniform(0.0, most)
