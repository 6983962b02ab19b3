"""Databases for whole lines: one per engine and run, a pair of its own for every line. Fixtures."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any, Protocol

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.flows.line import SETTLE_MS, Line
from tests.services import postgres_server_url, worker_name

_numbers = itertools.count(1)
"""Every folder that asks for these fixtures has databases of its own."""


class MakesLine(Protocol):
    """Makes lines with options of `Line`."""

    def __call__(self, **options: Any) -> Line: ...


@pytest.fixture(scope="session")
def postgres_line_url() -> Iterator[str]:
    """A PostgreSQL database of this run's own."""
    server = make_url(postgres_server_url()).set(drivername="postgresql")
    name = f"lines_{worker_name()}_{os.getpid()}_{next(_numbers)}"
    admin = server.render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_line_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite file of this run's own."""
    return f"sqlite:///{tmp_path_factory.mktemp('lines') / 'lines.db'}"


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def line_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once on each engine."""
    url = str(request.getfixturevalue(f"{request.param}_line_url"))
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def line_clock() -> FakeClock:
    """One time for all tests of a run, as a database has one: it only goes forward."""
    return FakeClock()


@pytest.fixture(scope="session")
def line_stores(line_url: str, line_clock: FakeClock) -> Iterator[SqlStores]:
    """Stores that go by that time."""
    made = SqlStores(line_url, settle_ms=SETTLE_MS, clock=line_clock.now_ms)
    yield made
    made.close()


@pytest.fixture
def make_line(line_stores: SqlStores, line_clock: FakeClock) -> MakesLine:
    """Makes lines, each a pair of its own between two new systems."""

    def make(**options: Any) -> Line:
        return Line(line_stores, line_clock, **options)

    return make


@pytest.fixture
def line(make_line: MakesLine) -> Line:
    """A line between two empty systems that are known."""
    return make_line()
