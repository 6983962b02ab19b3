"""Stores on both engines: one database per engine and run, one pair per test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import KEY
from tests.services import postgres_server_url, worker_name

_names = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_store_url() -> Iterator[str]:
    """A PostgreSQL database of this run's own."""
    server = make_url(postgres_server_url()).set(drivername="postgresql")
    name = f"stores_{worker_name()}_{os.getpid()}"
    admin = server.render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite file of this run's own."""
    return f"sqlite:///{tmp_path_factory.mktemp('stores') / 'stores.db'}"


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once on each engine."""
    url = str(request.getfixturevalue(f"{request.param}_store_url"))
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def stores(store_url: str) -> Iterator[SqlStores]:
    """Stores without settle time: what is unknown may be looked into at once."""
    made = SqlStores(store_url, settle_ms=0, keys=[KEY])
    yield made
    made.close()


@pytest.fixture
def pair(stores: SqlStores) -> int:
    """A pair nobody else uses."""
    return stores.ensure_pair(f"pair-{next(_names)}")


@pytest.fixture
def postgres_stores(stores: SqlStores) -> SqlStores:
    """For tests that hold two units open at once, which SQLite's single writer excludes."""
    if stores.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    return stores
