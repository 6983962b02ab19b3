"""Schemas of events over REST and how they follow the object; the switch for TLS."""

from __future__ import annotations

from typing import Any

import pytest

from integration.sandbox.arguments import parse_arguments
from tests.contract.sandbox_salesforce.pubsub_client import ACCOUNTS, all_events
from tests.contract.sandbox_salesforce.running_org import Running


def get(org: Running, path: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {org.token()}"}
    answer = org.http.get(f"{org.url}/services/data/v61.0{path}", headers=headers, timeout=10)
    return answer.status_code, answer.json()


def test_the_same_schema_by_id_and_by_event(org: Running) -> None:
    status, by_event = get(org, "/sobjects/AccountChangeEvent/eventSchema?payloadFormat=COMPACT")
    assert (status, by_event["name"], by_event["type"]) == (200, "AccountChangeEvent", "record")
    assert len(by_event["uuid"]) == 22
    assert get(org, f"/event/eventSchema/{by_event['uuid']}?payloadFormat=compact") == (200, by_event)
    org.do(lambda: org.org.edit("Account", None, {"Name": "A"}))
    all_events(org, 1, ACCOUNTS)
    assert org.do(lambda: org.org.log.events)[0].schema_id == by_event["uuid"]


def test_the_expanded_schema_is_that_of_the_whole_message(org: Running) -> None:
    _, compact = get(org, "/sobjects/AccountChangeEvent/eventSchema?payloadFormat=COMPACT")
    _, expanded = get(org, "/sobjects/AccountChangeEvent/eventSchema")
    assert (expanded["type"], expanded["uuid"]) == ("expanded-record", compact["uuid"])
    data, channel = expanded["fields"]
    assert [field["name"] for field in data["type"]["fields"]] == ["schema", "payload", "event"]
    assert data["type"]["fields"][1]["type"]["fields"] == compact["fields"]
    assert channel == {"name": "channel", "type": "string"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/event/eventSchema/nope", 404, "NOT_FOUND"),
        ("/sobjects/UserChangeEvent/eventSchema", 404, "NOT_FOUND"),
        ("/sobjects/AccountChangeEvent/eventSchema?payloadFormat=TINY", 400, "INVALID_FIELD"),
    ],
)
def test_refused_schemas(org: Running, path: str, status: int, code: str) -> None:
    found, body = get(org, path)
    assert (found, body[0]["errorCode"]) == (status, code)


def test_a_new_field_moves_the_current_schema_and_keeps_the_old(org: Running) -> None:
    path = "/sobjects/AccountChangeEvent/eventSchema?payloadFormat=COMPACT"
    _, before = get(org, path)
    field = {"name": "Mood__c", "type": "string", "length": 9}
    made = org.do(lambda: org.incidents.happen({"kind": "add_field", "object": "Account", "field": field}))
    _, after = get(org, path)
    assert after["uuid"] == made["schema_id"] != before["uuid"]
    assert [f["name"] for f in after["fields"]] == [*[f["name"] for f in before["fields"]], "Mood__c"]
    assert get(org, f"/event/eventSchema/{before['uuid']}?payloadFormat=COMPACT") == (200, before)
    described = get(org, "/sobjects/Account/describe")[1]["fields"]
    assert "Mood__c" in {field["name"] for field in described}


@pytest.mark.parametrize(("given", "on"), [([], True), (["--tls"], True), (["--no-tls"], False)])
def test_tls_is_on_unless_refused(given: list[str], on: bool) -> None:
    assert parse_arguments(given).tls is on
