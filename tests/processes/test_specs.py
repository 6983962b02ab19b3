"""Every place that names a process names the same one."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from integration.errors import ConfigurationFault
from integration.processes import specs
from integration.processes.child import resolved
from integration.processes.up import child_settings, choose_addresses, state_lock
from integration.settings import Settings, load_settings
from integration.settings.state import is_live
from tests.architecture.sources import ROOT

ADDRESSES = specs.ProcessAddresses("127.0.0.1", 8001, "127.0.0.1", 5556)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(environ={"INTEGRATION_STATE_DIR": str(tmp_path), "INTEGRATION_CONFIG": ""})


@pytest.fixture
def on_postgres(tmp_path: Path) -> Settings:
    environ = {"INTEGRATION_STATE_DIR": str(tmp_path), "DATABASE_URL": "postgres://h/d"}
    return load_settings(environ=environ | {"REDIS_URL": "redis://h/0"})


def procfile() -> dict[str, list[str]]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: shlex.split(command) for name, command in (line.split(": ", 1) for line in lines)}


def expected(*, bind: str, workers: str, flower_port: str) -> dict[str, list[str]]:
    commands = {
        "release": specs.migrate_command(),
        "web": specs.web_command(bind, workers, "4"),
        "listener": specs.listen_command(),
        "beat": specs.beat_command(),
        "flower": specs.flower_command("0.0.0.0", flower_port),  # noqa: S104
    }
    commands |= {f"worker_{kind.name}": specs.worker_command(kind) for kind in specs.ON_POSTGRES}
    return {name: list(command) for name, command in commands.items()}


def test_procfile_runs_the_same_commands() -> None:
    kept = procfile()
    # Flower reads its login itself, and stands open where there is none: the shell looks first.
    asking = [":", "${FLOWER_BASIC_AUTH:?}", "&&", "exec"]
    assert kept["flower"][:4] == asking
    del kept["flower"][:4]
    assert kept == expected(bind="0.0.0.0:$PORT", workers="${WEB_CONCURRENCY:-2}", flower_port="$PORT")


def test_compose_runs_the_same_commands() -> None:
    services = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())["services"]
    kept = {name: shlex.split(service["command"]) for name, service in services.items() if "build" in service}
    wanted = expected(bind="0.0.0.0:8000", workers="2", flower_port="5555")
    wanted["migrate"] = wanted.pop("release")
    assert kept == {name.replace("_", "-"): command for name, command in wanted.items()}


def test_app_json_names_the_processes_of_the_procfile() -> None:
    formation = json.loads((ROOT / "app.json").read_text())["formation"]
    assert set(formation) == set(procfile()) - {"release"}


def test_app_json_asks_for_what_the_example_needs() -> None:
    asked = json.loads((ROOT / "app.json").read_text())["env"]
    example = (ROOT / "integration.example.toml").read_text()
    needed = set(re.findall(r'^\w+ = "env:(\w+)"', example, re.MULTILINE))
    assert needed
    assert needed <= set(asked)
    given = (ROOT / "docker/env.example").read_text()
    assert needed <= set(re.findall(r"^(\w+)=", given, re.MULTILINE))


@pytest.mark.parametrize("kinds", [specs.ON_POSTGRES, specs.ON_SQLITE])
def test_every_queue_has_a_worker(kinds: tuple[specs.WorkerKind, ...]) -> None:
    assert {queue for kind in kinds for queue in kind.queues} == set(specs.QUEUES)


def test_all_processes_are_there(settings: Settings, on_postgres: Settings) -> None:
    one_machine = {spec.name for spec in specs.product_specs(settings, ADDRESSES, {})}
    assert one_machine == {
        *("web", "worker-line-1", "worker-line-2", "worker-batch"),
        *("listener", "beat", "flower"),
    }
    hosted = {spec.name for spec in specs.product_specs(on_postgres, ADDRESSES, {})}
    assert "flower" not in hosted  # no login was set
    assert {"worker-events", "worker-salesforce", "worker-zoho", "worker-batch"} <= hosted


def test_no_secret_is_on_a_command_line(settings: Settings) -> None:
    flower = next(s for s in specs.product_specs(settings, ADDRESSES, {}) if s.name == "flower")
    login = flower.env["FLOWER_BASIC_AUTH"]
    assert login.startswith("ops:")
    assert login not in " ".join(flower.command)


def test_children_read_the_same_places(settings: Settings, tmp_path: Path) -> None:
    env = child_settings(settings, tmp_path / "integration.toml")
    (tmp_path / "integration.toml").touch()
    assert load_settings(environ=env).database_url == settings.database_url
    assert load_settings(environ=env).state_dir == settings.state_dir


def test_port_zero_becomes_a_free_port(tmp_path: Path) -> None:
    file = tmp_path / "integration.toml"
    file.write_text("[web]\nport = 0\n[flower]\nport = 0\n")
    chosen = choose_addresses(load_settings(file, {}))
    assert chosen.web_port != chosen.flower_port
    assert chosen.web_url == f"http://127.0.0.1:{chosen.web_port}"


def test_state_directory_serves_one(tmp_path: Path) -> None:
    with state_lock(tmp_path), pytest.raises(ConfigurationFault, match="another"), state_lock(tmp_path):
        pass
    with state_lock(tmp_path):
        assert is_live(tmp_path)  # for the commands of a person
    assert not is_live(tmp_path)


def test_programs_of_our_environment_are_found_without_path() -> None:
    assert resolved(("celery", "-A"))[0].endswith("/bin/celery")
    assert resolved(("no-such-program", "x")) == ("no-such-program", "x")
    assert resolved(("/bin/true",)) == ("/bin/true",)
