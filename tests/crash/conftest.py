"""Databases and a time for the crash tests."""

from collections.abc import Iterator

import pytest

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.flows.databases import line_clock, postgres_line_url
from tests.flows.line import SETTLE_MS


@pytest.fixture(scope="session")
def postgres_stores(postgres_line_url: str, line_clock: FakeClock) -> Iterator[SqlStores]:
    """Stores on PostgreSQL that go by that time."""
    upgrade(postgres_line_url)
    made = SqlStores(postgres_line_url, settle_ms=SETTLE_MS, clock=line_clock.now_ms)
    yield made
    made.close()


__all__ = ["line_clock", "postgres_line_url", "postgres_stores"]
