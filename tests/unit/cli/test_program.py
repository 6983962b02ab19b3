"""Every error a person can meet says what happened, why, and what to do next."""

from __future__ import annotations

import json
import sys
import threading

import click
import pytest
from click.testing import CliRunner

from integration.cli import main
from integration.cli.program import Program, json_option
from integration.errors import ConfigurationFault, Retryable
from tests.unit.cli.conftest import Shop


def program(fault: BaseException) -> click.Group:
    """A program whose only command meets that fault."""

    @click.group(cls=Program)
    def group() -> None:
        pass

    @group.command("work")
    @json_option
    def work(as_json: bool) -> None:
        raise fault

    return group


def test_a_fault_is_told_with_reason_and_advice() -> None:
    fault = Retryable(
        "sql.away", "the database did not answer", advice="Start it.", evidence={"cause": "timeout"}
    )
    done = CliRunner().invoke(program(fault), ["work"])
    assert done.exit_code == 1
    assert done.stdout == ""
    for part in ("sql.away", "the database did not answer", "cause timeout", "What to do: Start it."):
        assert part in done.stderr


def test_markup_in_a_text_is_taken_literally() -> None:
    done = CliRunner().invoke(program(Retryable("x.y", "name [/bold] and [red]")), ["work"])
    assert "name [/bold] and [red]" in done.stderr


def test_with_json_the_error_is_json_too() -> None:
    done = CliRunner().invoke(
        program(ConfigurationFault("a.b", "wrong", where="f.toml:3")), ["work", "--json"]
    )
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"]["text"] == "f.toml:3: wrong"


def test_ctrl_c_ends_a_command_with_the_exit_code_of_interrupted_programs() -> None:
    done = CliRunner().invoke(program(KeyboardInterrupt()), ["work"])
    assert done.exit_code == 130
    assert done.output == ""


def test_as_a_program_it_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is told in the form of the logs, without its text."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(sys, "argv", ["zoho-salesforce", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert {sys.excepthook.__module__, threading.excepthook.__module__} == {"integration.log"}


def test_wrong_usage_is_exit_code_two(shop: Shop) -> None:
    done = shop.run("exceptions", "resolve", "1", "--create", "--ignore")
    assert done.exit_code == 2
    assert "exactly one of" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *("nonsense --json", "exceptions --json nonsense", "dead-letters show abc --json"),
        *("dead-letters discard 1 --json", "pair mode main both wrong --json", "mapping apply --json"),
        *("exceptions resolve 1 --json", "mapping check nowhere.yaml --json", "events list --json --limit x"),
    ],
)
def test_wrong_usage_is_told_as_json_where_json_is_wanted(shop: Shop, words: str) -> None:
    done = shop.run(*words.split())
    assert done.exit_code == 2
    told = json.loads(done.stdout)["error"]
    assert told["code"] == "usage"
    assert told["text"]
    assert "--help" in told["advice"]
    assert shop.run(*words.replace("--json", "").split()).stdout == ""


def test_a_mistake_in_the_settings_names_file_and_line(shop: Shop) -> None:
    file = shop.folder / "integration.toml"
    file.write_text(file.read_text() + "\nper_minut = 3\n")
    done = shop.run("pair", "status")
    assert done.exit_code == 1
    line = file.read_text().splitlines().index("per_minut = 3") + 1
    assert f"integration.toml:{line}" in done.stderr.replace("\n", "").replace("│", "").replace(" ", "")


def test_another_file_can_be_named(shop: Shop) -> None:
    done = shop.run("--config", str(shop.folder / "none.toml"), "pair", "status")
    assert done.exit_code == 1
    assert "there is no such file" in done.stderr


def test_a_database_that_was_never_migrated_is_told(empty_shop: Shop) -> None:
    done = empty_shop.run("events", "list")
    assert done.exit_code == 1
    assert "zoho-salesforce migrate" in done.stderr
    assert empty_shop.run("migrate").exit_code == 0
    assert empty_shop.run("events", "list").exit_code == 0


def test_an_unknown_pair_is_told_with_the_known_ones(shop: Shop) -> None:
    done = shop.run("pair", "mode", "other", "both", "live")
    assert done.exit_code == 1
    assert "Choose one with --pair: main" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(
            "audit verify",
            "dead-letters list",
            "dead-letters show",
            "dead-letters replay",
            "dead-letters discard",
        ),
        *("demo", "doctor", "events list", "exceptions list", "exceptions show", "exceptions resolve"),
        *("first-load", "mapping apply", "mapping check", "mapping export", "mapping show", "migrate"),
        *("pair mode", "pair release", "pair status", "reconcile", "record show", "up"),
    ],
)
def test_every_command_speaks_json(shop: Shop, command: str) -> None:
    done = shop.run(*command.split(), "--help")
    assert done.exit_code == 0
    assert "--json" in done.stdout
