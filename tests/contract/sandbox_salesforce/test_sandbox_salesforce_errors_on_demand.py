"""Codes and statuses that no rule of the stand-in causes, as a client meets them when they are asked for."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from integration.sandbox.faults import parse_fault
from tests.contract.sandbox_salesforce.running_org import Running

DATA = "/services/data/v61.0"
UNKNOWN_PERSON = "003000000000001AAA"
DUPLICATE = {
    "duplicateResult": {
        "allowSave": True,
        "duplicateRule": "Standard_Contact_Duplicate_Rule",
        "duplicateRuleEntityType": "Contact",
        "errorMessage": "Use one of these records?",
        "matchResults": [],
    },
    "errorCode": "DUPLICATES_DETECTED",
    "message": "Use one of these records?",
}


def call(org: Running, method: str, path: str, body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {org.token()}"}
    return org.session().request(method, org.url + DATA + path, json=body, headers=headers, timeout=10)


@pytest.mark.parametrize(
    "code",
    [
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "DUPLICATES_DETECTED",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "STORAGE_LIMIT_EXCEEDED",
        "TXN_SECURITY_METERING_ERROR",
    ],
)
def test_a_save_is_refused_with_any_code(org: Running, code: str) -> None:
    wanted = {
        "kind": "record_error", "object": "Account", "fields": {"Name": "B"}, "code": code,
        "message": "No, B.", "times": 2,
    }  # fmt: skip
    org.do(lambda: org.incidents.happen(wanted))
    alone = call(org, "POST", "/sobjects/Account", {"Name": "B"})
    expected = [{"message": "No, B.", "errorCode": code, "fields": []}]
    assert (alone.status_code, alone.json()) == (400, expected)
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in "AB"]
    saved, refused = call(org, "POST", "/composite/sobjects", {"records": records}).json()
    assert saved["success"] is True
    assert refused["errors"] == [{"statusCode": code, "message": "No, B.", "fields": []}]
    assert call(org, "POST", "/sobjects/Account", {"Name": "B"}).status_code == 201


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "QUERY_TIMEOUT"),
        (403, "API_CURRENTLY_DISABLED"),
        (403, "API_DISABLED_FOR_ORG"),
        (403, "TXN_SECURITY_METERING_ERROR"),
    ],
)
def test_a_call_is_refused_with_any_status_and_code(org: Running, status: int, code: str) -> None:
    body = [{"message": "Not now.", "errorCode": code}]
    script(org, status, body)
    answer = call(org, "GET", "/query?q=SELECT+Id+FROM+Account")
    assert (answer.status_code, answer.json()) == (status, body)
    assert org.calls.since(0, 100)[-1]["status"] == status
    assert call(org, "GET", "/query?q=SELECT+Id+FROM+Account").status_code == 200


@pytest.mark.parametrize("status", [304, 409, 410, 412, 428, 502])
def test_statuses_that_nothing_causes(org: Running, status: int) -> None:
    script(org, status, "")
    answer = call(org, "PATCH", f"/sobjects/Contact/{UNKNOWN_PERSON}", {"LastName": "A"})
    assert (answer.status_code, answer.content) == (status, b"")


def test_a_duplicate_rule_shows_the_records_it_found(org: Running) -> None:
    script(org, 400, [DUPLICATE])
    answer = call(org, "POST", "/sobjects/Contact", {"LastName": "A"})
    assert (answer.status_code, answer.json()) == (400, [DUPLICATE])


def test_a_record_is_not_its_own_parent(org: Running) -> None:
    account = call(org, "POST", "/sobjects/Account", {"Name": "A"}).json()["id"]
    answer = call(org, "PATCH", f"/sobjects/Account/{account}", {"ParentId": account})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "CIRCULAR_DEPENDENCY")
    assert answer.json()[0]["fields"] == ["ParentId"]


def script(org: Running, status: int, body: Any) -> None:
    org.token()
    wanted = {"system": "salesforce", "kind": "status", "status": status, "body": body, "path_prefix": DATA}
    org.faults.add(parse_fault(wanted))
