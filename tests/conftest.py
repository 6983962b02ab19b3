"""Fixtures shared by all tests: databases of both engines, embedded Valkey, and the rules about skipping."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from integration.processes.embedded_valkey import EmbeddedValkey
from tests.groups import group_of
from tests.services import MISSING_POSTGRES, POSTGRES, postgres_server_url, required, worker_name

hypothesis.settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.register_profile("thorough", max_examples=500, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_numbers = itertools.count(1)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A fresh, empty PostgreSQL database of this test's own (SQLAlchemy URL with the psycopg driver)."""
    server = make_url(postgres_server_url()).set(drivername="postgresql+psycopg")
    name = f"zs_{worker_name()}_{os.getpid()}_{next(_numbers)}"
    admin = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database file of this test's own, not created yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs once on each engine, each time on a fresh database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """One embedded Valkey for the tests of this process."""
    server = EmbeddedValkey.prepare(tmp_path_factory.mktemp("valkey"))
    with server.running():
        yield server


@pytest.fixture
def redis_url(valkey_server: EmbeddedValkey) -> str:
    """URL of an empty Redis database, shared with no other test that runs at the same time."""
    valkey_server.flush()
    return valkey_server.address.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip for want of a service that REQUIRE names is a failure."""
    report = yield
    missing = [name for name in required() if item.get_closest_marker(name)]
    if report.skipped and missing and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE names {', '.join(missing)}, so this test may not be skipped"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Whatever shares a group runs one after another in the same parallel process.

    Groups go by file: marks do not reach pytest-xdist 3.8 from pytest 9.2, which keeps a test's id elsewhere.
    """
    from xdist.scheduler import LoadGroupScheduling

    class ByGroup(LoadGroupScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid) or nodeid

    return ByGroup(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One loud line where a whole engine went untested."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(MISSING_POSTGRES in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(
            f"!!! {count} tests were NOT run on {POSTGRES.upper()}: set TEST_POSTGRES_URL to run them !!!",
            red=True,
            bold=True,
        )
