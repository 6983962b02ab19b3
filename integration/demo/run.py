"""The demo from beginning to end: start, join two filled organisations, live, settle, prove."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.demo.life import Director, Life, as_on_screen
from integration.demo.options import DOUBLED, LATE, LATE_SECONDS, LOST, PAIR, DemoOptions
from integration.demo.progress import Progress
from integration.demo.proof import prove
from integration.demo.report import Report
from integration.demo.stage import Stage
from integration.demo.stopping import DemoStoppedError, Stopping, stopping_on_signals
from integration.demo.watch import await_rest, await_true, census_done
from integration.errors import Fault
from integration.flows.census import sweep_ids, take_census
from integration.ports.services import Services
from integration.processes import ProcessAddresses
from integration.wiring import Wiring
from tasks.bell import bell_for

AUTHOR = "demo"
STOPPED = 130
"""The exit code of a program that was interrupted."""


def run_demo(options: DemoOptions) -> int:
    """Run it; 0 when the proof holds, 130 when a person ended it.

    Raises Fault when the demo itself cannot go on.
    """
    console = Console(stderr=True)
    with stopping_on_signals() as stopping, _folder(options) as folder:
        with Progress(console, stopping) as progress:
            status = _run(options, folder, progress, stopping)
        if stopping.asked:
            console.print("stopped", highlight=False)
    return STOPPED if stopping.asked else status


def _run(options: DemoOptions, folder: Path, progress: Progress, stopping: Stopping) -> int:
    """Everything between the first process and the last. Raises Fault, but none once it is to end."""
    try:
        with Stage(options, folder, stopping) as stage:
            return Demo(options, stage, progress, stopping).run()
    except DemoStoppedError:
        return STOPPED
    except Fault:
        # A Ctrl-C in a terminal reaches a short-lived child of ours too, and a second one ends them all.
        if not stopping.asked:
            raise
        return STOPPED


@dataclass
class Demo:
    """One run of the demo."""

    options: DemoOptions
    stage: Stage
    progress: Progress
    stopping: Stopping
    phases: dict[str, float] = field(default_factory=dict)

    def run(self) -> int:
        """All phases; the result goes to stdout, everything else to stderr."""
        services, addresses = self._start()
        self._join(services)
        life = self._live()
        self._settle(services)
        report = self._prove(services, life)
        report.show(self.progress.console if self.options.as_json else Console())
        if self.options.as_json:
            print(json.dumps(report.to_json(), ensure_ascii=False, default=str), flush=True)  # noqa: T201 - the result
        if not self.options.once:
            self._stay(addresses)
        return 0 if report.holds else 1

    def _start(self) -> tuple[Services, ProcessAddresses]:
        self._phase(1, "Start Valkey, sandbox, web, listener, workers and beat on free local ports")
        self.progress.say(self.options.limits_told)
        self.stage.start_world()
        settings, addresses = self.stage.start_product()
        self.progress.say(
            f"webhooks go to {addresses.web_url}; {LOST:.0%} get lost, {DOUBLED:.0%} come twice, "
            f"{LATE:.0%} come {LATE_SECONDS[0]:g} to {LATE_SECONDS[1]:g} s late"
        )
        self.progress.say("logs are in " + str(self.stage.logs))
        wired = Wiring(settings, bell_for(settings), process_name="demo").pair(PAIR)
        wired.prepare(*Side)
        return wired.services, addresses

    def _join(self, services: Services) -> None:
        self._phase(2, f"First load: join two organisations with {self.options.customers} customers each")
        with services.stores.begin(services.pair_id, "demo.live") as uow:
            for side in Side:
                uow.pairs.set_mode(side, Mode.LIVE, AUTHOR)
        counted = take_census(services, lambda *_: self.stopping.check())
        self.progress.say(f"known by now: {counted.salesforce} records in Salesforce, {counted.zoho} in Zoho")
        await_true(
            partial(census_done, services),
            self.stopping,
            what="all records are read",
            deadline_seconds=self.options.join_deadline_seconds,
        )
        await_rest(
            services,
            self.stage.admin,
            self.progress,
            self.stopping,
            quiet_seconds=2 * self.options.sweep_seconds,
            deadline_seconds=self.options.join_deadline_seconds,
        )
        self.progress.say(f"joined; API calls so far: {self.stage.admin.calls()}")

    def _live(self) -> Life:
        self._phase(3, "Life on both sides, with a worker killed in the middle of it")
        admin = self.stage.admin
        life = Director(admin.truth(), self.options.seed).write()
        for number, wave in enumerate(life.waves(self.options.waves)):
            customers = {c["contact_id"]: c for c in admin.records("zoho", "contact")}
            life.note(wave, admin.bulk([as_on_screen(act.operation, customers) for act in wave]))
            self.progress.figures(changes=life.changes, refused=len(life.refused))
            if number == self.options.waves // 2:
                self.progress.say(f"SIGKILL for {self.stage.kill_worker()}")
            self.stopping.pause(self.options.wave_seconds)
        self.progress.say(f"{life.changes} changes by people, {len(life.refused)} refused by the systems")
        return life

    def _settle(self, services: Services) -> None:
        self._phase(4, "Settle: every event has an end, nothing is under way, and a poll found nothing new")
        # A delete whose webhook got lost shows in no poll: at night all ids are compared, here it is now.
        swept = sweep_ids(services)
        self.progress.say(
            f"nightly sweep of ids: {swept.gone} records were not listed any more, "
            f"{swept.found} told more than was known"
        )
        quiet = 2 * self.options.poll_seconds
        await_rest(
            services,
            self.stage.admin,
            self.progress,
            self.stopping,
            quiet_seconds=quiet,
            deadline_seconds=self.options.settle_deadline_seconds,
        )

    def _prove(self, services: Services, life: Life) -> Report:
        self._phase(5, "Proof: compare every record of both systems, and check who became whom")
        admin = self.stage.admin
        calls, webhooks = admin.calls(), admin.webhook_counts()
        proof, check = prove(services, admin, admin.truth(), life.gone, self.stopping)
        with services.stores.reading(services.pair_id) as uow:
            outcomes, echo_writes = uow.inbox.outcomes(), uow.reports.echo_writes()
        self._phase(0, "")
        return Report(
            proof, check, life, outcomes, echo_writes, calls, webhooks, self.stage.restarts(),
            self.options.limits_told, self.progress.seconds, self.phases,
        )  # fmt: skip

    def _phase(self, number: int, name: str) -> None:
        self.phases[name or "end"] = round(self.progress.seconds, 1)
        if name:
            self.progress.phase(number, name)

    def _stay(self, addresses: ProcessAddresses) -> None:
        about, folder = self.stage.about, self.stage.folder
        lines = (
            ("receiver", addresses.web_url),
            ("Flower", f"{addresses.flower_url} (login in {folder / 'flower.login'})"),
            ("Salesforce", about["salesforce"]["instance_url"]),
            ("Zoho Inventory", about["zoho"]["api_domain"]),
            ("both, as their people", about["admin_url"]),
            ("settings", f"export INTEGRATION_CONFIG={self.stage.config_file}"),
            ("state", f"export INTEGRATION_STATE_DIR={folder}"),
            ("then for example", "zoho-salesforce exceptions list; zoho-salesforce doctor"),
        )
        console = self.progress.console
        console.print("\nEverything stays up until Ctrl-C:", style="bold")
        for name, text in lines:
            console.print(f"  {name:<22} {text}", highlight=False, markup=False)
        self.stopping.pause(None)


@contextmanager
def _folder(options: DemoOptions) -> Iterator[Path]:
    """The directory asked for, else a temporary one that goes away at the end."""
    if options.state_dir is not None:
        folder = options.state_dir.expanduser().resolve()
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="zoho-salesforce-demo-"))
    try:
        yield folder
    finally:
        if options.keep:
            sys.stderr.write(f"kept: {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
