"""Where a change came from, as its event tells it, for every road into the org."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.sandbox_salesforce.running_org import Running

REST = "com/salesforce/api/rest/"


def origins(org: Running) -> list[str]:
    return [event["changeOrigin"] for event in org.events()]


def call(org: Running, method: str, path: str, options: str | None, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {org.token()}"}
    if options is not None:
        headers["Sforce-Call-Options"] = options
    answer = org.http.request(method, org.url + path, headers=headers, json=body, timeout=10)
    assert answer.status_code < 300, answer.text
    return answer


@pytest.mark.parametrize(
    ("options", "suffix"),
    [
        (None, ""),
        ("", ""),
        ("client=zsync", ";client=zsync"),
        ("client=zsync; defaultNamespace=ours", ";client=zsync"),
        ("client=zsync, defaultNamespace=ours", ";client=zsync"),
        ("defaultNamespace=ours,client=zsync/2", ";client=zsync/2"),
        ("Client = zsync", ";client=zsync"),
        ("defaultNamespace=ours", ""),
        ("client=", ""),
    ],
)
def test_the_call_options_name_the_client(org: Running, options: str | None, suffix: str) -> None:
    call(org, "POST", "/services/data/v61.0/sobjects/Account", options, {"Name": "A"})
    assert origins(org) == [f"{REST}61.0{suffix}"]


def test_every_write_of_the_rest_api(org: Running) -> None:
    base = "/services/data/v60.0/sobjects/Account"
    record_id = call(org, "POST", base, "client=one", {"Name": "A"}).json()["id"]
    call(org, "PATCH", f"{base}/{record_id}", "client=two", {"Phone": "1"})
    call(org, "PATCH", f"{base}/Zoho_Id__c/9", "client=three", {"Name": "B"})
    call(org, "DELETE", f"{base}/{record_id}", "client=four")
    records = [{"attributes": {"type": "Account"}, "Name": "C"}]
    call(org, "POST", "/services/data/v60.0/composite/sobjects", "client=five", {"records": records})
    assert origins(org) == [f"{REST}60.0;client={name}" for name in ("one", "two", "three", "four", "five")]


def test_people_and_accidents(org: Running) -> None:
    record_id = org.do(lambda: org.org.edit("Account", None, {"Name": "A"}))["Id"]
    org.do(lambda: org.incidents.happen({"kind": "gap", "object": "Account", "ids": [record_id]}))
    # The slash at the end of Lightning's client id is real.
    assert origins(org) == ["com/salesforce/api/soap/61.0;client=SfdcInternalAPI/", ""]
