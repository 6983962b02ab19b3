"""A process killed in the middle of a unit leaves nothing, and holds up nobody."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from integration.canonical.values import Side
from integration.errors import Rejected
from integration.ports import AuditRow
from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event, ready_lanes
from tests.deadline import wait_until

ROOT = Path(__file__).parents[3]


@pytest.mark.crash
def test_a_killed_process_leaves_nothing_and_lets_go(store_url: str, stores: SqlStores, pair: int) -> None:
    ids = ready_lanes(stores, pair, 3)
    command = [sys.executable, "-m", "tests.contract.stores.unit_holder", store_url, str(pair)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)

    def claim() -> list[int]:
        with stores.begin(pair) as uow:
            lanes = uow.lanes.load(uow.lanes.lock_ready(10))
            uow.lanes.save(list(lanes.values()))
            assert {lane.epoch for lane in lanes.values()} <= {0}
            return sorted(lanes)

    assert wait_until(claim, what="the locks of the killed process are free") == ids
    with stores.begin(pair) as uow:
        assert uow.lanes.by_record(Side.ZOHO, ["never"]) == {}
        assert uow.inbox.outcomes() == {}
        assert uow.audit.timeline(ids) == []


def test_a_parent_s_connections_are_not_used_by_its_child(stores: SqlStores, pair: int) -> None:
    before = stores.engine
    stores.close()
    stores._owner = -1  # as it looks after a fork
    assert stores.engine is not before
    with stores.reading(pair) as uow:
        assert uow.pairs.state().id == pair


@pytest.mark.postgres
def test_connections_that_died_in_the_pool_are_replaced(postgres_url: str) -> None:
    """A database that was restarted costs nobody a unit."""
    upgrade(postgres_url)
    with closing(SqlStores(postgres_url)) as stores:
        pair = stores.ensure_pair("main")
        with stores.reading(pair), stores.reading(pair):
            """Two connections are in the pool now."""
        server = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as admin:
            ending = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            )
            admin.execute(ending + " AND pid <> pg_backend_pid()")
        for _ in range(3):
            with stores.begin(pair) as uow, stores.reading(pair) as other:
                assert uow.pairs.state().id == other.pairs.state().id == pair


@pytest.mark.parametrize("late", [False, True], ids=["at once", "collected"])
def test_a_reading_unit_cannot_write(stores: SqlStores, pair: int, late: bool) -> None:
    def write() -> None:
        with stores.reading(pair) as uow:
            if late:
                uow.audit.add([AuditRow("never")])
            else:
                uow.inbox.add([event("never")], [""])

    with pytest.raises(Rejected):
        write()
    with stores.begin(pair) as uow:  # and the connection is as good as before
        uow.inbox.add([event("k")], [""])
    with stores.reading(pair) as uow:
        assert uow.inbox.outcomes() == {"received": 1}


def test_a_reading_unit_sees_one_moment_and_holds_nobody_up(stores: SqlStores, pair: int) -> None:
    with stores.reading(pair) as reader:
        assert reader.inbox.outcomes() == {}
        with stores.begin(pair) as writer:
            writer.inbox.add([event("k")], [""])
        assert reader.inbox.outcomes() == {}
    with stores.reading(pair) as reader:
        assert reader.inbox.outcomes() == {"received": 1}
