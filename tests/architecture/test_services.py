"""A missing service is never quiet: it skips with one loud line, or fails where it is required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.architecture.sources import ROOT

NEEDS_POSTGRES = """
import pytest

def test_engine(database_url):
    assert database_url

@pytest.mark.postgres
def test_by_itself():
    pytest.skip("no server of my own")
"""


def run(tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "test_inner.py").write_text(NEEDS_POSTGRES)
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest")
    inherited = {k: v for k, v in os.environ.items() if k not in {"TEST_POSTGRES_URL", "REQUIRE"}}
    where = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path / "test_inner.py"))
    return subprocess.run(
        (*command, *where), cwd=ROOT, env=inherited | environ, capture_output=True, text=True, check=False
    )


def test_missing_postgres_skips_with_a_loud_line(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 2 skipped" in done.stdout
    assert "1 tests were NOT run on POSTGRES" in done.stdout


def test_required_postgres_fails(tmp_path: Path) -> None:
    done = run(tmp_path, REQUIRE="browser,postgres")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed, 1 error" in done.stdout  # one in the test, one in its fixture


def test_other_requirements_do_not_matter(tmp_path: Path) -> None:
    assert run(tmp_path, REQUIRE="browser").returncode == 0


def test_required_node_fails(tmp_path: Path) -> None:
    step = "test_step[pubsub_events: a wrong secret is told as the org tells it]"
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    done = subprocess.run(
        (*command, f"tests/peers/test_peers_pubsub_client.py::{step}"), cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path), "REQUIRE": "node"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "REQUIRE names node, but it is missing" in done.stdout


@pytest.mark.postgres
def test_each_test_has_a_fresh_database(postgres_url: str) -> None:
    url = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)
