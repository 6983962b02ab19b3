"""The app of the workers, inside the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.app import LineApp, app
from tests.unit.wiring.sample import sample_settings


@pytest.fixture
def worker_app(tmp_path: Path, sqlite_url: str, redis_url: str) -> Iterator[LineApp]:
    """`tasks.app.app` as if this were a worker's process, over a database and a Redis of the test's own."""
    app.given_settings = sample_settings(tmp_path, sqlite_url, redis_url)
    yield app
    app.close_parts()
    app.given_settings = None
    app.__dict__.pop("product", None)
