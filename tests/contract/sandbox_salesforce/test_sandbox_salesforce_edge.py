"""Limits, scripted faults and the call log around every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from integration.sandbox.faults import parse_fault
from tests.contract.sandbox_salesforce.running_org import Running

ACCOUNTS = "/services/data/v61.0/sobjects/Account"


def script(org: Running, kind: str, **more: Any) -> None:
    org.faults.add(parse_fault({"system": "salesforce", "kind": kind, "path_prefix": ACCOUNTS, **more}))


def test_every_rest_answer_tells_the_use_of_the_limit(org: Running) -> None:
    session, headers = org.session(), {"Authorization": f"Bearer {org.token()}"}
    base = f"{org.url}/services/data/v61.0"
    for path, used in (("/limits", 1), ("/sobjects/Account/nope", 2), ("/query?q=x", 3)):
        answer = session.get(base + path, headers=headers, timeout=10)
        assert answer.headers["Sforce-Limit-Info"] == f"api-usage={used}/100000"
    refused = session.get(base + "/limits", timeout=10)
    assert (refused.status_code, refused.headers["Sforce-Limit-Info"]) == (401, "api-usage=3/100000")


def test_the_daily_limit_gives_way_after_a_day(start: Callable[..., Running]) -> None:
    org = start(daily_api_requests=5)
    client = org.client()
    for _ in range(5):
        remaining = client.limits()["DailyApiRequests"]
    assert remaining == {"Max": 5, "Remaining": 0}
    with pytest.raises(SalesforceRefusedRequest) as raised:
        client.limits()
    assert raised.value.content == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]
    assert client.session_id.startswith(org.token()[:15])
    org.do(lambda: org.org.sessions.use(client.session_id))
    org.clock.step(hours=1)
    org.do(lambda: org.org.sessions.use(client.session_id))
    for _ in range(13):
        org.clock.step(hours=1.9)
        org.do(lambda: org.org.sessions.use(client.session_id))
    assert client.limits()["DailyApiRequests"]["Remaining"] == 4


def test_the_limit_may_be_soft(start: Callable[..., Running]) -> None:
    org = start(daily_api_requests=10, soft_limit_percent=20)
    client = org.client()
    for _ in range(12):
        client.limits()
    with pytest.raises(SalesforceRefusedRequest):
        client.limits()


def test_a_status_instead_of_work(org: Running) -> None:
    client = org.client()
    script(org, "status", status=503)
    with pytest.raises(SalesforceGeneralError) as raised:
        client.Account.create({"Name": "A"})
    assert raised.value.content[0]["errorCode"] == "SERVER_UNAVAILABLE"
    assert org.do(org.org.counts)["Account"]["alive"] == 0
    script(org, "status_after", status=500)
    with pytest.raises(SalesforceGeneralError):
        client.Account.create({"Name": "A"})
    assert org.do(org.org.counts)["Account"]["alive"] == 1


def test_a_page_of_a_proxy(org: Running) -> None:
    client = org.client()
    script(org, "html", status=502)
    with pytest.raises(SalesforceGeneralError) as raised:
        client.Account.create({"Name": "A"})
    assert "<html>" in raised.value.content


@pytest.mark.parametrize(("kind", "alive"), [("reset_before", 0), ("reset_after", 1)])
def test_a_lost_answer(org: Running, kind: str, alive: int) -> None:
    client = org.client()
    script(org, kind, method="POST")
    with pytest.raises(requests.ConnectionError):
        client.Account.create({"Name": "A"})
    assert org.do(org.org.counts)["Account"]["alive"] == alive
    assert org.calls.since(0, 100)[-1]["status"] == 0
    assert client.Account.create({"Name": "B"})["success"] is True


@pytest.mark.parametrize(("kind", "alive"), [("hang", 0), ("hang_after", 1)])
def test_an_answer_that_never_comes(org: Running, kind: str, alive: int) -> None:
    script(org, kind)
    headers = {"Authorization": f"Bearer {org.token()}"}
    with pytest.raises(requests.ReadTimeout):
        org.session().post(f"{org.url}{ACCOUNTS}", json={"Name": "A"}, headers=headers, timeout=0.3)
    assert org.do(org.org.counts)["Account"]["alive"] == alive


def test_a_token_that_dies_at_the_call(org: Running) -> None:
    client = org.client()
    script(org, "token_revoked")
    with pytest.raises(SalesforceExpiredSession):
        client.Account.create({"Name": "A"})
    assert org.client().Account.create({"Name": "A"})["success"] is True


def test_the_call_log_names_codes(org: Running) -> None:
    client = org.client()
    client.Account.create({"Name": "A"})
    script(org, "status", status=400, body=[{"message": "no", "errorCode": "X"}])
    for fields in ({"Name": "B"}, {}):
        with pytest.raises(SalesforceMalformedRequest):
            client.Account.create(fields)
    calls = [call for call in org.calls.since(0, 100) if call["path"].startswith(ACCOUNTS)]
    assert [(call["method"], call["status"]) for call in calls] == [
        ("POST", 201),
        ("POST", 400),
        ("POST", 400),
    ]
    assert calls[-1]["code"] == "REQUIRED_FIELD_MISSING"


def test_a_breakage_is_a_500_with_an_error_id(org: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    client = org.client()

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("bug")

    monkeypatch.setattr(org.org.api, "create", broken)
    with pytest.raises(SalesforceGeneralError) as raised:
        client.Account.create({"Name": "A"})
    assert raised.value.status == 500
    assert raised.value.content[0]["errorCode"] == "UNKNOWN_EXCEPTION"
