"""Fault plans: the same plan plays the same faults; what cannot be played is refused with its line."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.sandbox.app import main
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.fault_plan import parse_plan
from integration.sandbox.faults import Faults
from tests.contract.sandbox_zoho.running import REPOSITORY, Receiver, Running
from tests.deadline import wait_until

INCIDENTS: Collection[str] = frozenset({"cut_streams", "gap"})
PLAN = """\
seed: {seed}
faults:
  - {{system: zoho, kind: in_process, method: POST, probability: 0.3}}
  - {{system: zoho, kind: internal_error, path: /inventory/v1/contacts, every: 4, after_commit: true}}
  - name: locked
    system: salesforce
    kind: row_lock
    probability: 0.5
"""


def start(pair: Running, text: str) -> requests.Response:
    url = f"{pair.about['admin_url']}/plan"
    return pair.http.post(url, data=text.encode(), headers={"Content-Type": "application/yaml"}, timeout=10)


def refused(text: str) -> str:
    with pytest.raises(BadInstructionError) as raised:
        parse_plan(text, "plan.yaml", 7, INCIDENTS)
    return str(raised.value)


# -- same plan, same faults ---------------------------------------------------------------------


def statuses(pair: Running, number: int) -> list[int]:
    made = [pair.call("POST", "/contacts", {"contact_name": f"C{n}"}) for n in range(number)]
    return [answer.status_code for answer in made]


def test_the_same_plan_plays_the_same_faults_and_another_seed_others(pair: Running) -> None:
    assert pair.token
    found, told = [], []
    for seed in (5, 5, 6):
        pair.admin("POST", "/reset")
        assert start(pair, PLAN.format(seed=seed)).status_code == 201
        found.append(statuses(pair, 24))
        told.append([(p["fault"], p["call"]) for p in pair.admin("GET", "/plan").json()["played"]])
    assert found[0] == found[1] != found[2]
    assert told[0] == told[1] != told[2]
    assert {429, 500, 201} <= set(found[0])


@given(seed=st.integers(0, 2**16), order=st.permutations(["zoho"] * 12 + ["salesforce"] * 12))
@settings(max_examples=20, deadline=None)
def test_how_the_systems_are_interleaved_changes_nothing(seed: int, order: list[str]) -> None:
    plan = parse_plan(PLAN.format(seed=seed), "plan", 7, ())
    paths = {"zoho": "/inventory/v1/contacts", "salesforce": "/services/data/v61.0/sobjects/Account"}

    def play(systems: list[str]) -> dict[str, list[str]]:
        faults, found = Faults(), {system: [] for system in paths}
        for fault in plan.faults:
            faults.add(fault, seed=plan.seed, owner="plan")
        for system in systems:
            fault = faults.take(system, "POST", paths[system])
            found[system].append(fault.kind if fault else "")
        return found

    assert play(order) == play(sorted(order))


def test_webhooks_go_the_same_ways_again(pair: Running, inbox: Receiver) -> None:
    pair.admin("PUT", "/webhooks", {"rules": [{"rule": "saved", "url": f"{inbox.url}/saved"}]})
    fates = []
    for _ in range(2):
        start(pair, "seed: 3\nwebhooks: {lose: 0.4, double: 0.3}")
        before = pair.admin("GET", "/webhooks/history").json()["deliveries"]
        for number in range(20):
            pair.edit("contact", {"contact_name": f"W{number}"})
        history = pair.admin("GET", f"/webhooks/history?since={len(before)}").json()["deliveries"]
        fates.append([(each["lost"], each["doubled"]) for each in history])
        assert pair.admin("GET", "/webhooks").json()["chaos"]["lose"] == 0.4
        for row in pair.admin("GET", "/records/zoho/contact").json()["records"]:
            if not row["deleted"]:
                pair.admin("POST", f"/delete/zoho/contact/{row['contact_id']}")
    assert fates[0] == fates[1]
    assert len(set(fates[0])) > 2
    pair.admin("DELETE", "/plan")
    assert pair.admin("GET", "/webhooks").json()["chaos"]["lose"] == 0.0


def test_events_are_lost_by_the_plan_and_kept_again_after_it(pair: Running) -> None:
    start(pair, "seed: 4\nevents: {lose: 1}")
    for name in ("A", "B"):
        pair.admin("POST", "/edit/salesforce/Account", {"fields": {"Name": name}})
    events = pair.admin("GET", "/plan").json()["events"]
    assert (events["lose"], events["seed"], events["happened"]) == (1, 4, {"lose": 2})
    pair.admin("DELETE", "/plan")
    told = pair.admin("GET", "/events/salesforce").json()
    assert (told["chaos"]["lose"], told["chaos"]["seed"]) == (0, None)
    assert {"cut_streams", "half_open", "chaos", "age_out"} <= set(told["kinds"])


# -- steps --------------------------------------------------------------------------------------


def test_steps_happen_at_their_time_and_a_failed_one_does_not_stop_the_others(pair: Running) -> None:
    assert pair.token
    plan = {
        "steps": [
            {"at": "0.2s", "do": "clock", "zoho_seconds": -90},
            {"at": 0, "do": "limits", "zoho": {"day_left": 20}},
            {"at": 0.1, "do": "gap", "object": "Nothing", "ids": ["x"]},
            {"at": 0.1, "do": "cut_streams"},
            {"at": 0, "do": "revoke_tokens", "system": "zoho"},
            {"at": 0, "do": "fault", "system": "zoho", "kind": "internal_error", "method": "GET"},
            {"at": "5m", "do": "half_open"},
        ],
    }
    told = start(pair, json.dumps(plan, indent="\t")).json()
    assert [step["do"] for step in told["steps"] if step["played_at"] is not None] == [
        "limits", "revoke_tokens", "fault",
    ]  # fmt: skip
    assert pair.call("GET", "/contacts").status_code == 401
    pair._token = ""
    assert pair.call("GET", "/contacts").json()["code"] == 1000

    def played() -> dict[str, dict[str, Any]]:
        steps = pair.admin("GET", "/plan").json()["steps"]
        return {step["do"]: step for step in steps if step["played_at"] is not None}

    wait_until(lambda: "clock" in played(), 5, "the clock to be set")
    steps = played()
    assert steps["clock"]["played_at"] >= 0.2
    assert "Nothing" in steps["gap"]["error"]
    assert steps["cut_streams"]["result"] == {"streams": 0}
    assert "half_open" not in steps
    assert pair.admin("GET", "/clock").json()["zoho_seconds"] == -90
    assert pair.admin("GET", "/limits").json()["zoho"]["day_left"] == 19


def test_a_plan_ends_and_takes_its_faults_along(pair: Running) -> None:
    assert pair.admin("GET", "/plan").json() == {"running": False}
    pair.admin("POST", "/faults", {"system": "zoho", "kind": "hang", "name": "own", "path": "/never"})
    start(pair, "faults: [{system: zoho, kind: in_process, times: 2, method: GET}]")
    assert pair.call("GET", "/contacts").json()["code"] == 1070
    told = pair.admin("GET", "/plan").json()
    assert told["running"] is True
    assert told["faults"] == [
        {"name": "zoho-in_process-0", "kind": "in_process", "matched": 1, "played": 1, "over": False}
    ]
    ended = pair.admin("DELETE", "/plan").json()
    assert (ended["running"], ended["played"][0]["path"]) == (False, "/inventory/v1/contacts")
    assert pair.call("GET", "/contacts").status_code == 200
    assert [each["name"] for each in pair.admin("GET", "/faults").json()["faults"]] == ["own"]


# -- mistakes in a plan -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seed: 1\nfaults:\n  - system: zoho\n    kind: explode", "line 4, faults.0.kind: "),
        ("faults:\n- {system: zoho, kind: hang}\n- {system: zoho,\n   colour: red}", "line 4, faults.1.colour"),
        ("faults:\n- {kind: hang}", "line 2, faults.0.system: a fault needs system"),
        ("faults: {}", "line 1, faults: faults is a list"),
        ("seed: soon", "line 1, seed: seed is a whole number"),
        ("chaos: 1", "a plan has no 'chaos'; it has seed, faults"),
        ("- a", "a plan is an object"),
        ("", "a plan is an object"),
        ("seed: 1\nseed: 2", "line 2: 'seed' is given twice"),
        ("seed: [1", "this is no YAML"),
        ("seed: !!python/object:os.system 1", "this is no YAML"),
        ("a: &x [*x]", "not that deep"),
        ("steps:\n- at: 1s\n  do: dance", "line 3, steps.0.do: a step does one of clock, cut_streams"),
        ("steps:\n- at: soon\n  do: gap", "line 2, steps.0.at: at is seconds since"),
        ("steps:\n- do: fault\n  system: zoho\n  kind: row_lock", "line 4, steps.0.kind"),
        ("faults:\n- {system: zoho, kind: hang, name: a}\n- {system: zoho, kind: hang, name: a}",
         "line 3, faults.1.name: two faults"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_key_and_what_is_allowed(text: str, told: str) -> None:
    message = refused(text)
    assert message.startswith("plan.yaml, line ") or "no YAML" in message
    assert told in message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("webhooks:\n  lose: 2", "line 1, webhooks"),
        ("\nevents: {lost: 1}", "line 2, events"),
        ("steps:\n- do: limits\n  zoho: {day_left: -1}", "line 3, steps.0.zoho.day_left"),
        ("steps:\n- do: clock\n  mars_seconds: 1", "line 3, steps.0.mars_seconds"),
        ("steps:\n- do: revoke_tokens\n  system: sap", "steps.0"),
    ],
)
def test_what_only_the_systems_know_is_checked_before_the_plan_begins(
    pair: Running, text: str, told: str
) -> None:
    answer = start(pair, text)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert pair.admin("GET", "/plan").json() == {"running": False}


@pytest.mark.parametrize("text", ["faults: 5", None])
def test_a_file_that_is_no_plan_ends_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    path = tmp_path / "plan.yaml"
    if text is not None:
        path.write_text(text)
    assert main(["--no-salesforce", "--fault-plan", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert str(path) in told.err


def test_the_plan_of_the_documentation_can_be_played(pair: Running) -> None:
    readme = (REPOSITORY / "integration/sandbox/README.md").read_text(encoding="utf-8")
    text = readme.partition("```yaml\n")[2].partition("```")[0]
    told = start(pair, text).json()
    assert (told["seed"], len(told["faults"]), len(told["steps"])) == (7, 4, 5)
