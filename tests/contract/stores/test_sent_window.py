"""What the brake remembers from claim to claim is what it would read anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.ports import WriteEnd
from integration.ports.rows import RecentHarm
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import make_lanes, write_for
from tests.fakes.clock import FakeClock

SIDE = Side.SALESFORCE
WINDOW_MS = 10_000
OPERATIONS = (Operation.UPDATE, Operation.UPDATE, Operation.DEACTIVATE, Operation.DELETE, Operation.CREATE)

Process = Callable[[], SqlStores]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def process(store_url: str, clock: FakeClock) -> Iterator[Process]:
    """Makes the stores of one more process: what they remember is their own."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            closing(SqlStores(store_url, settle_ms=0, clock=clock.now_ms, pool_size=1))
        )


def send(stores: SqlStores, pair: int, lane_id: int, operation: Operation, blanked: int = 0) -> None:
    """A row is claimed and answered."""
    with stores.begin(pair) as uow:
        uow.outbox.claim_alone(SIDE)
        write = write_for(uow.lanes.load([lane_id])[lane_id], blanked=blanked)
        write.operation = operation
        ids = uow.outbox.put_all([(lane_id, write, WorkClass.EVENT)])
        uow.outbox.sending(ids, 60_000)
        uow.outbox.end([WriteEnd(number, "done") for number in ids])


def asked(stores: SqlStores, pair: int, since: int) -> RecentHarm:
    with stores.begin(pair) as uow:
        uow.outbox.claim_alone(SIDE)
        return uow.outbox.recent_harm(SIDE, since, {})


@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_another_process_reads_anew(
    process: Process, pair: int, clock: FakeClock, seed: int
) -> None:
    """Two processes send in turn, time passes by steps of all sizes, and now and then a person lets go."""
    chance, busy, released = random.Random(seed), (process(), process()), 0
    lanes = make_lanes(busy[0], pair, 6)
    clock.advance(2 * WINDOW_MS)
    seen: set[RecentHarm] = set()
    for _ in range(60):
        stores = chance.choice(busy)
        send(stores, pair, chance.choice(lanes), chance.choice(OPERATIONS), chance.choice((0, 0, 2)))
        clock.advance(chance.choice((0, 1, 300, 3_000)))
        if chance.random() < 0.05:
            released = clock.now_ms()
        since = max(clock.now_ms() - WINDOW_MS, released)
        told = asked(stores, pair, since)
        with closing(process()) as young:
            assert told == asked(young, pair, since)
        seen.add(told)
    assert len(seen) > 10


def test_a_clock_set_back_hides_nothing(process: Process, pair: int, clock: FakeClock) -> None:
    stores = process()
    [first, second] = make_lanes(stores, pair, 2)
    clock.advance(WINDOW_MS)
    since = clock.now_ms()
    clock.advance(5_000)
    send(stores, pair, first, Operation.UPDATE)
    assert asked(stores, pair, since).changed == 1
    clock.advance(-2_000)
    send(stores, pair, second, Operation.UPDATE)
    assert asked(stores, pair, since).changed == 2


def test_only_lanes_that_stood_before_are_about_to_be_changed(
    process: Process, pair: int, clock: FakeClock
) -> None:
    """Not one that was changed already, a record known only since then, or a create."""
    stores = process()
    old = make_lanes(stores, pair, 3)
    clock.advance(1)
    since = clock.now_ms()
    [young] = make_lanes(stores, pair, 1, start=4)
    send(stores, pair, old[0], Operation.UPDATE)
    with stores.begin(pair) as uow:
        uow.outbox.claim_alone(SIDE)
        rows = {number: write_for(lane) for number, lane in uow.lanes.load([*old, young]).items()}
        rows[old[1]].operation = Operation.CREATE
        assert uow.outbox.recent_harm(SIDE, since, rows) == RecentHarm(0, 1, 4, frozenset({old[2]}))
