"""Eight processes write to one database at once. STRESS_SECONDS=60 for the full minute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from integration.stores.unit_of_work import SqlStores

ROOT = Path(__file__).parents[3]
PROCESSES = 8


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.timeout(300)
def test_eight_writers_never_find_the_database_locked(store_url: str, stores: SqlStores, pair: int) -> None:
    seconds = os.environ.get("STRESS_SECONDS", "3")
    command = [sys.executable, "-m", "tests.contract.stores.busy_writer", store_url, str(pair)]
    running = [
        subprocess.Popen(
            [*command, f"p{n}", seconds], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        for n in range(PROCESSES)
    ]
    told = [(*process.communicate(timeout=280), process.returncode) for process in running]
    assert [error for _, error, code in told if code] == []
    reports = [json.loads(out) for out, _, _ in told]
    stored, ended = (sum(report[name] for report in reports) for name in ("stored", "ended"))
    with stores.reading(pair) as uow:
        outcomes = uow.inbox.outcomes()
    assert all(report["stored"] for report in reports)  # nobody starved
    assert (outcomes["unchanged"], sum(outcomes.values())) == (ended, stored)
