"""P1 to P6 on real processes: whatever is killed, frozen, emptied or cut off, the whole proof holds afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from integration.canonical.outcome import Outcome
from integration.demo.options import DemoOptions
from integration.demo.progress import Progress
from integration.demo.report import Report
from integration.demo.stage import Stage
from integration.demo.stopping import Stopping
from tests.journeys.storm import Storm

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(400)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def storm_url(request: pytest.FixtureRequest) -> str:
    """An empty PostgreSQL database, or none: then the demo makes itself a SQLite file."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


def through_the_storm(folder: Path, database_url: str) -> tuple[Storm, Report]:
    """One run; what it was like is in `folder/said`."""
    options = DemoOptions(once=True, seed=11, customers=200, database_url=database_url, wave_seconds=1.0)
    stopping = Stopping()
    with (
        (folder / "said").open("w") as file,
        Progress(Console(file=file), stopping) as progress,
        Stage(options, folder / "state", stopping) as stage,
    ):
        storm = Storm(options, stage, progress, stopping)
        services, _ = storm._start()
        try:
            storm._join(services)
            life = storm._live()
            storm._settle(services)
            return storm, storm._prove(services, life)
        finally:
            services.stores.close()  # type: ignore[attr-defined]


def test_the_proof_holds_after_a_storm(tmp_path: Path, storm_url: str) -> None:
    storm, report = through_the_storm(tmp_path, storm_url)
    told = json.dumps(report.to_json(), indent=1, default=str)
    assert report.holds, told[:5000] + (tmp_path / "said").read_text()[-2000:]  # P1, P2, P4
    assert set(report.outcomes) <= {outcome.value for outcome in Outcome}  # P6
    assert report.echo_writes == 0
    assert all("429" not in statuses for statuses in storm.statuses.values()), storm.statuses  # P5
    assert {name.partition("-")[0] for name in report.restarts} >= {"web", "listener", "worker", "beat"}
