"""The CometD clients an org knows, for as long as they keep coming back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Subscribed:
    """One channel of a client: the objects it carries and the last position looked at."""

    channel: str
    sources: frozenset[str]
    position: int


@dataclass(eq=False)
class Client:
    """One handshake. `deadline` is when it is forgotten; None: a connect of it is being held."""

    id: str
    cookie: str
    user_id: str
    deadline: float | None
    subscriptions: dict[str, Subscribed] = field(default_factory=dict)
    connected: bool = False
    """Its first connect has been answered."""
    turn: int = 0
    """Number of its newest connect: an older one that is still held gives way."""
    cut: bool = False
    silent: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Rebuff:
    """An error that the next messages on a channel are answered with (on every channel if it is blank)."""

    error: str
    reason: str | None = None
    channel: str = ""
    times: int = 1


class Clients:
    """Every client; `time` is a monotonic clock in seconds."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._known: dict[str, Client] = {}
        self._rebuffs: list[Rebuff] = []

    def count(self) -> int:
        """How many clients there are, without those that stayed away for too long."""
        now = self._time()
        for client in [c for c in self._known.values() if c.deadline is not None and c.deadline <= now]:
            self.forget(client)
        return len(self._known)

    def open(self, cookie: str, user_id: str, patience: float) -> Client:
        """A new client of that browser cookie, to be forgotten unless it comes within the patience."""
        client = Client(secrets.token_hex(14), cookie, user_id, self._time() + patience)
        self._known[client.id] = client
        return client

    def find(self, client_id: str) -> Client | None:
        """The client, unless it stayed away for too long or the server has lost it."""
        client = self._known.get(client_id)
        if client is None:
            return None
        if client.cut or (client.deadline is not None and client.deadline <= self._time()):
            self.forget(client)
            return None
        return client

    def siblings(self, cookie: str) -> int:
        """How many clients share the browser."""
        return sum(client.cookie == cookie for client in self._known.values())

    def forget(self, client: Client) -> None:
        self._known.pop(client.id, None)
        client.cut = True
        client.wake.set()

    def forget_all(self) -> int:
        """As when the org moves to other servers. Answers how many."""
        gone = list(self._known.values())
        for client in gone:
            self.forget(client)
        return len(gone)

    def wake_all(self) -> None:
        for client in self._known.values():
            client.wake.set()

    def rebuff(self, rebuff: Rebuff) -> None:
        self._rebuffs.append(rebuff)

    def take_rebuff(self, channel: str) -> Rebuff | None:
        """The error this message is answered with, used up by one."""
        for rebuff in self._rebuffs:
            if rebuff.channel in {"", channel}:
                rebuff.times -= 1
                if rebuff.times <= 0:
                    self._rebuffs.remove(rebuff)
                return rebuff
        return None

    def clear(self) -> None:
        self.forget_all()
        self._rebuffs.clear()
