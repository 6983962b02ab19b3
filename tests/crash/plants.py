"""Fixtures of the tests that kill processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox_process import Sandbox, running_sandbox
from tests.crash.processes import Plant, running_plant

GENEROUS = ("--zoho-per-minute", "100000", "--zoho-daily", "1000000", "--zoho-in-flight", "100")


@pytest.fixture(scope="session")
def crash_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Both systems, with limits that never matter."""
    with running_sandbox("--state-dir", str(tmp_path_factory.mktemp("sandbox")), *GENEROUS) as running:
        yield running


@pytest.fixture
def policies() -> dict[str, Any]:
    """The pair's policies; a module may say otherwise."""
    return {}


@pytest.fixture
def plant(tmp_path: Path, crash_sandbox: Sandbox, policies: dict[str, Any]) -> Iterator[Plant]:
    """Settings, database and Valkey; the test starts processes as it likes."""
    crash_sandbox.reset()
    with running_plant(tmp_path / "plant", crash_sandbox, **policies) as running:
        yield running
