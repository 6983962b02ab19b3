"""Real processes of the product over a sandbox, a Valkey and a SQLite file, to be killed one by one."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Side
from integration.flows.accept import Accepted, accept
from integration.flows.sweep import sweep
from integration.processes.child import resolved
from integration.processes.embedded_valkey import EmbeddedValkey
from integration.processes.ports import answers_http, free_port
from integration.processes.specs import web_command
from integration.settings import child_environment, load_settings
from integration.stores.migrate import upgrade
from integration.wiring import WiredPair, Wiring
from tasks.bell import CeleryBell, bell_for
from tasks.broker import broker_facts
from tests.contract.sandbox_process import Sandbox
from tests.deadline import wait_until

REPOSITORY = Path(__file__).parents[2]
SECRET = "between-the-two-of-them"
STARTING = 30.0


@dataclass
class Plant:
    """Settings, database and Valkey of one test, and the processes it started."""

    folder: Path
    sandbox: Sandbox
    valkey: EmbeddedValkey
    policies: Mapping[str, Any] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _wiring: Wiring | None = None
    _bell: CeleryBell | None = None
    _valkey: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.env = {
            "DATABASE_URL": f"sqlite:///{self.folder / 'line.db'}",
            "REDIS_URL": self.valkey.address.url,
            "INTEGRATION_STATE_DIR": str(self.folder),
            "INTEGRATION_CONFIG": str(self.folder / "integration.toml"),
        }
        (self.folder / "integration.toml").write_text(tomli_w.dumps({"pairs": [self._pair()]}))
        upgrade(self.env["DATABASE_URL"])

    def _pair(self) -> dict[str, Any]:
        salesforce, zoho = self.sandbox.salesforce, self.sandbox.zoho
        return {
            "name": "main",
            "salesforce": {
                key: salesforce[key]
                for key in ("login_url", "client_id", "client_secret", "ca_file", "pubsub_endpoint")
            },
            "zoho": {
                **{
                    key: zoho[key]
                    for key in ("organization_id", "client_id", "client_secret", "refresh_token")
                },
                **{key: zoho[key] for key in ("accounts_url", "api_domain")},
                "per_minute": 100_000,
                "webhooks": [{"rule": "contact-saved", "secret": SECRET}],
            },
            "policies": dict(self.policies),
        }

    # --- processes

    @property
    def valkey_process(self) -> subprocess.Popen[bytes]:
        """The running Valkey."""
        assert self._valkey is not None
        return self._valkey

    def restart_valkey(self) -> None:
        """Start Valkey (again), with what its append-only file kept."""
        self._valkey = subprocess.Popen(
            self.valkey.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_until(self.valkey.is_ready, STARTING, "Valkey is ready")

    def queued(self, queue: str) -> int:
        """Messages that wait in a queue."""
        return broker_facts(self.valkey.address.url).depths[queue]

    def start(self, *module: str) -> subprocess.Popen[bytes]:
        """Start a Python module as a process of the product."""
        return self.start_program(sys.executable, "-m", *module)

    def start_program(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a process of the product; its output goes to a file of its own."""
        log = self.folder / f"process-{len(self.running)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                resolved(command),
                cwd=REPOSITORY,
                env=child_environment(self.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def worker(self, *queues: str) -> subprocess.Popen[bytes]:
        """A worker that has connected."""
        name = f"worker-{len(self.running)}"
        process = self.start(
            *("celery", "-A", "tasks.app", "worker", "--queues", ",".join(queues), "--pool", "threads"),
            *("--concurrency", "4", "--hostname", f"{name}@%h", "--without-gossip", "--without-mingle"),
        )
        wait_until(lambda: "ready" in self.output(process), STARTING, f"{name} is ready")
        return process

    def web(self) -> tuple[subprocess.Popen[bytes], str]:
        """The receiver under gunicorn, and its address."""
        port = free_port()
        command = web_command(f"127.0.0.1:{port}", "1", "4")[1:]
        process = self.start("gunicorn", *command)
        wait_until(lambda: answers_http(port, "/healthz"), STARTING, "the receiver answers")
        return process, f"http://127.0.0.1:{port}"

    def listener(self) -> subprocess.Popen[bytes]:
        """A listener; the first one takes the role."""
        return self.start_program("zoho-salesforce", "listen")

    def output(self, process: subprocess.Popen[bytes]) -> str:
        """What a process has written so far."""
        return (self.folder / f"process-{self.running.index(process)}.log").read_text(errors="replace")

    def logged(self, process: subprocess.Popen[bytes], event: str) -> list[dict[str, Any]]:
        """The log lines of that name."""
        lines = [line for line in self.output(process).splitlines() if line.startswith("{")]
        return [found for line in lines if (found := json.loads(line)).get("event") == event]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """End all processes that still run, as a supervisor would."""
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill(process)

    def close(self) -> None:
        """End everything."""
        self.stop()
        if self._wiring is not None:
            self._wiring.close()
        if self._bell is not None:
            self._bell.close()
        if self._valkey is not None:
            self._valkey.terminate()
            self._valkey.wait(10)

    # --- what a receiver and a sweep would do, in the test's own process

    @property
    def pair(self) -> WiredPair:
        """The pair over the same database and Valkey."""
        if self._wiring is None:
            settings = load_settings(self.folder / "integration.toml", self.env)
            self._bell = bell_for(settings)
            self._wiring = Wiring(settings, self._bell, process_name="test")
        return self._wiring.pair("main")

    def store(self, numbers: Sequence[int]) -> Accepted:
        """Contacts that changed, as webhooks tell."""
        return accept(self.pair.services, [contact_event(number) for number in numbers])

    def sweep(self) -> dict[str, int]:
        """One sweep; what was due."""
        return sweep(self.pair.services).due

    def waiting(self) -> dict[str, int]:
        """Work of the first link that nobody has done yet."""
        services = self.pair.services
        with services.stores.reading(services.pair_id) as uow:
            due = uow.lanes.due()
        return {name: due[name] for name in ("received", "ready", "planned") if due[name]}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What stands in the database."""
        with sqlite3.connect(self.folder / "line.db", timeout=30) as connection:
            found = connection.execute(statement).fetchall()
        connection.close()
        return found


@contextmanager
def running_plant(folder: Path, sandbox: Sandbox, **policies: Any) -> Iterator[Plant]:
    """A plant with a Valkey of its own; every process of it ends with the block."""
    folder.mkdir(exist_ok=True)
    plant = Plant(folder, sandbox, EmbeddedValkey.prepare(folder), policies)
    try:
        plant.restart_valkey()
        yield plant
    finally:
        plant.close()


def contact_event(number: int) -> ArrivedEvent:
    """A contact of the sandbox's making, whole."""
    record_id = str(460_000_000_000_000 + number)
    at = 1_781_010_934_000 + number * 1_000
    body: dict[str, Any] = {
        "contact": {
            "contact_id": record_id,
            "contact_name": f"Harbour Mills {number}",
            "contact_type": "customer",
            "customer_sub_type": "business",
            "status": "active",
            "last_modified_time": "2026-06-09T13:15:34+0000",
            "contact_persons": [],
            "billing_address": {},
            "shipping_address": {},
        }
    }
    return ArrivedEvent(
        side=Side.ZOHO,
        key=f"contact-saved:contact:{record_id}:{at}",
        entity="contact",
        record_id=record_id,
        kind=EventKind.RECORD,
        channel=Channel.WEBHOOK,
        at=at,
        body=body,
    )
