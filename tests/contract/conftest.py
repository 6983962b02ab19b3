"""One sandbox for all contract tests of a process, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.sandbox_process import Sandbox, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The process; limits are generous, search is immediate, and tokens are not counted over many tests."""
    state_dir = str(tmp_path_factory.mktemp("sandbox"))
    limits = ("--zoho-per-minute", "100000", "--zoho-daily", "1000000", "--zoho-in-flight", "100")
    switches = ("--switch", "zoho_search_lag_seconds=0", "--switch", "zoho_latency_ms=0")
    switches += ("--switch", "zoho_token_minutes=0")
    with running_sandbox("--state-dir", state_dir, *limits, *switches) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """An empty sandbox."""
    sandbox_process.reset()
    return sandbox_process
