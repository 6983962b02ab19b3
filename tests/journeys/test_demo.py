"""The whole product, as a new user sees it first: join two filled organisations, live, settle, prove."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integration.canonical.outcome import Outcome
from tests.deadline import wait_until

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(400)]

PROGRAM = str(Path(sys.executable).with_name("zoho-salesforce"))
STARTED = "First load"
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ENGINES = ["sqlite", *([pytest.param("postgres", marks=pytest.mark.postgres)] if THOROUGH else [])]
"""The storm goes over both every time."""
OUTCOMES = {outcome.value for outcome in Outcome}


@contextmanager
def running(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The demo as a process without a terminal; what it says goes to `out` and `err`."""
    with (
        (tmp_path / "out").open("w") as out,
        (tmp_path / "err").open("w") as err,
        subprocess.Popen(
            (PROGRAM, "demo", "--state-dir", str(tmp_path / "state"), *arguments),
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, text=True, start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that still work in this directory (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_text().replace("\0", " ")
            environment = (entry / "environ").read_text(errors="replace")
        except (OSError, NotADirectoryError):
            continue
        if f"INTEGRATION_STATE_DIR={folder}" in environment or str(folder / "valkey") in line:
            found.append(line)
    return found


def last_line(tmp_path: Path) -> dict[str, Any]:
    """The JSON object stdout ends with."""
    lines = (tmp_path / "out").read_text().splitlines()
    assert lines, (tmp_path / "err").read_text()[-3000:]
    told: dict[str, Any] = json.loads(lines[-1])
    return told


@pytest.fixture(params=ENGINES)
def over(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What says which database is to be used: none makes itself a SQLite file."""
    if request.param == "sqlite":
        return ()
    return ("--database-url", str(request.getfixturevalue("postgres_url")))


def test_the_proof_holds_and_the_last_line_says_so(tmp_path: Path, over: tuple[str, ...]) -> None:
    with running(tmp_path, "--once", "--json", *over) as process:
        status = process.wait(300)
    told = last_line(tmp_path)
    assert status == 0, json.dumps(told, indent=1)[:4000] + (tmp_path / "err").read_text()[-3000:]
    assert len((tmp_path / "out").read_text().splitlines()) == 1
    assert told["events_accepted"] == sum(told["outcomes"].values()) > 1_000
    assert told["outcomes"].keys() <= OUTCOMES
    assert min(told["records"][side] for side in ("salesforce", "zoho")) >= 600
    assert told["records"]["unexplained"] == told["duplicates"] == told["echo_writes"] == 0
    assert told["records"]["equal"] > 1_000
    assert told["joins"]["right"] >= 90
    assert told["joins"]["asked"] >= 10
    assert told["changes"]["made"] >= 300
    assert told["api_calls"]["salesforce"] > 0
    assert told["api_calls"]["zoho"] > 0
    disturbed = sum(told["webhooks"][fate] for fate in ("lost", "doubled", "late"))
    assert disturbed >= 0.05 * told["webhooks"]["events"]
    assert sum(told["restarts"].values()) >= 1
    assert processes_of(tmp_path / "state") == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_in_the_middle_leaves_nothing_running(tmp_path: Path) -> None:
    with running(tmp_path, "--once", "--json") as process:
        wait_until(lambda: STARTED in (tmp_path / "err").read_text(), 90, "the demo has started")
        assert processes_of(tmp_path / "state")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert processes_of(tmp_path / "state") == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_demo_that_is_killed_takes_its_processes_along(tmp_path: Path) -> None:
    with running(tmp_path, "--once", "--json") as process:
        wait_until(lambda: STARTED in (tmp_path / "err").read_text(), 90, "the demo has started")
        process.kill()
        process.wait(10)
        wait_until(lambda: not processes_of(tmp_path / "state"), 60, "its processes have ended")
