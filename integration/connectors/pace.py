"""The limiter all workers share, over Redis: calls per minute and in flight, in three classes.

Never more than the limit in any window, sliding or fixed: a call counts from the moment it is granted until
one window after its *end*, because only between the two it can have reached the other system. Numbers may be
lost with Redis (a flush, a restart that dropped the last second); they are then rebuilt from the calls
counted in SQL before they were sent, or everything counts as used for one window. Without Redis every
process has a static share.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import TypeAlias, cast

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from integration.canonical.outcome import WorkClass
from integration.connectors.pace_share import PaceLimits, StaticShare, assumed
from integration.errors import ConfigurationFault, Throttled
from integration.ports import Clock, UsageStore

LimiterClient: TypeAlias = redis.Redis

GONE = (
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    redis.exceptions.BusyLoadingError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
)
_RETRY_SECONDS = 1.0
_LONGEST_NAP = 0.25

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What the script said: granted, wait (so long, for that limit) or unknown."""

    word: str
    wait_seconds: float = 0.0
    scope: str = ""


@dataclass(frozen=True)
class Slot:
    """A granted call. `shared` is False when it came from the static share."""

    slot_id: str
    work: WorkClass
    calls: int
    shared: bool


def limiter_client(url: str) -> LimiterClient:
    """A client that gives up within half a second and never repeats a script by itself."""
    return redis.Redis.from_url(
        url,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        client_name="pace",
    )


class RedisPace:
    """ports.Pace for one (pair, system) `name`; safe for threads.

    `usage` counts granted calls in SQL before they are sent; without it a loss of Redis costs one whole
    window.
    """

    def __init__(
        self,
        client: LimiterClient,
        name: str,
        limits: PaceLimits,
        clock: Clock,
        usage: UsageStore | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base = f"pace:{{{name}}}"
        self._limits = limits
        self._clock = clock
        self._usage = usage
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        text = resources.files("integration.connectors").joinpath("pace.lua").read_text("utf-8")
        self._script = client.register_script(text)
        self._share = StaticShare(limits, usage, monotonic)
        self._state = threading.Lock()
        self._gone_until = 0.0
        self._blocked_until = 0.0
        self._blocked_scope = ""

    def take(self, work: WorkClass, calls: int = 1) -> AbstractContextManager[None]:
        """Hold a slot for `calls` calls made one after another.

        Raises Throttled when none is free within the patience of its class, with the time to come back.
        """
        return self._held(work, calls)

    def pause(self, seconds: float, scope: str) -> None:
        """Nobody calls the system for that long; a longer pause in force stays."""
        ends = self._monotonic() + seconds
        if ends > self._blocked_until:
            self._blocked_until, self._blocked_scope = ends, scope
        _log.warning("calls paused", scope=scope, seconds=round(seconds, 1))
        self._shared("pause", max(1, round(seconds * 1000)), scope)

    @contextmanager
    def _held(self, work: WorkClass, calls: int) -> Iterator[None]:
        slot = self._acquired(work, calls)
        try:
            yield
        finally:
            self._release(slot)

    def _acquired(self, work: WorkClass, calls: int) -> Slot:
        if calls > (self._limits.per_minute or calls):
            raise ConfigurationFault("pace.too_many", f"{calls} calls at once are more than a minute has")
        deadline = self._monotonic() + self._limits.patience(work)
        while True:
            slot_id = uuid.uuid4().hex
            verdict, shared = self._ask(work, calls, slot_id)
            if verdict.word == "granted":
                slot = Slot(slot_id, work, calls, shared)
                if self._counted(slot):
                    return slot
                continue
            if verdict.wait_seconds > deadline - self._monotonic():
                raise Throttled(
                    f"pace.{verdict.scope}",
                    "no call is free",
                    seconds=verdict.wait_seconds,
                    scope=verdict.scope,
                )
            self._sleep(min(max(verdict.wait_seconds, 0.005), _LONGEST_NAP) * (0.5 + self._jitter()))

    def _ask(self, work: WorkClass, calls: int, slot_id: str) -> tuple[Verdict, bool]:
        """The verdict, and whether Redis gave it."""
        limits = self._limits
        blocked = self._blocked_until - self._monotonic()
        if blocked > 0:  # what this process was told holds for it without Redis too
            return Verdict("wait", blocked, self._blocked_scope), True
        verdict = self._shared(
            "take",
            work.value,
            calls,
            slot_id,
            limits.per_minute or 0,
            limits.window_ms,
            limits.in_flight,
            limits.lease_ms * calls,
            round(limits.wait_seconds * 1000),
            *(round(limits.shares[each] * 1000) for each in WorkClass),
        )
        if verdict is None:
            return self._ask_share(calls), False
        if verdict.word == "unknown":
            self._rebuild()
            return Verdict("wait", 0.0, "unknown"), True
        return verdict, True

    def _ask_share(self, calls: int) -> Verdict:
        wait = self._share.take(calls)
        return Verdict("wait", wait, "static_share") if wait else Verdict("granted")

    def _counted(self, slot: Slot) -> bool:
        """Count the calls in SQL; False when Redis lost the slot meanwhile and may have forgotten it."""
        if self._usage is None:
            return True
        try:
            self._usage.add(slot.work, slot.calls, self._clock.now_ms())
        except BaseException:
            self._release(slot)
            raise
        if not slot.shared:
            return True
        # A flush between the grant and the count would leave this call out of the rebuilt numbers.
        held = self._shared("confirm", slot.work.value, slot.slot_id)
        return held is not None and held.word == "held"

    def _rebuild(self) -> None:
        past = assumed(self._limits, self._usage, self._clock.now_ms())
        flat = [number for pair in (*past.window, *past.flight) for number in pair]
        verdict = self._shared("rebuild", len(past.window), *flat)
        if verdict is not None and verdict.word == "rebuilt":
            _log.info("limiter numbers rebuilt", calls=sum(calls for _, calls in past.window))

    def _release(self, slot: Slot) -> None:
        if slot.shared:
            # Where this fails, the lease ends by itself.
            self._shared("release", slot.work.value, slot.calls, slot.slot_id, self._limits.window_ms)
        else:
            self._share.release()

    def _shared(self, operation: str, *arguments: str | int) -> Verdict | None:
        """Run an operation of the script; None while Redis is gone."""
        try:
            if not self._present():
                return None
            word, wait_ms, scope = self._run(operation, *arguments)
        except GONE as error:
            self._lost(error)
            return None
        return Verdict(str(word), int(wait_ms) / 1000, str(scope))

    def _run(self, operation: str, *arguments: str | int) -> tuple[str, int, str]:
        answer = self._script(keys=[self._base], args=[operation, *arguments])
        return cast("tuple[str, int, str]", answer)

    def _present(self) -> bool:
        """Whether Redis may be asked; coming back, its numbers are forgotten, for they lack the static
        calls.
        """
        if not self._gone_until:
            return True
        with self._state:
            if self._gone_until > self._monotonic():
                return False
            if self._gone_until:
                self._run("forget")
                self._gone_until = 0.0
                _log.warning("limiter is shared again")
        return True

    def _lost(self, error: Exception) -> None:
        with self._state:
            first = not self._gone_until
            self._gone_until = self._monotonic() + _RETRY_SECONDS
            if first:
                self._share.begin(self._clock.now_ms())
        if first:
            _log.error("limiter lost Redis and takes its static share", error=type(error).__name__)
