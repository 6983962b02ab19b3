"""Runs everything on this machine until it is told to stop: the work behind `zoho-salesforce up`."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from integration.errors import ConfigurationFault
from integration.processes.child import ProcessSpec, resolved
from integration.processes.embedded_valkey import EmbeddedValkey
from integration.processes.ports import free_port
from integration.processes.specs import ProcessAddresses, migrate_command, product_specs
from integration.processes.supervisor import Supervisor, run_until_stopped
from integration.settings import Settings, child_environment
from integration.settings.state import alive


def run_up(settings: Settings, config_file: Path | None, started: Callable[[ProcessAddresses], None]) -> None:
    """Start Valkey if none is given, migrate, start all processes, call `started`, and stop on a signal.

    Raises ConfigurationFault when this state directory is in use or a process does not come up.
    """
    with state_lock(settings.state_dir):
        addresses = choose_addresses(settings)
        env = child_settings(settings, config_file)
        specs: list[ProcessSpec] = []
        if settings.embedded_redis:
            valkey = EmbeddedValkey.prepare(settings.state_dir)
            env["REDIS_URL"] = valkey.address.url
            specs.append(valkey_spec(valkey))
        migrate(env)
        specs += product_specs(settings, addresses, env)
        supervisor = Supervisor(specs, settings.state_dir / "logs", echo=sys.stderr.buffer)
        run_until_stopped(supervisor, lambda: started(addresses))


def valkey_spec(valkey: EmbeddedValkey) -> ProcessSpec:
    """The embedded Valkey as a supervised process: first to start, last to stop."""
    return ProcessSpec("valkey", valkey.command, ready=valkey.is_ready, rank=0)


def child_settings(settings: Settings, config_file: Path | None) -> dict[str, str]:
    """What children need to read the same settings: the resolved places, whatever directory they start in."""
    env = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "INTEGRATION_STATE_DIR": str(settings.state_dir),
    }
    if config_file is not None:
        env["INTEGRATION_CONFIG"] = str(config_file.resolve())
    return env


def choose_addresses(settings: Settings) -> ProcessAddresses:
    """The addresses asked for; port 0 becomes a free port."""
    return ProcessAddresses(
        web_host=settings.web.host,
        web_port=settings.web.port or free_port(),
        flower_host=settings.flower.host,
        flower_port=settings.flower.port or free_port(),
    )


def migrate(env: Mapping[str, str]) -> None:
    """Bring the database to this version, in a process of its own. Raises ConfigurationFault."""
    done = subprocess.run(
        resolved(migrate_command()), env=child_environment(env), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ConfigurationFault(
            "processes.not_migrated",
            (done.stderr or done.stdout).strip()[-2000:],
            where="zoho-salesforce migrate",
            advice="make the database reachable and run the command by itself",
        )


@contextmanager
def state_lock(state_dir: Path) -> Iterator[None]:
    """Hold the state directory: two of us on one directory would share a Valkey and a SQLite file."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "running.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationFault(
                "processes.already_running",
                "another `up` or `demo` uses this state directory",
                where=str(state_dir),
                advice="stop it, or set INTEGRATION_STATE_DIR to another directory",
            ) from None
        with alive(state_dir):
            yield
