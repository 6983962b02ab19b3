"""The line: `transform | validate | write`, each link taking whatever SQL says is ready for it.

A ring of `events` is the chain of the first two; what validation lets through rings the target's own queue,
so that a slow system does not keep the other waiting. A doubled or missing link changes nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from time import monotonic

from integration.canonical.values import Side
from integration.flows import reading
from integration.flows import transform as transforming
from integration.flows import validate as validating
from integration.flows import write as writing
from integration.ports import Bell
from integration.ports.services import Services
from integration.wiring import WiredPair
from integration.wiring.counters import count
from tasks.gathering import gathering
from tasks.running import pair_task

ROUNDS = 20
"""How often a task goes on before it makes room for others."""
TRANSFORM_ROUNDS = 4
"""Fewer, because what was decided waits for the next link meanwhile."""
QUICK_SECONDS = 1.0
"""A round of writing that took less may be followed by a larger one."""
READERS = 2
"""Reads of one process at a time: they wait for the other systems, and transforming must not."""


@dataclass(frozen=True)
class OwnBell:
    """The bell during a link of the events chain: a ring of its own queue is answered by the next link."""

    bell: Bell

    def ring(self, queue: str, pair_id: int) -> None:
        """Wake a worker, unless it would be for us."""
        if queue != "events":
            self.bell.ring(queue, pair_id)

    def clear(self, queue: str, pair_id: int) -> None:
        """Let the next ring through."""
        self.bell.clear(queue, pair_id)


class Places:
    """At most so many at a time; whoever is turned away is made up for by one that leaves."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._turned_away = False
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Take a place; False when there is none."""
        with self._lock:
            if self._taken >= self._most:
                self._turned_away = True
                return False
            self._taken += 1
            return True

    def leave(self) -> bool:
        """Give the place back; True when somebody was turned away meanwhile."""
        with self._lock:
            self._taken -= 1
            missed, self._turned_away = self._turned_away, False
            return missed


_readers = Places(READERS)


@pair_task("line.transform", bell="events")
def transform(pair: WiredPair) -> None:
    """Fold what arrived into lanes and decide them."""
    pair.prepare()
    services = _with_own_bell(pair.services)
    for _ in range(TRANSFORM_ROUNDS):
        taken = transforming.transform(services)
        count("line_lanes_total", taken, stage="transform")
        if taken < services.line.batch:
            return
        # Another worker begins while this one goes on: they wake one after another.
        gathering.go_on("events", pair.services.pair_id)
        pair.services.bell.ring("events", pair.services.pair_id)


@pair_task("line.validate", bell=None)
def validate(pair: WiredPair) -> None:
    """Work decisions into the outbox; then see to what only a read can settle."""
    pair.prepare()
    services = _with_own_bell(pair.services)
    total = 0
    for _ in range(ROUNDS):
        taken = validating.validate(services)
        total += taken
        if taken < services.line.batch:
            break
    count("line_lanes_total", total, stage="validate")
    _ring_for_the_rest(pair.services, worked=total > 0)


def _ring_for_the_rest(services: Services, *, worked: bool) -> None:
    with services.stores.reading(services.pair_id) as uow:
        due = uow.lanes.due()
    if due["dirty"]:
        services.bell.ring("read", services.pair_id)
    rest = due["planned"] + due["ready"] + due["received"]
    # Only after work was done: what nobody can take now would otherwise be rung for without end.
    if worked and rest:
        if rest >= services.line.batch:
            gathering.go_on("events", services.pair_id)  # enough for a run of its own
        services.bell.ring("events", services.pair_id)


@pair_task("line.read", bell="read")
def read(pair: WiredPair) -> None:
    """Read records whole that events could not tell."""
    if not _readers.enter():
        return
    try:
        pair.prepare(*Side)
        for _ in range(ROUNDS):
            taken = reading.read_dirty(pair.services)
            count("line_lanes_total", taken, stage="read")
            if taken < pair.services.line.batch:
                return
        pair.services.bell.ring("read", pair.services.pair_id)
    finally:
        if _readers.leave():
            pair.services.bell.ring("read", pair.services.pair_id)


@pair_task("line.write_salesforce", bell="salesforce")
def write_salesforce(pair: WiredPair) -> None:
    """Send what is ready to Salesforce."""
    _write(pair, Side.SALESFORCE)


@pair_task("line.write_zoho", bell="zoho")
def write_zoho(pair: WiredPair) -> None:
    """Send what is ready to Zoho."""
    _write(pair, Side.ZOHO)


def _write(pair: WiredPair, side: Side) -> None:
    pair.prepare(side)
    calls = writing.FEW
    for number in range(ROUNDS):
        began = monotonic()
        taken = writing.write(pair.services, side, calls, recovers=number == 0)
        count("line_writes_total", taken, side=side.value)
        if taken < calls:
            return
        # A row claimed waits for the calls before it: more are claimed only where these are over at once.
        quick = monotonic() - began < QUICK_SECONDS
        calls = min(4 * calls, pair.services.line.batch) if quick else writing.FEW
    pair.services.bell.ring(writing.QUEUES[side], pair.services.pair_id)


def _with_own_bell(services: Services) -> Services:
    return replace(services, bell=OwnBell(services.bell))
