"""The doorbell: wakes workers over Redis, at most one unanswered ring per queue and pair.

A ring may be lost, and doubled; the sweep finds what a lost one left. So nothing here waits long or tries
again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import redis
import structlog
from kombu.exceptions import KombuError
from kombu.messaging import Producer
from kombu.pools import ProducerPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from integration.settings import Settings
from integration.wiring.counters import count

FLAG_MS = 5_000
SECONDS = 0.25
REST_SECONDS = 1.0
"""How long nothing is tried after Redis failed, so that not every answer of the receiver waits for it."""
MOST_PUBLISHERS = 8
UNANSWERED = (redis.RedisError, KombuError, OSError)

Step = tuple[str, str]
"""Name of a task and its queue."""

RINGS: Mapping[str, tuple[Step, ...]] = {
    "events": (("line.transform", "events"), ("line.validate", "events")),
    "read": (("line.read", "events"),),
    "salesforce": (("line.write_salesforce", "salesforce"),),
    "zoho": (("line.write_zoho", "zoho"),),
    "dead-letter": (("dead_letter.announce", "dead-letter"),),
    "first-load": (("batch.first_load", "batch"),),
    "catch-up": (("batch.catch_up", "batch"),),
    "poll-zoho": (("batch.poll_zoho", "batch"),),
    "poll-salesforce": (("batch.poll_salesforce", "batch"),),
    "poll-streamed": (("batch.poll_streamed", "batch"),),
    "id-sweep": (("batch.id_sweep", "batch"),),
    "housekeeping": (("maintenance.housekeeping", "maintenance"),),
    "retention": (("maintenance.retention", "maintenance"),),
    "nightly": (("maintenance.nightly", "maintenance"),),
}
"""What a ring of each name publishes; several steps are one Celery chain."""

log = structlog.get_logger(__name__)


class Publish(Protocol):
    """Sends the message of a ring."""

    def __call__(self, steps: tuple[Step, ...], pair_id: int) -> None:
        """Raises one of UNANSWERED when it cannot."""


class Publisher:
    """Publishes over connections of its own, with short deadlines; safe for threads."""

    def __init__(self, app: Any, transport_options: Mapping[str, Any]) -> None:
        self._app = app
        self._options = dict(transport_options)
        self._pool: Any = None
        self._lock = threading.Lock()

    def __call__(self, steps: tuple[Step, ...], pair_id: int) -> None:
        """Send the first step; the others travel with it as its chain, the last one first."""
        (task, queue), *others = steps
        chain = [
            self._app.signature(name, args=(pair_id,), immutable=True, options={"queue": other})
            for name, other in reversed(others)
        ]
        with self._producers().acquire(block=True, timeout=SECONDS) as producer:
            self._app.send_task(
                task,
                args=(pair_id,),
                queue=queue,
                chain=chain or None,
                producer=producer,
                retry=False,
                ignore_result=True,
            )

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._pool is not None:
                self._pool.connections.force_close_all()
                self._pool = None

    def _producers(self) -> Any:
        with self._lock:
            if self._pool is None:
                connection = self._app.connection_for_write(transport_options=self._options)
                pool: Any = ProducerPool  # kombu is typed in parts only
                self._pool = pool(connection.Pool(MOST_PUBLISHERS), MOST_PUBLISHERS, Producer=Producer)
            return self._pool


class CeleryBell:
    """`ports.Bell`: `SET bell:<name>:<pair> NX PX`, then publish. Without an address nobody is woken."""

    def __init__(
        self, url: str | None, publish: Publish, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._flags = _client(url) if url else None
        self._publish = publish
        self._monotonic = monotonic
        self._resting_until = 0.0

    def ring(self, queue: str, pair_id: int) -> None:
        """Wake one worker, unless a ring is waiting to be answered already. Never raises."""
        if self._flags is None or self._monotonic() < self._resting_until:
            return
        flag = _flag(queue, pair_id)
        try:
            if not self._flags.set(flag, "1", nx=True, px=FLAG_MS):
                return
        except UNANSWERED as error:
            self._rest(error)
            return
        try:
            self._publish(RINGS[queue], pair_id)
        except UNANSWERED as error:
            self._forget(flag)
            self._rest(error)
            return
        count("bell_rings_total", queue=queue)

    def clear(self, queue: str, pair_id: int) -> None:
        """Let the next ring through. Never raises: the flag ends by itself."""
        if self._flags is not None and self._monotonic() >= self._resting_until:
            self._forget(_flag(queue, pair_id))

    def close(self) -> None:
        """Let go of the connections; a later ring makes new ones."""
        if self._flags is not None:
            self._flags.close()
        if isinstance(self._publish, Publisher):
            self._publish.close()

    def _forget(self, flag: str) -> None:
        if self._flags is None:
            return
        try:
            self._flags.delete(flag)
        except UNANSWERED as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        self._resting_until = self._monotonic() + REST_SECONDS
        count("bell_failures_total")
        log.warning("bell is silent", error=type(error).__name__)


def bell_for(settings: Settings) -> CeleryBell:
    """A bell for a process that is no worker; silent when no Redis is known."""
    from tasks.app import create_app
    from tasks.configuration import publishing_options

    url = settings.redis_url
    publish = Publisher(create_app(settings), publishing_options())
    return CeleryBell(url.get_secret_value() if url else None, publish)


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
        client_name="bell-flags",
    )


def _flag(queue: str, pair_id: int) -> str:
    return f"bell:{queue}:{pair_id}"
