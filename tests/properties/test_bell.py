"""The bell: whatever is stored is seen, at once while nothing is lost, else within one sweep."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from integration.processes.embedded_valkey import EmbeddedValkey
from tasks.bell import CeleryBell, Step

BATCH = 2
_pairs = itertools.count(1)


class KilledError(BaseException):
    """The process ends at this line."""


@dataclass
class Broker:
    """Where messages go; what happens to the next one is chosen by the test."""

    messages: int = 0
    fate: str = "kept"

    def __call__(self, steps: tuple[Step, ...], pair_id: int) -> None:
        fate, self.fate = self.fate, "kept"
        if fate in ("refused", "killed before"):
            raise (redis.ConnectionError if fate == "refused" else KilledError)(fate)
        if fate != "lost":
            self.messages += 1
        if fate in ("unanswered", "killed after"):
            raise (redis.TimeoutError if fate == "unanswered" else KilledError)(fate)


@dataclass
class Worker:
    """A worker between its steps: woken, then cleared, then with rows."""

    step: str = "woken"
    rows: set[int] = field(default_factory=set)


class BellMachine(RuleBasedStateMachine):
    """Any interleaving of storing, ringing, clearing, reading, crashing and losing."""

    url = ""

    @initialize()
    def begin(self) -> None:
        self.pair_id = next(_pairs)
        self.broker = Broker()
        self.clock = 0.0
        self.bell = CeleryBell(self.url, self.broker, monotonic=self.now)
        self.flags: Any = redis.Redis.from_url(self.url)
        self.stored: set[int] = set()
        self.seen: set[int] = set()
        self.number = 0
        self.to_ring = 0
        self.workers: deque[Worker] = deque()
        self.harmed = False

    def now(self) -> float:
        """A clock that never rests: the pause after a failure is tested by itself."""
        self.clock += 10.0
        return self.clock

    def teardown(self) -> None:
        if hasattr(self, "flags"):
            self.flags.close()

    def ring(self) -> None:
        try:
            self.bell.ring("events", self.pair_id)
        except KilledError:
            self.harmed = True

    # --- what senders do

    @rule()
    def store(self) -> None:
        """The commit; its ring is another step, so that anything may come between."""
        self.number += 1
        self.stored.add(self.number)
        self.to_ring += 1

    @precondition(lambda self: self.to_ring)
    @rule()
    def ring_one(self) -> None:
        self.to_ring -= 1
        self.ring()

    @precondition(lambda self: self.to_ring)
    @rule()
    def sender_is_killed_before_its_ring(self) -> None:
        self.to_ring -= 1
        self.harmed = True

    @precondition(lambda self: self.to_ring)
    @rule(fate=st.sampled_from(["lost", "refused", "unanswered", "killed before", "killed after"]))
    def ring_badly(self, fate: str) -> None:
        self.to_ring -= 1
        self.broker.fate = fate
        self.ring()
        self.harmed = self.harmed or (fate != "unanswered" and self.broker.fate == "kept")
        self.broker.fate = "kept"

    # --- what workers do

    @precondition(lambda self: self.broker.messages)
    @rule()
    def wake(self) -> None:
        self.broker.messages -= 1
        self.workers.append(Worker())

    @precondition(lambda self: self.broker.messages)
    @rule()
    def message_is_doubled(self) -> None:
        self.broker.messages += 1

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 5))
    def work_a_step(self, which: int) -> None:
        self.step(self.workers[which % len(self.workers)])

    def step(self, worker: Worker) -> None:
        """Clear, then query, then (after a full batch) ring, then work."""
        if worker.step == "woken":
            self.bell.clear("events", self.pair_id)
            worker.step = "cleared"
        elif worker.step == "cleared":
            taken = set().union(*(other.rows for other in self.workers))
            worker.rows = set(sorted(self.stored - self.seen - taken)[:BATCH])
            worker.step = "holding"
            if len(worker.rows) == BATCH:
                self.ring()
        else:
            self.seen |= worker.rows
            self.workers.remove(worker)

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 5))
    def worker_is_killed(self, which: int) -> None:
        del self.workers[which % len(self.workers)]
        self.harmed = True

    # --- what befalls Redis

    @rule()
    def flag_expires(self) -> None:
        self.flags.delete(f"bell:events:{self.pair_id}")

    @rule()
    def redis_is_flushed(self) -> None:
        self.flags.delete(f"bell:events:{self.pair_id}")
        self.harmed = self.harmed or self.broker.messages > 0
        self.broker.messages = 0

    # --- and what follows from it

    def run_down(self) -> None:
        """Everything goes on undisturbed until nobody is woken any more."""
        while self.to_ring:
            self.ring_one()
        while self.broker.messages or self.workers:
            if self.broker.messages:
                self.wake()
            self.step(self.workers[0])

    @rule()
    def rest(self) -> None:
        """Undisturbed since the last rest: everything was seen. Disturbed: one sweep makes up for it."""
        self.run_down()
        if not self.harmed:
            assert self.seen == self.stored, "a wake-up was lost although nothing was"
        if self.stored - self.seen:
            self.bell.clear("events", self.pair_id)
            self.ring()
            self.run_down()
        assert self.seen == self.stored
        self.harmed = False

    @invariant()
    def nothing_is_seen_that_was_not_stored(self) -> None:
        if hasattr(self, "stored"):
            assert self.seen <= self.stored


@pytest.mark.redis
def test_every_row_is_seen(redis_url: str, valkey_server: EmbeddedValkey) -> None:
    BellMachine.url = redis_url
    run_state_machine_as_test(BellMachine, settings=settings(max_examples=150, stateful_step_count=40))
