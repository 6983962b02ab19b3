"""Units that must wait for each other, shown by stopping one of them; SQLite has one writer anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pytest
import sqlalchemy as sa

from integration.canonical.outcome import BindingState
from integration.canonical.values import Side
from integration.ports import AuditRow, BoundRecord
from integration.stores.tables_line import lanes
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import make_lanes, new_records, ready_lanes
from tests.deadline import wait_until

T = TypeVar("T")
WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    """Another worker."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def _until_it_waits(stores: SqlStores, done: Future[T]) -> None:
    """Come back when the other worker waits for a lock; fail when it did not have to."""

    def waits() -> bool:
        with stores.engine.connect() as connection:
            return bool(connection.execute(WAITING).scalar())

    wait_until(lambda: done.done() or waits(), what="the other unit waits")
    assert not done.done()


def test_a_lock_is_waited_for(postgres_stores: SqlStores, pair: int, other: ThreadPoolExecutor) -> None:
    stores = postgres_stores
    [lane_id] = ready_lanes(stores, pair, 1)

    def lock() -> tuple[list[int], int]:
        with stores.begin(pair) as uow:
            return uow.lanes.lock([lane_id]), uow.lanes.load([lane_id])[lane_id].epoch

    with stores.begin(pair) as uow:
        [lane] = uow.lanes.load(uow.lanes.lock([lane_id])).values()
        done = other.submit(lock)
        _until_it_waits(stores, done)
        lane.epoch = 7
        uow.lanes.save([lane])
    assert done.result() == ([lane_id], 7)


def test_the_same_new_records_are_made_once(
    postgres_stores: SqlStores, pair: int, other: ThreadPoolExecutor
) -> None:
    stores = postgres_stores
    records = new_records(3, dirty=True)

    def add() -> dict[tuple[str, str], BoundRecord]:
        with stores.begin(pair) as uow:
            return uow.lanes.add_records(records[::-1])

    with stores.begin(pair) as uow:
        mine = uow.lanes.add_records(records)
        done = other.submit(add)
        _until_it_waits(stores, done)
    assert done.result() == mine
    with stores.engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(lanes).where(lanes.c.pair_id == pair)
        assert connection.execute(count).scalar() == 3


def _waiter(stores: SqlStores, pair: int) -> Callable[[], bool]:
    def wait() -> bool:
        with stores.begin(pair) as uow:
            return uow.cases.wait(99, 99, Side.SALESFORCE, "Account", "1")

    return wait


def _binder(stores: SqlStores, pair: int, lane_id: int) -> Callable[[], list[int]]:
    def bind() -> list[int]:
        with stores.begin(pair) as uow:
            lane = uow.lanes.load(uow.lanes.lock([lane_id]))[lane_id]
            lane.root.on(Side.ZOHO).entity, lane.root.on(Side.ZOHO).record_id = "contact", "z"
            lane.root.state = BindingState.ACTIVE
            uow.lanes.save([lane])
            return uow.cases.release(Side.SALESFORCE, ["1"])

    return bind


def test_who_binds_sees_a_wait_not_committed_yet(
    postgres_stores: SqlStores, pair: int, other: ThreadPoolExecutor
) -> None:
    stores = postgres_stores
    [lane_id] = make_lanes(stores, pair, 1, side=Side.SALESFORCE)
    with stores.begin(pair) as uow:
        assert not uow.cases.wait(99, 99, Side.SALESFORCE, "Account", "1")
        done = other.submit(_binder(stores, pair, lane_id))
        _until_it_waits(stores, done)
    assert done.result() == [99]


def test_who_waits_sees_a_binding_not_committed_yet(
    postgres_stores: SqlStores, pair: int, other: ThreadPoolExecutor
) -> None:
    stores = postgres_stores
    [lane_id] = make_lanes(stores, pair, 1, side=Side.SALESFORCE)
    with stores.begin(pair) as uow:
        assert uow.cases.release(Side.SALESFORCE, ["1"]) == []  # even before it is bound in this unit
        done = other.submit(_waiter(stores, pair))
        _until_it_waits(stores, done)
        lane = uow.lanes.load(uow.lanes.lock([lane_id]))[lane_id]
        lane.root.on(Side.ZOHO).entity, lane.root.on(Side.ZOHO).record_id = "contact", "z"
        lane.root.state = BindingState.ACTIVE
        uow.lanes.save([lane])
    assert done.result() is True


def test_a_second_sealer_goes_away(postgres_stores: SqlStores, pair: int) -> None:
    with postgres_stores.begin(pair) as uow:
        uow.audit.add([AuditRow("one"), AuditRow("two")])
    with postgres_stores.begin(pair) as one, postgres_stores.begin(pair) as two:
        assert one.audit.seal(1) == 1
        assert two.audit.seal(1) == 0


def test_locks_held_elsewhere_are_left_out_when_not_waiting(postgres_stores: SqlStores, pair: int) -> None:
    ids = ready_lanes(postgres_stores, pair, 3)
    with postgres_stores.begin(pair) as one, postgres_stores.begin(pair) as two:
        assert one.lanes.lock([ids[1]]) == [ids[1]]
        assert two.lanes.lock(ids, wait=False) == [ids[0], ids[2]]
        assert one.lanes.lock_ready(10) == [ids[1]]
