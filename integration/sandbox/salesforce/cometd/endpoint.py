"""What an org answers to the messages of CometD clients, without HTTP."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integration.sandbox.salesforce.cometd import bayeux
from integration.sandbox.salesforce.cometd.bayeux import BayeuxError, Json, refusal, reply
from integration.sandbox.salesforce.cometd.clients import Client, Subscribed
from integration.sandbox.salesforce.cometd.delivery import Delivery
from integration.sandbox.salesforce.event_log import BadPositionError
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_errors import BusError
from integration.sandbox.salesforce.topics import Topic, Topics

COOKIE = "BAYEUX_BROWSER"
_NEW_EVENTS, _ALL_EVENTS = -1, -2


@dataclass
class Caller:
    """Who sent a request; `cookie` is replaced by the one that a handshake gives out."""

    token: str | None
    cookie: str | None
    gone: Callable[[], bool]


class Endpoint:
    """One org's streaming endpoint."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._topics = Topics(org)
        self._delivery = Delivery(org)
        self._words = bayeux.Wordings(braces=org.options.switches.cometd_braces)
        self._works = {
            bayeux.HANDSHAKE: self._handshake,
            bayeux.SUBSCRIBE: self._subscribe,
            bayeux.UNSUBSCRIBE: self._unsubscribe,
            bayeux.DISCONNECT: self._disconnect,
        }

    async def answer(self, messages: Sequence[Mapping[str, Any]], caller: Caller) -> list[Json]:
        """The answers in order, each error in its own; a connect may be held for a while."""
        answers: list[Json] = []
        for message in messages:
            try:
                answers += await self._one(message, caller)
            except BayeuxError as error:
                answers.append(refusal(message, error))
        return answers

    async def _one(self, message: Mapping[str, Any], caller: Caller) -> list[Json]:
        channel = str(message.get("channel", ""))
        rebuff = self._org.cometd.take_rebuff(channel)
        if rebuff is not None:
            raise BayeuxError(rebuff.error, None, rebuff.reason)
        user_id = self._user(caller)
        if channel == bayeux.CONNECT:
            return await self._connect(message, caller, self._client(message, caller, user_id))
        work = self._works.get(channel)
        if work is None:
            # Nothing can be published this way.
            raise BayeuxError(bayeux.RESTRICTED)
        return [work(message, caller, user_id)]

    # -- who -------------------------------------------------------------------------------------

    def _user(self, caller: Caller) -> str:
        if caller.token is None:
            raise bayeux.unauthorised(bayeux.REQUIRES_AUTHENTICATION)
        if self._org.sessions.peek(caller.token) is None:
            raise bayeux.unauthorised(bayeux.AUTHENTICATION_INVALID)
        return self._org.sessions.use(caller.token).user_id

    def _client(self, message: Mapping[str, Any], caller: Caller, user_id: str) -> Client:
        client_id = message.get("clientId")
        if not isinstance(client_id, str) or not client_id:
            raise BayeuxError(bayeux.NO_HANDSHAKE)
        client = self._org.cometd.find(client_id)
        if client is None:
            raise bayeux.lost()
        if not caller.cookie:
            raise bayeux.no_cookie(client_id, COOKIE)
        if caller.cookie != client.cookie:
            raise bayeux.lost()
        if user_id != client.user_id:
            raise BayeuxError(bayeux.OTHER_USER)
        return client

    # -- messages --------------------------------------------------------------------------------

    def _handshake(self, message: Mapping[str, Any], caller: Caller, user_id: str) -> Json:
        kinds = message.get("supportedConnectionTypes")
        if not isinstance(kinds, list) or bayeux.LONG_POLLING not in kinds:
            raise self._words.connection_type(",".join(map(str, kinds)) if isinstance(kinds, list) else kinds)
        switches = self._org.options.switches
        if self._org.cometd.count() >= switches.cometd_clients_at_most:
            raise BayeuxError(bayeux.TOO_MANY_CLIENTS)
        caller.cookie = caller.cookie or secrets.token_hex(16)
        client = self._org.cometd.open(caller.cookie, user_id, self._patience())
        return reply(
            {key: value for key, value in message.items() if key != "clientId"},
            ext={"replay": True, "payload.format": True},
            minimumVersion="1.0",
            clientId=client.id,
            supportedConnectionTypes=[bayeux.LONG_POLLING],
            version="1.0",
        )

    def _subscribe(self, message: Mapping[str, Any], caller: Caller, user_id: str) -> Json:
        client = self._client(message, caller, user_id)
        channel = message.get("subscription")
        if not isinstance(channel, str) or not channel:
            raise BayeuxError(bayeux.NO_CHANNEL_NAME)
        topic = self._topic(channel)
        if self._delivery.allowance() <= 0:
            raise BayeuxError(bayeux.ALLOWANCE_USED)
        position = self._start(message, channel)
        client.subscriptions[channel] = Subscribed(channel, topic.sources, position)
        return reply(message, subscription=channel)

    def _topic(self, channel: str) -> Topic:
        if not channel.startswith("/"):
            raise BayeuxError(bayeux.NO_LEADING_SLASH)
        if channel.startswith(("/meta/", "/service/")):
            raise BayeuxError(bayeux.RESTRICTED)
        try:
            topic = self._topics.find(channel)
        except BusError:
            raise self._words.no_such_channel(channel) from None
        if not topic.can_subscribe:
            raise BayeuxError(bayeux.NO_VIEW_ALL)
        return topic

    def _start(self, message: Mapping[str, Any], channel: str) -> int:
        ext = message.get("ext")
        replay = ext.get("replay") if isinstance(ext, Mapping) else None
        wanted = replay.get(channel, _NEW_EVENTS) if isinstance(replay, Mapping) else _NEW_EVENTS
        if not isinstance(wanted, int) or isinstance(wanted, bool):
            raise self._words.bad_replay(wanted)
        if wanted == _NEW_EVENTS:
            return self._org.log.tip()
        if wanted == _ALL_EVENTS:
            return self._org.log.oldest()
        try:
            self._org.log.check(wanted)
        except BadPositionError:
            raise self._words.bad_replay(wanted) from None
        return wanted

    def _unsubscribe(self, message: Mapping[str, Any], caller: Caller, user_id: str) -> Json:
        client = self._client(message, caller, user_id)
        channel = message.get("subscription")
        if not isinstance(channel, str) or not channel:
            raise BayeuxError(bayeux.NO_CHANNEL_NAME)
        client.subscriptions.pop(channel, None)
        return reply(message, subscription=channel)

    def _disconnect(self, message: Mapping[str, Any], caller: Caller, user_id: str) -> Json:
        self._org.cometd.forget(self._client(message, caller, user_id))
        return reply(message)

    # -- the long poll ---------------------------------------------------------------------------

    async def _connect(self, message: Mapping[str, Any], caller: Caller, client: Client) -> list[Json]:
        if message.get("connectionType") != bayeux.LONG_POLLING:
            raise self._words.connection_type(message.get("connectionType"))
        client.turn += 1
        client.wake.set()
        if not client.connected:
            client.connected = True
            client.deadline = self._org.clock.monotonic() + self._patience()
            return [reply(message, advice=self._advice(client))]
        turn, client.deadline = client.turn, None
        try:
            events = await self._hold(client, caller, turn, at_once=_wants_no_wait(message))
        finally:
            if client.turn == turn:
                client.deadline = self._org.clock.monotonic() + self._patience()
        self._org.accidents.befall(client, told=bool(events))
        return [*events, reply(message)]

    async def _hold(self, client: Client, caller: Caller, turn: int, *, at_once: bool) -> list[Json]:
        """Events as soon as there are any; none when the time is over or a newer connect has come."""
        clock = self._org.clock
        seconds = 0.0 if at_once else clock.scaled(self._org.options.switches.cometd_hold_seconds)
        end = clock.monotonic() + seconds
        self._org.log.listeners.add(client.wake.set)
        try:
            while True:
                client.wake.clear()
                self._check(client, caller)
                # What is told to a caller who has gone, or to two connects at once, nobody receives.
                if client.turn != turn or caller.gone():
                    return []
                events = [] if client.silent else self._delivery.take(client)
                left = end - clock.monotonic()
                if events or (left <= 0 and not client.silent):
                    return events
                await self._sleep(client, left if left > 0 else self._patience())
        finally:
            self._org.log.listeners.discard(client.wake.set)

    def _check(self, client: Client, caller: Caller) -> None:
        if client.cut:
            raise bayeux.lost()
        if caller.token is None or self._org.sessions.peek(caller.token) is None:
            raise bayeux.unauthorised(bayeux.AUTHENTICATION_INVALID)

    async def _sleep(self, client: Client, seconds: float) -> None:
        held = self._org.log.next_held()
        if held is not None:
            seconds = min(seconds, held + 0.001)
        try:
            async with asyncio.timeout(min(seconds, _LOOK_SECONDS)):
                await client.wake.wait()
        except TimeoutError:
            return

    def _advice(self, client: Client) -> Json:
        timeout = int(self._org.clock.scaled(self._org.options.switches.cometd_hold_seconds) * 1000)
        advice: Json = {"interval": 0, "reconnect": "retry", "timeout": timeout}
        if self._org.cometd.siblings(client.cookie) > 1:
            return {**advice, "interval": 2000, "multiple-clients": True}
        return advice

    def _patience(self) -> float:
        return self._org.clock.scaled(self._org.options.switches.cometd_reconnect_seconds)


# A caller that has hung up is noticed only by looking, and so is a token that has expired.
_LOOK_SECONDS = 1.0


def _wants_no_wait(message: Mapping[str, Any]) -> bool:
    advice = message.get("advice")
    return isinstance(advice, Mapping) and advice.get("timeout") == 0
