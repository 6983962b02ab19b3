"""The stage of the demo: Valkey, sandbox, database and all processes of the product, in one directory."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import tomli_w
from cryptography.fernet import Fernet

from integration.demo.options import (
    DELETED_RULE,
    DOUBLED,
    LATE,
    LATE_SECONDS,
    LOST,
    PAIR,
    SAVED_RULE,
    DemoOptions,
)
from integration.demo.sandbox_admin import Record, SandboxAdmin
from integration.demo.stopping import Stopping
from integration.processes import EmbeddedValkey, ProcessAddresses, ProcessSpec, Supervisor, product_specs
from integration.processes.ports import answers_http, free_port
from integration.processes.up import migrate, state_lock, valkey_spec
from integration.settings import Settings, load_settings, write_secret_file

SETTINGS_FILE = "integration.toml"
UNSET = (
    *("SENTRY_DSN", "ALERT_WEBHOOK_URL", "ENCRYPTION_KEYS", "FLOWER_BASIC_AUTH"),
    *("LOG_LEVEL", "LOG_FORMAT", "PORT"),
)
"""Variables of a real installation that may stand in the environment; the demo must not touch that."""


@dataclass
class Stage:
    """Everything that runs; use it as a context manager, so that nothing is left behind."""

    options: DemoOptions
    folder: Path
    stopping: Stopping
    about: Record = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _product: Supervisor | None = None

    def __enter__(self) -> Self:
        self._stack.enter_context(state_lock(self.folder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def logs(self) -> Path:
        """Where every process writes its log."""
        return self.folder / "logs"

    @property
    def config_file(self) -> Path:
        """The settings the product runs with; commands of a person may use them too."""
        return self.folder / SETTINGS_FILE

    @property
    def admin(self) -> SandboxAdmin:
        """The people of the two systems."""
        return SandboxAdmin(str(self.about["admin_url"]))

    def start_world(self) -> None:
        """Valkey and the sandbox, filled with customers. Raises ConfigurationFault when one stays down."""
        valkey = EmbeddedValkey.prepare(self.folder)
        port = free_port()
        sandbox = ProcessSpec(
            "sandbox",
            self._sandbox_command(port),
            ready=partial(answers_http, port, "/"),
            ready_seconds=60.0,
            rank=0,
        )
        self._run(Supervisor([valkey_spec(valkey), sandbox], self.logs))
        self.about = SandboxAdmin(f"http://127.0.0.1:{port}").about()
        self.env = self._environment(valkey.address.url)

    def start_product(self) -> tuple[Settings, ProcessAddresses]:
        """Settings, database and every process that `up` would run. Raises ConfigurationFault."""
        addresses = ProcessAddresses("127.0.0.1", free_port(), "127.0.0.1", free_port())
        write_secret_file(self.config_file, tomli_w.dumps(self._document(addresses)), replace=True)
        settings = load_settings(self.config_file, self.env, need_pairs=True)
        migrate(self.env)
        self.stopping.check()
        specs = product_specs(settings, addresses, self.env)
        # Nobody looks at Flower where there is nobody, and it takes its share of two cores.
        specs = [spec for spec in specs if not (self.options.once and spec.name == "flower")]
        self._product = Supervisor(specs, self.logs)
        self._run(self._product)
        self._register_webhooks(addresses)
        return settings, addresses

    def kill_worker(self) -> str:
        """End one worker as a power cut would; returns its name."""
        assert self._product is not None
        name = next(s.name for s in self._product.status() if s.name.startswith("worker-"))
        self._product.kill(name)
        return name

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        status = self._product.status() if self._product else ()
        return {s.name: s.restarts for s in status if s.restarts}

    def _run(self, supervisor: Supervisor) -> None:
        self._stack.callback(supervisor.stop)
        self.stopping.on_ask(supervisor.cancel, supervisor.kill_all)
        self.stopping.check()  # who asked before the line above reached nobody
        supervisor.start()
        self.stopping.check()

    def _sandbox_command(self, port: int) -> tuple[str, ...]:
        options = self.options
        return (
            *(sys.executable, "-m", "integration.sandbox", "--json", "--admin-port", str(port)),
            *("--state-dir", str(self.folder / "sandbox"), "--seed", str(options.seed)),
            *("--customers", str(options.customers), "--minute-seconds", str(options.minute_seconds)),
            *("--zoho-per-minute", str(options.per_minute), "--zoho-in-flight", str(options.in_flight)),
            *("--zoho-daily", str(options.zoho_daily), "--salesforce-daily", str(options.salesforce_daily)),
        )

    def _environment(self, redis_url: str) -> dict[str, str]:
        database = self.options.database_url or f"sqlite:///{self.folder}/integration.db"
        env = dict.fromkeys(UNSET, "")
        env |= {
            "WEB_CONCURRENCY": "1",  # gunicorn reads it too, and takes an empty one for a mistake
            "DATABASE_URL": database,
            "REDIS_URL": redis_url,
            "INTEGRATION_STATE_DIR": str(self.folder),
            "INTEGRATION_CONFIG": str(self.config_file),
        }
        if self.options.database_url:
            env["ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
        return env

    def _document(self, addresses: ProcessAddresses) -> dict[str, object]:
        options = self.options
        return {
            "web": {"port": addresses.web_port, "workers": 1, "threads": 4},
            "flower": {"port": addresses.flower_port},
            "pairs": [
                {
                    "name": PAIR,
                    "salesforce": self._salesforce(),
                    "zoho": self._zoho(),
                    "policies": {
                        "initial_mode": "observe",
                        "poll_seconds": options.poll_seconds,
                        "sweep_seconds": options.sweep_seconds,
                        "settle_seconds": options.settle_seconds,
                        "lease_seconds": options.lease_seconds,
                        "search_lag_seconds": options.search_lag_seconds,
                        # Two organisations are joined and then changed all over within minutes; the brake
                        # on the share of changed records would hold that, as it should on another day.
                        "brake": {"changed_share": 1.0},
                    },
                }
            ],
        }

    def _salesforce(self) -> dict[str, object]:
        told = self.about["salesforce"]
        found: dict[str, object] = {
            "login_url": told["login_url"],
            "client_id": told["client_id"],
            "client_secret": told["client_secret"],
            "api_version": told["api_version"],
            "pubsub_endpoint": told["pubsub_endpoint"],
            "pubsub_tls": told["tls"],
            "daily": self.options.salesforce_daily,
        }
        return found | ({"ca_file": told["ca_file"]} if told["ca_file"] else {})

    def _zoho(self) -> dict[str, object]:
        told = self.about["zoho"]
        names = (
            "accounts_url",
            "api_domain",
            "organization_id",
            "client_id",
            "client_secret",
            "refresh_token",
        )
        return {name: told[name] for name in names} | {
            "per_minute": self.options.per_minute,
            "in_flight": self.options.in_flight,
            "daily": self.options.zoho_daily,
            "minute_seconds": self.options.minute_seconds,
            "webhooks": [
                {"rule": rule, "secret": told["webhook_secret"]} for rule in (SAVED_RULE, DELETED_RULE)
            ],
        }

    def _register_webhooks(self, addresses: ProcessAddresses) -> None:
        events: Mapping[str, list[str]] = {SAVED_RULE: ["add", "edit"], DELETED_RULE: ["delete"]}
        self.admin.configure_webhooks(webhook_spec(addresses.web_url, str(self._secret()), events))

    def _secret(self) -> object:
        return self.about["zoho"]["webhook_secret"]


def webhook_spec(web_url: str, secret: str, events: Mapping[str, list[str]]) -> dict[str, object]:
    """The webhook rules an administrator would set in Zoho, and what chance does to them on the way."""
    rules = [
        {
            "rule": rule,
            "entity": "contact",
            "events": kinds,
            "url": f"{web_url}/webhooks/zoho/{PAIR}/{rule}",
            "secret": secret,
            "format": "json",
        }
        for rule, kinds in events.items()
    ]
    return {
        "rules": rules,
        "chaos": {"lose": LOST, "double": DOUBLED, "late": LATE, "late_seconds": list(LATE_SECONDS)},
        "retry": {"count": 3, "base_seconds": 1.0, "kind": "fixed"},
    }
