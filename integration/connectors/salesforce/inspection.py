"""What `doctor` asks an org beside its records: channels of the event bus, and the time it thinks it is."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

from integration.connectors.http import Http
from integration.connectors.salesforce.client import Tokens
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.stream_calls import EventBus
from integration.errors import ConfigurationFault, Fault, Retryable, Unauthorized
from integration.ports import Clock


def channel_faults(config: StreamConfig, tokens: Tokens) -> dict[str, Fault | None]:
    """What stands in the way of following each topic; None where nothing does. Not to be called inside an
    event loop.
    """
    return asyncio.run(_channel_faults(config, tokens))


async def _channel_faults(config: StreamConfig, tokens: Tokens) -> dict[str, Fault | None]:
    bus = EventBus(config)
    try:
        return {topic: await _fault_of(bus, tokens, topic) for topic in config.topics}
    finally:
        await bus.close()


async def _fault_of(bus: EventBus, tokens: Tokens, topic: str) -> Fault | None:
    token = tokens.token()
    try:
        try:
            info = await bus.topic(token, topic)
        except Unauthorized:
            info = await bus.topic(tokens.refresh(token.epoch), topic)
    except Fault as fault:
        return fault
    if info.can_subscribe:
        return None
    return ConfigurationFault(
        "salesforce.stream.subscription.topic.cannot.subscribe",
        "we may not subscribe to the channel",
        advice="Give the integration user `View All` on the object, or `View All Data`.",
    )


def clock_skew_ms(http: Http, tokens: Tokens, clock: Clock) -> int:
    """How far the org's clock is ahead of ours, to about a second (that is all its answers tell).

    Raises Retryable when the org does not say, and what a call raises.
    """
    sent = clock.now_ms()
    answer = http.send("GET", f"{tokens.token().base_url}/services/data/")
    date = answer.headers.get("Date")
    if not date:
        raise Retryable("salesforce.no_date", "the org's answer tells no time")
    theirs = int(parsedate_to_datetime(date).timestamp() * 1_000) + 500  # cut to the second
    return theirs - (sent + clock.now_ms()) // 2
