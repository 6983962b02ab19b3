"""The listener: follows the event bus and hands everything over with its place in the stream.

What it promises: every event reaches the sink, in the order of its topic, at least once. The place in the
stream is whatever the sink stored last; after any trouble the stream goes on from there.
"""

from __future__ import annotations

import asyncio
from random import Random

from integration.connectors.salesforce.client import Tokens
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.stream_calls import EventBus
from integration.connectors.salesforce.stream_decoder import StreamDecoder, TypesOf
from integration.connectors.salesforce.stream_follower import Follower, ListenerPort
from integration.ports import Clock


class Listener:
    """Follows the topics of one org until it is told to stop."""

    def __init__(
        self,
        config: StreamConfig,
        tokens: Tokens,
        port: ListenerPort,
        clock: Clock,
        chance: Random,
        types_of: TypesOf = lambda _entity: {},
    ) -> None:
        self._config = config
        self._tokens = tokens
        self._port = port
        self._clock = clock
        self._chance = chance
        self._types_of = types_of

    async def run(self, stop: asyncio.Event) -> None:
        """Follow every topic until `stop` is set; a fetch that is being stored then is stored to its end.

        Raises ClaimLost when the sink says that another listener has taken over, and whatever a callback
        raises that is no Fault.
        """
        bus = EventBus(self._config)
        decoder = StreamDecoder(bus, self._clock, self._types_of)
        halt = asyncio.Event()
        followers = [
            asyncio.create_task(self._follower(topic, bus, decoder, halt).run())
            for topic in self._config.topics
        ]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({stopping, *followers}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            halt.set()
            stopping.cancel()
            ends = await asyncio.gather(*followers, return_exceptions=True)
            await bus.close()
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    def _follower(self, topic: str, bus: EventBus, decoder: StreamDecoder, halt: asyncio.Event) -> Follower:
        return Follower(topic, self._config, bus, decoder, self._tokens, self._port, self._chance, halt)


__all__ = ["Listener", "ListenerPort"]
