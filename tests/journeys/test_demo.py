"""The main job on real parts: the demo joins two filled organisations, lives on both sides, loses a
worker, and proves it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

OUTCOMES = {
    "written", "unchanged", "echo", "stale", "folded", "out of scope", "conflict kept", "dead letter", "exception",
    "discarded", "superseded",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What one whole run says as its last line."""
    state = tmp_path_factory.mktemp("demo")
    program = [str(Path(sys.executable).parent / "zoho-salesforce"), "demo", "--once", "--json"]
    run = subprocess.run(
        [*program, "--state-dir", str(state)], capture_output=True, text=True, timeout=240, check=False
    )
    assert run.returncode == 0, run.stderr[-4_000:]
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.journey
@pytest.mark.timeout(260)
def test_every_event_ends_in_exactly_one_outcome(told: dict) -> None:
    assert sum(told["outcomes"].values()) == told["events_accepted"] > 600
    assert set(told["outcomes"]) <= OUTCOMES


@pytest.mark.journey
def test_both_sides_say_the_same_and_every_difference_has_a_cause(told: dict) -> None:
    records = told["records"]
    assert min(records["salesforce"], records["zoho"]) >= 300
    assert records["equal"] >= 300
    assert records["unexplained"] == 0


@pytest.mark.journey
def test_nothing_was_doubled_and_nothing_of_ours_came_back(told: dict) -> None:
    assert told["duplicates"] == 0
    assert told["echo_writes"] == 0


@pytest.mark.journey
def test_the_calls_of_both_systems_were_counted(told: dict) -> None:
    assert told["api_calls"]["salesforce"] > 0
    assert told["api_calls"]["zoho"] > 0
