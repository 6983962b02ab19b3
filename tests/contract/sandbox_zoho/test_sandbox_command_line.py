"""The command line where it starts nothing: the list of switches, and what is said about mistakes."""

from __future__ import annotations

import json

import pytest

from integration.sandbox.app import main
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.switches import Switches


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_every_switch_is_listed_with_default_choices_and_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(told(capsys, "--list-switches", "--json"))["switches"]
    known = [*Switches.__dataclass_fields__]
    known += [f"salesforce_{name}" for name in SalesforceSwitches.__dataclass_fields__]
    assert [row["name"] for row in rows] == known
    assert all(row["doc"] and row["choices"] and row["value"] == row["default"] for row in rows)
    lines = told(capsys, "--list-switches").splitlines()
    assert [line.split()[0] for line in lines] == known
    assert "sliding (fixed, sliding)" in next(line for line in lines if "zoho_minute_window" in line)


def test_the_list_tells_what_this_command_line_sets(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "--list-switches", "--switch", "zoho_minute_window=fixed").splitlines()
    assert "fixed, not sliding (fixed, sliding)" in next(line for line in lines if "minute_window" in line)


@pytest.mark.parametrize(
    ("assignment", "hint"),
    [
        ("zoho_minute_windows=fixed", "did you mean zoho_minute_window?"),
        ("salesforce_trim_texts=true", "did you mean salesforce_trim_text?"),
        ("minute_window=fixed", "did you mean zoho_minute_window?"),
        ("salesforce_retry_after=true", "--list-switches"),
        ("zoho_minute_window=odd", "'fixed', 'sliding'"),
    ],
)
def test_a_mistyped_switch_is_met_with_near_names(
    capsys: pytest.CaptureFixture[str], assignment: str, hint: str
) -> None:
    assert main(["--switch", assignment, "--list-switches"]) == 2
    assert hint in capsys.readouterr().err
