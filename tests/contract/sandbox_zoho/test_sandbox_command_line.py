"""The command line: the list of switches, what is said about mistakes, files it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.sandbox.app import main
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.switches import Switches
from tests.contract.sandbox_zoho.running import sandbox


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


def test_a_plan_and_customers_come_from_files(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan, customers = tmp_path / "plan.yaml", tmp_path / "customers.csv"
    plan.write_text("faults:\n  - {system: zoho, kind: grant_throttled}\n")
    rows = "".join(f"C{number},{number}\n" for number in range(2_000))
    customers.write_text(f"contact_name,payment_terms\n{rows}C1,1\n")
    with sandbox("--fault-plan", str(plan), "--load", f"zoho:contact:{customers}") as running:
        assert running.admin("GET", "/state/zoho").json()["contact"]["alive"] == 2_000
        assert [running.refresh().status_code for _ in range(2)] == [400, 200]
        assert running.admin("GET", "/plan").json()["source"] == str(plan)
    told = capfd.readouterr().err
    assert "zoho contact: 2,000 lines\n" in told
    assert f"{customers}, line 2002: The customer" in told
    assert "zoho contact: 2,000 made, 1 lines refused\n" in told


@pytest.mark.parametrize(
    "order", ["zoho:contact", "zoho:contact:nowhere.csv", "sap:x:{file}", "zoho:x:{file}"]
)
def test_a_file_that_cannot_be_loaded_ends_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], order: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")
    assert main(["--no-salesforce", "--load", order.format(file=file)]) == 2
    assert capsys.readouterr().err.startswith("sandbox: ")
