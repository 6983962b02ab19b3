"""One database per engine and run; every test has a pair, systems and a clock of its own. Fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.flows.line import SETTLE_MS, Line
from tests.services import postgres_server_url, worker_name


@pytest.fixture(scope="session")
def postgres_flow_url() -> Iterator[str]:
    """A PostgreSQL database of this run's own."""
    server = make_url(postgres_server_url()).set(drivername="postgresql")
    name = f"flows_{worker_name()}_{os.getpid()}"
    admin = server.render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_flow_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite file of this run's own."""
    return f"sqlite:///{tmp_path_factory.mktemp('flows') / 'flows.db'}"


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def flow_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once on each engine."""
    url = str(request.getfixturevalue(f"{request.param}_flow_url"))
    upgrade(url)
    return url


@pytest.fixture
def clock() -> FakeClock:
    """The time of the test."""
    return FakeClock()


@pytest.fixture
def stores(flow_url: str, clock: FakeClock) -> Iterator[SqlStores]:
    """Stores that go by that time."""
    made = SqlStores(flow_url, settle_ms=SETTLE_MS, clock=clock.now_ms, pool_size=2)
    yield made
    made.close()


@pytest.fixture
def line(stores: SqlStores, clock: FakeClock) -> Line:
    """Two empty systems whose records are all known, and the flows between them; nothing has run yet."""
    made = Line(stores, clock, known=False)
    allow_creates(made)
    return made


@pytest.fixture
def unknown_line(stores: SqlStores, clock: FakeClock) -> Line:
    """The same before the census."""
    return Line(stores, clock, known=False)


def allow_creates(line: Line) -> None:
    """The census of two empty systems, as it ends."""
    from integration.canonical.values import Side
    from integration.ports import Cursor

    with line.stores.begin(line.pair_id) as uow:
        for side in Side:
            uow.cursors.put(Cursor("census", side, watermark=uow.now, run={"listed": True}))
