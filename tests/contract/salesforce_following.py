"""A listener that runs in a thread, with an inbox in memory in place of SQL."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from integration.canonical.event import ArrivedEvent
from integration.connectors.salesforce.change_events import topic_of
from integration.connectors.salesforce.client import Tokens
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.pubsub import Listener, ListenerPort
from integration.errors import Fault
from tests.contract.salesforce_parts import WallClock
from tests.contract.sandbox_process import Sandbox

ACCOUNTS = topic_of("Account")
CONTACTS = topic_of("Contact")


class Inbox:
    """What the listener's port stores, as one transaction under a lock.

    Streams start at the oldest event: only then does it not matter when exactly they were opened.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.events: list[ArrivedEvent] = []
        self.positions: dict[str, bytes] = {ACCOUNTS: b"", CONTACTS: b""}
        self.stored: list[tuple[str, int, bytes]] = []
        self.lost: list[str] = []
        self.forget_lost = False
        self.faults: list[Fault] = []
        self.before: Callable[[str, Sequence[ArrivedEvent]], None] = lambda _topic, _events: None

    def sink(self, topic: str, events: Sequence[ArrivedEvent], replay_id: bytes) -> None:
        self.before(topic, events)
        with self.lock:
            self.events += events
            self.positions[topic] = replay_id
            self.stored.append((topic, len(events), replay_id))

    def position(self, topic: str) -> bytes | None:
        with self.lock:
            return self.positions.get(topic)

    def on_position_lost(self, topic: str) -> None:
        with self.lock:
            self.lost.append(topic)
            if self.forget_lost:
                del self.positions[topic]
            else:
                self.positions[topic] = b""

    def on_fault(self, topic: str, fault: Fault) -> None:
        with self.lock:
            self.faults.append(fault)

    def port(self) -> ListenerPort:
        return ListenerPort(self.sink, self.position, self.on_position_lost, self.on_fault)

    def keys(self) -> list[str]:
        """Keys of all rows in order of arrival, repeats left out as the real inbox does."""
        with self.lock:
            return list(dict.fromkeys(event.key for event in self.events))

    def named(self, field: str = "Name") -> list[object]:
        """One field of every change, in order of arrival."""
        with self.lock:
            bodies = [event.body.get("fields") for event in self.events]
        return [body[field] for body in bodies if isinstance(body, dict) and field in body]


class Following:
    """A listener under way."""

    def __init__(self, config: StreamConfig, tokens: Tokens, inbox: Inbox) -> None:
        self.inbox = inbox
        self._listener = Listener(config, tokens, inbox.port(), WallClock(), Random(1))
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._listener.run(self._stop))
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            self.error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self, seconds: float = 10.0) -> None:
        """Tell it to stop and wait for its end; raises what it ended with."""
        if self.running:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(seconds)
        assert not self.running, "the listener did not stop"
        if self.error is not None:
            raise self.error


@contextmanager
def following(config: StreamConfig, tokens: Tokens, inbox: Inbox) -> Iterator[Following]:
    """A listener that is stopped with the block."""
    found = Following(config, tokens, inbox)
    try:
        yield found
    finally:
        found.stop()


def stream_config(sandbox: Sandbox, *topics: str, **changes: object) -> StreamConfig:
    """How to follow the sandbox's event bus; pauses are short."""
    facts = sandbox.salesforce
    given: dict[str, object] = {
        "topics": topics or (ACCOUNTS, CONTACTS),
        "endpoint": facts["pubsub_endpoint"],
        "ca_file": facts["ca_file"] or "",
        "tls": facts["tls"],
        "backoff_seconds": 0.05,
        "backoff_cap_seconds": 0.2,
    }
    return StreamConfig(**{**given, **changes})  # type: ignore[arg-type]
