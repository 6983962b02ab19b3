"""The process: its first line, its end, what it keeps, and both systems together."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from integration.sandbox.app import main
from tests.contract.sandbox_zoho.running import REPOSITORY, Running, sandbox


def truth(running: Running) -> dict[str, Any]:
    return running.admin("GET", "/truth").json()


def contacts(running: Running) -> dict[str, dict[str, Any]]:
    records = running.admin("GET", "/records/zoho/contact").json()["records"]
    return {record["contact_id"]: record for record in records}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_though_somebody_hangs(number: signal.Signals) -> None:
    with sandbox() as running:
        token = running.token
        running.admin("POST", "/faults", {"system": "zoho", "kind": "hang"})
        with pytest.raises(requests.ReadTimeout):
            running.call("GET", "/contacts", token=token, timeout=0.3)
        running.process.send_signal(number)
        assert running.process.wait(timeout=15) == 0


def test_state_and_credentials_outlive_a_restart(tmp_path: Path) -> None:
    arguments = ("--state-dir", str(tmp_path / "state"))
    with sandbox(*arguments) as before:
        kept = before.customer("Acme", contact_persons=[{"first_name": "Ana", "email": "a@example.com"}])
        gone = before.customer("Gone")
        before.delete(f"/contacts/{gone['contact_id']}")
        before.post("/settings/fields", {"label": "Size", "data_type": "number", "entity": "contact"})
        token = before.token
    with sandbox(*arguments) as after:
        answer = after.call("GET", f"/contacts/{kept['contact_id']}", token=token)
        assert answer.json()["contact"] == kept
        assert after.names(email="a@example.com") == ["Acme"]
        assert after.call("POST", "/contacts", {"contact_name": "acme"}).json()["code"] == 3062
        assert contacts(after)[gone["contact_id"]]["deleted"] is True
        made = after.customer("Next", custom_fields=[{"api_name": "cf_size", "value": 3}])
        assert int(made["contact_id"]) > int(gone["contact_id"])


def test_both_systems_go_on_from_the_kept_state_and_are_not_filled_again(tmp_path: Path) -> None:
    arguments = ("--state-dir", str(tmp_path), "--customers", "30")
    found = []
    for _ in range(2):
        with sandbox(*arguments, salesforce=True) as running:
            records = running.admin("GET", "/records/salesforce/Account").json()["records"]
            accounts = {record["Id"]: record for record in records}
            found.append((contacts(running), accounts, truth(running), running.about["salesforce"]["org_id"]))
    assert found[0] == found[1]
    assert found[0][1]


def test_webhook_rules_outlive_a_restart(tmp_path: Path) -> None:
    arguments = ("--state-dir", str(tmp_path))
    rule = {
        "rule": "saved", "url": "http://127.0.0.1:9/hooks/saved", "events": ["add"], "format": "form",
        "secret": "another1secret2", "query_parameters": {"tenant": "acme"}, "headers": {"X-Key": "k"},
        "on_api_changes": True,
    }  # fmt: skip
    spec = {
        "rules": [rule],
        "retry": {"count": 3, "kind": "linear"},
        "chaos": {"late": 0.5, "late_seconds": [1, 2]},
    }
    with sandbox(*arguments) as before:
        asked = before.admin("PUT", "/webhooks", spec).json()
        assert asked["rules"][0]["query_parameters"] == {"tenant": "acme"}
    kept = orjson.loads((tmp_path / "sandbox.json").read_bytes())["zoho"]["webhooks"]
    assert kept["rules"][0]["secret"] == "another1secret2"
    with sandbox(*arguments) as after:
        assert after.admin("GET", "/webhooks").json() == asked
    with sandbox(*arguments, "--webhook-url", "http://127.0.0.1:9/hooks/deleted") as told:
        [found] = told.admin("GET", "/webhooks").json()["rules"]
        assert (found["rule"], found["events"]) == ("deleted", ["delete"])


def test_the_same_seed_makes_the_same_customers() -> None:
    found = []
    for _ in range(2):
        with sandbox("--customers", "60", "--seed", "11", salesforce=True) as running:
            records = running.admin("GET", "/records/salesforce/Account").json()["records"]
            found.append((truth(running), sorted(contacts(running)), sorted(r["Name"] for r in records)))
    assert found[0] == found[1]


def test_both_sides_are_filled_and_the_truth_names_every_record_once() -> None:
    with sandbox("--customers", "300", "--switch", "salesforce_trim_text=false", salesforce=True) as running:
        told, zoho = truth(running), contacts(running)
        assert len(zoho) == 300
        assert len(told["shared"]) == 90
        assert len(told["ambiguous"]) == 10
        ids = [pair["zoho"] for pair in told["shared"]] + told["only_zoho"] + told["vendors"]
        ids += [record_id for case in told["ambiguous"] for record_id in case["zoho"]]
        assert sorted(ids) == sorted(zoho)
        accounts = running.admin("GET", "/records/salesforce/Account").json()["records"]
        people = running.admin("GET", "/records/salesforce/Contact").json()["records"]
        roots = {row["Id"]: row["Name"] for row in accounts}
        roots |= {row["Id"]: row["LastName"] for row in people if row["AccountId"] is None}
        named = [pair["salesforce"] for pair in told["shared"]] + told["only_salesforce"]
        named += [record_id for case in told["ambiguous"] for record_id in case["salesforce"]]
        assert sorted(named) == sorted(roots)
        assert len(roots) == 300
        typed_differently = [
            pair
            for pair in told["shared"]
            if pair["kind"] == "company" and roots[pair["salesforce"]] != zoho[pair["zoho"]]["contact_name"]
        ]
        assert len(typed_differently) > 30


def test_shared_persons_are_the_same_people() -> None:
    with sandbox("--customers", "120", salesforce=True) as running:
        zoho = contacts(running)
        people = {
            row["Id"]: row for row in running.admin("GET", "/records/salesforce/Contact").json()["records"]
        }
        pairs = [(pair["zoho"], each) for pair in truth(running)["shared"] for each in pair["persons"]]
        assert pairs
        for contact_id, each in pairs:
            persons = zoho[contact_id]["contact_persons"]
            person = next(p for p in persons if p["contact_person_id"] == each["zoho"])
            assert person["email"].lower() == people[each["salesforce"]]["Email"].lower()


def test_salesforce_listens_behind_the_printed_authority() -> None:
    with sandbox(salesforce=True) as running:
        about = running.about["salesforce"]
        form = {"grant_type": "client_credentials", **{k: about[k] for k in ("client_id", "client_secret")}}
        url = f"{about['login_url']}/services/oauth2/token"
        answer = requests.post(url, data=form, verify=about["ca_file"], timeout=5)
        assert answer.json()["instance_url"] == about["instance_url"]
        assert about["instance_url"].startswith("https://")
        names = {row["name"] for row in running.admin("GET", "/switches").json()["switches"]}
        assert {"salesforce_trim_text", "zoho_keyed_upsert"} <= names
        made = running.admin("POST", "/edit/salesforce/Account", {"fields": {"Name": "Acme"}}).json()
        other = running.admin("POST", "/edit/salesforce/Account", {"fields": {"Name": "Acme 2"}}).json()
        body = {"winner": made["Id"], "losers": [other["Id"]], "fields": {}}
        assert running.admin("POST", "/merge/salesforce/Account", body).status_code == 200
        assert running.admin("GET", "/state/salesforce").json()["Account"] == {"alive": 1, "deleted": 1}
        gap = {"kind": "gap", "object": "Account", "ids": [made["Id"]]}
        assert running.admin("POST", "/events/salesforce", gap).status_code == 200


def test_without_json_people_get_a_table() -> None:
    command = [sys.executable, "-m", "integration.sandbox", "--no-salesforce"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    process.terminate()
    process.communicate(timeout=5)
    assert lines[0] == "zoho\n"
    assert lines[1].split()[0] == "api_domain"


@pytest.mark.parametrize(
    "assignment", ["zoho_nothing=1", "salesforce_nothing=1", "x=1", "zoho_minute_window=odd", "zoho"]
)
def test_an_unknown_switch_ends_it_with_a_reason(assignment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--switch", assignment]) == 2
    assert capsys.readouterr().err.startswith("sandbox: ")
