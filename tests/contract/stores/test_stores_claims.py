"""Fences under real concurrency: nothing is ever claimed twice, and a lock held is a lock held."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.canonical.outcome import WorkClass
from integration.canonical.values import Side
from integration.ports import Cursor, PlannedChange
from integration.ports.stores import UnitOfWork
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import make_lanes, ready_lanes, waiting_writes

_numbers = count(1)
SAME_DATABASE = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def _drain(stores: SqlStores, pair: int, limit: int) -> list[tuple[int, int]]:
    """Claim and send until nothing is left: (row, epoch) of every claim."""
    claimed: list[tuple[int, int]] = []
    while True:
        with stores.begin(pair) as uow:
            found = uow.outbox.claimable(Side.SALESFORCE, limit)
            if not found:
                return claimed
            claimed.extend(uow.outbox.sending([w.id for w in found.values()], 60_000).items())


@settings(max_examples=8, suppress_health_check=SAME_DATABASE, deadline=None)
@given(lanes=st.integers(1, 30), workers=st.integers(2, 6), limit=st.integers(1, 12))
def test_concurrent_claims_never_give_one_row_twice(
    stores: SqlStores, lanes: int, workers: int, limit: int
) -> None:
    pair = stores.ensure_pair(f"claims-{next(_numbers)}")
    ids = make_lanes(stores, pair, lanes)
    writes = waiting_writes(stores, pair, ids)
    with ThreadPoolExecutor(workers) as pool:
        claims = [c for done in pool.map(lambda _: _drain(stores, pair, limit), range(workers)) for c in done]
    assert Counter(claims) == Counter({(write, 1): 1 for write in writes})


def test_concurrent_deciders_never_hold_one_lane_twice(stores: SqlStores, pair: int) -> None:
    ids = ready_lanes(stores, pair, 40)

    def work(_: int) -> list[int]:
        done: list[int] = []
        while True:
            with stores.begin(pair) as uow:
                lanes = uow.lanes.load(uow.lanes.lock_ready(3))
                if not lanes:
                    return done
                for lane in lanes.values():
                    lane.epoch += 1  # a lost update would show as a missing step
                uow.lanes.save(list(lanes.values()))
                done += lanes

    with ThreadPoolExecutor(5) as pool:
        done = [lane for part in pool.map(work, range(5)) for lane in part]
    assert sorted(done) == sorted(ids)
    with stores.reading(pair) as uow:
        assert {lane.epoch for lane in uow.lanes.load(ids).values()} == {1}


def test_concurrent_validators_never_get_one_change_twice(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 40)
    changes = [PlannedChange(lane_id, [], [], 1) for lane_id in ids]
    with stores.begin(pair) as uow:
        uow.changes.replace(changes, ids)

    def work(_: int) -> list[int]:
        done: list[int] = []
        while True:
            with stores.begin(pair) as uow:
                taken = [change.id for change in uow.changes.lock_planned(3)]
                uow.changes.validated(taken)
            if not taken:
                return done
            done += taken

    with ThreadPoolExecutor(5) as pool:
        done = [number for part in pool.map(work, range(5)) for number in part]
    assert sorted(done) == [change.id for change in changes]


def test_concurrent_readers_never_claim_one_lane_twice(stores: SqlStores, pair: int) -> None:
    ids = make_lanes(stores, pair, 40, dirty=True)

    def claim(_: int) -> list[int]:
        done: list[int] = []
        while True:
            with stores.begin(pair) as uow:
                taken = uow.lanes.claim_reads(3, 60_000)
            if not taken:
                return done
            done += taken

    with ThreadPoolExecutor(5) as pool:
        done = [lane for part in pool.map(claim, range(5)) for lane in part]
    assert sorted(done) == sorted(ids)
    with stores.reading(pair) as uow:
        assert {lane.epoch for lane in uow.lanes.load(ids).values()} == {1}


def test_a_wake_up_during_a_decision_is_never_lost(stores: SqlStores, pair: int) -> None:
    """However waking and deciding interleave, the lane is decided after the last wake-up."""
    [lane_id] = make_lanes(stores, pair, 1)
    seen: list[int] = [0]

    def tell() -> None:
        for _ in range(25):
            with stores.begin(pair) as uow:
                uow.lanes.wake([lane_id], WorkClass.EVENT)
                told = uow.cursors.get(Side.ZOHO, "told") or Cursor("told", Side.ZOHO)
                uow.cursors.put(replace(told, watermark=told.watermark + 1))

    def decide() -> int:
        with stores.begin(pair) as uow:
            lanes = uow.lanes.load(uow.lanes.lock_ready(1))
            told = uow.cursors.get(Side.ZOHO, "told")
            uow.lanes.save(list(lanes.values()))
            if lanes and told:
                seen.append(told.watermark)
            return len(lanes)

    with ThreadPoolExecutor(3) as pool:
        telling = [pool.submit(tell) for _ in range(2)]
        while not all(future.done() for future in telling):
            decide()
        for future in telling:
            future.result()
    while decide():
        pass
    assert seen[-1] == 50


class _Worker:
    """One unit of work held open across steps, and the lanes it was given in it."""

    def __init__(self, stores: SqlStores, pair: int) -> None:
        self._stores = stores
        self._pair = pair
        self._stack: ExitStack | None = None
        self.uow: UnitOfWork | None = None
        self.held: set[int] = set()

    def claim(self, limit: int) -> None:
        if self._stack is None:
            self._stack = ExitStack()
            self.uow = self._stack.enter_context(self._stores.begin(self._pair))
        assert self.uow is not None
        self.held |= set(self.uow.lanes.lock_ready(limit))

    def commit(self) -> None:
        if self._stack is not None and self.uow is not None:
            self.uow.lanes.save(list(self.uow.lanes.load(self.held).values()))
            self._stack.close()
        self._stack, self.uow, self.held = None, None, set()

    def abandon(self) -> None:
        """The process dies: its unit is rolled back."""
        if self._stack is not None:
            stack, self._stack = self._stack, None
            try:
                with stack:
                    raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
        self.uow, self.held = None, set()


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["claim", "claim", "commit", "abandon"]), st.integers(1, 4)),
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=SAME_DATABASE, deadline=None)
@given(steps=STEPS)
def test_any_interleaving_of_units_holds_each_lane_once(
    postgres_stores: SqlStores, steps: list[tuple[int, str, int]]
) -> None:
    pair = postgres_stores.ensure_pair(f"interleaving-{next(_numbers)}")
    ids = set(make_lanes(postgres_stores, pair, 6))
    with postgres_stores.begin(pair) as uow:
        uow.lanes.wake(ids, WorkClass.EVENT)
    workers = [_Worker(postgres_stores, pair) for _ in range(3)]
    decided: set[int] = set()
    try:
        for number, step, limit in steps:
            worker = workers[number]
            if step == "claim":
                worker.claim(limit)
            elif step == "commit":
                assert not worker.held & decided
                decided |= worker.held
                worker.commit()
            else:
                worker.abandon()
            together = [lane for w in workers for lane in w.held]
            assert len(together) == len(set(together))
    finally:
        for worker in workers:
            worker.abandon()
    with postgres_stores.begin(pair) as uow:
        assert set(uow.lanes.lock_ready(10)) == ids - decided
