"""What the machine offers to tests: PostgreSQL by TEST_POSTGRES_URL, and what must not be missing."""

from __future__ import annotations

import os

import pytest

POSTGRES = "postgres"
MISSING_POSTGRES = "needs postgres: TEST_POSTGRES_URL is not set"


def required() -> frozenset[str]:
    """The services named in REQUIRE: a test that misses one of them fails instead of being skipped."""
    return frozenset(name.strip() for name in os.environ.get("REQUIRE", "").split(",") if name.strip())


def postgres_server_url() -> str:
    """URL of a database on a server where tests may create databases; skips or fails where there is none."""
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if not url:
        if POSTGRES in required():
            pytest.fail(f"REQUIRE names postgres, but it is missing: {MISSING_POSTGRES}")
        pytest.skip(MISSING_POSTGRES)
    return url


def worker_name() -> str:
    """The name of the parallel test process, or `main`."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
