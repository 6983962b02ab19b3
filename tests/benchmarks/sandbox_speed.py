"""Events a second over real HTTP and gRPC: every process of the product against both systems of the sandbox."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from integration.canonical.outcome import BindingState
from integration.demo.options import DELETED_RULE, SAVED_RULE, DemoOptions
from integration.demo.progress import Progress
from integration.demo.run import Demo
from integration.demo.stage import Stage, webhook_spec
from integration.demo.stopping import Stopping
from integration.demo.watch import standing
from integration.ports.services import Services
from tests.benchmarks.figures import Figure, NotGivenError, Result, Say
from tests.benchmarks.stage import fresh_database
from tests.deadline import wait_until

UNLIMITED = {
    "per_minute": 1_000_000,
    "in_flight": 100,
    "zoho_daily": 10_000_000,
    "salesforce_daily": 10_000_000,
}
CUSTOMERS = 400
MOST_SECONDS = 300.0


def measure_sandbox(say: Say) -> Result:
    """A burst of edits, half on each side, until all of them are written. Raises NotGivenError."""
    server = os.environ.get("TEST_POSTGRES_URL", "")
    if not server:
        raise NotGivenError("PostgreSQL: TEST_POSTGRES_URL")
    stopping = Stopping()
    with (
        tempfile.TemporaryDirectory(prefix="zoho-salesforce-bench-") as name,
        fresh_database(server, f"zs_bench_http_{os.getpid()}") as database,
        (Path(name) / "said").open("w") as said,
        Progress(Console(file=said), stopping) as progress,
    ):
        options = DemoOptions(once=True, customers=CUSTOMERS, database_url=database, **UNLIMITED)
        with Stage(options, Path(name) / "state", stopping) as stage:
            return _measure(Demo(options, stage, progress, stopping), say)


def _measure(demo: Demo, say: Say) -> Result:
    services, addresses = demo._start()
    try:
        say(f"joining two organisations with {CUSTOMERS} customers each …")
        demo._join(services)
        _without_accidents(demo, addresses.web_url)
        edits = _edits(_joined(services))
        before = demo.stage.admin.calls()
        began = time.monotonic()
        demo.stage.admin.bulk(edits)
        wait_until(lambda: standing(services, demo.stage.admin).idle, MOST_SECONDS, "every edit is written")
        seconds = time.monotonic() - began
        calls = {system: count - before[system] for system, count in demo.stage.admin.calls().items()}
    finally:
        services.stores.close()  # type: ignore[attr-defined]
    say(f"{len(edits)} edits in {seconds:.1f} s")
    figures = (
        Figure(
            "edits by people, half on each side", len(edits) / seconds, "/s", note=f"{len(edits)} at once"
        ),
        Figure("calls to Salesforce", calls["salesforce"] / len(edits), "a change"),
        Figure("calls to Zoho Inventory", calls["zoho"] / len(edits), "a change"),
    )
    return Result("sandbox", figures, facts={"edits": len(edits), "seconds": seconds, "calls": calls})


def _without_accidents(demo: Demo, web_url: str) -> None:
    events = {SAVED_RULE: ["add", "edit"], DELETED_RULE: ["delete"]}
    spec = webhook_spec(web_url, str(demo.stage.about["zoho"]["webhook_secret"]), events)
    demo.stage.admin.configure_webhooks({**spec, "chaos": {}})


def _joined(services: Services) -> list[tuple[str, str]]:
    pairs, after = [], 0
    with services.stores.reading(services.pair_id) as uow:
        while page := uow.reports.bindings(after):
            after = page[-1].binding_id
            pairs += [
                (row.salesforce_id, row.zoho_id)
                for row in page
                if row.state is BindingState.ACTIVE and row.salesforce_entity == "Account"
            ]
    return pairs


def _edits(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Everybody once; a note, which nothing else depends on."""
    found: list[dict[str, Any]] = []
    for number, (account, customer) in enumerate(pairs):
        there = {
            "system": "salesforce",
            "entity": "Account",
            "id": account,
            "fields": {"Description": f"Note {number}"},
        }
        here = {"system": "zoho", "entity": "contact", "id": customer, "fields": {"notes": f"Note {number}"}}
        found.append({"op": "edit", **(there if number % 2 else here)})
    return found
