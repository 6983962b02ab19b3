"""Failures that go by a name, as plain clients of Salesforce meet them: REST, logins, event bus."""

from __future__ import annotations

import time
from typing import Any

import grpc
import grpc.aio
import pytest
import requests

from integration.sandbox.faults import parse_fault
from tests.contract.sandbox_salesforce.pubsub_client import ACCOUNTS, CODE, Bus, described, pb, tell
from tests.contract.sandbox_salesforce.running_org import Running

DATA = "/services/data/v61.0"
LOCKED = "unable to obtain exclusive access to this record"


def script(org: Running, kind: str, **more: Any) -> None:
    org.faults.add(parse_fault({"system": "salesforce", "kind": kind, **more}))


def call(org: Running, method: str, path: str, body: Any = None, timeout: float = 10) -> requests.Response:
    headers = {"Authorization": f"Bearer {org.token()}"}
    return org.session().request(method, org.url + DATA + path, json=body, headers=headers, timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "status", "code", "message"),
    [
        ("request_limit", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ("concurrent_limit", 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
        ("server_unavailable", 503, "SERVER_UNAVAILABLE", "The server is too busy. Please try again later."),
        ("row_lock", 400, "UNABLE_TO_LOCK_ROW", LOCKED),
    ],
)
def test_an_answer_by_name(org: Running, kind: str, status: int, code: str, message: str) -> None:
    script(org, kind)
    answer = call(org, "POST", "/sobjects/Account", {"Name": "A"})
    assert answer.status_code == status
    assert (answer.json()[0]["errorCode"], answer.json()[0]["message"]) == (code, message)
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=")
    assert org.calls.since(0, 100)[-1]["code"] == code
    assert org.do(org.org.counts)["Account"]["alive"] == 0
    assert call(org, "POST", "/sobjects/Account", {"Name": "A"}).status_code == 201


def test_an_unexpected_error_after_the_change(org: Running) -> None:
    script(org, "internal_error", after_commit=True, path_prefix=DATA)
    answer = call(org, "POST", "/sobjects/Account", {"Name": "A"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
    assert org.do(org.org.counts)["Account"]["alive"] == 1


@pytest.mark.parametrize("status", [406, 420, 429])
def test_an_edge_answers_without_a_body(org: Running, status: int) -> None:
    org.token()
    script(org, f"edge_{status}", path_prefix=DATA)
    answer = call(org, "GET", "/limits")
    assert (answer.status_code, answer.content) == (status, b"")
    assert "Sforce-Limit-Info" not in answer.headers


def test_rows_are_locked_one_by_one_inside_a_collection(org: Running) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": f"A{n}"} for n in range(4)]
    script(org, "row_lock", records=[1, 3])
    results = call(org, "POST", "/composite/sobjects", {"records": records, "allOrNone": False}).json()
    assert [result["success"] for result in results] == [True, False, True, False]
    assert results[1]["errors"] == [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": LOCKED, "fields": []}]
    script(org, "row_lock", records=[2])
    results = call(org, "POST", "/composite/sobjects", {"records": records, "allOrNone": True}).json()
    codes = [result["errors"][0]["statusCode"] for result in results]
    rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes == [rolled_back, rolled_back, "UNABLE_TO_LOCK_ROW", rolled_back]
    assert org.do(org.org.counts)["Account"]["alive"] == 2


def test_answers_cut_or_no_json(org: Running) -> None:
    script(org, "cut_answer", path_prefix=DATA)
    script(org, "wrong_json", path_prefix=DATA)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)) as raised:
        call(org, "POST", "/sobjects/Account", {"Name": "A"})
    assert "IncompleteRead" in str(raised.value)
    assert org.do(lambda: org.calls.since(0, 100))[-1]["status"] == 0
    answer = call(org, "POST", "/sobjects/Account", {"Name": "B"})
    assert answer.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert org.do(org.org.counts)["Account"]["alive"] == 2


@pytest.mark.parametrize(
    ("kind", "status", "error", "description"),
    [
        ("grant_refused", 400, "invalid_grant", "expired access/refresh token"),
        ("grant_throttled", 400, "invalid_grant", "login rate exceeded"),
        ("internal_error", 500, "unknown_error", "retry your request"),
    ],
)
def test_a_login_fails(org: Running, kind: str, status: int, error: str, description: str) -> None:
    script(org, kind)
    form = {
        "grant_type": "client_credentials",
        "client_id": org.options.client_id,
        "client_secret": org.options.client_secret,
    }
    answer = org.session().post(f"{org.url}/services/oauth2/token", data=form, timeout=10)
    assert (answer.status_code, answer.json()) == (status, {"error": error, "error_description": description})
    assert "Sforce-Limit-Info" not in answer.headers
    assert org.token()


@pytest.mark.parametrize(
    ("spec", "status", "code"),
    [
        ({"kind": "server_unavailable"}, grpc.StatusCode.UNAVAILABLE, "service.unavailable"),
        ({"kind": "bus_error", "code": "topic.not.found"}, grpc.StatusCode.NOT_FOUND, "topic.not.found"),
        ({"kind": "bus_error", "code": "new.in.2031"}, grpc.StatusCode.UNKNOWN, "new.in.2031"),
        ({"kind": "reset_before"}, grpc.StatusCode.UNAVAILABLE, None),
        ({"kind": "status_after"}, grpc.StatusCode.UNAVAILABLE, None),
    ],
)
def test_a_call_of_the_bus_fails(
    org: Running, spec: dict[str, Any], status: grpc.StatusCode, code: str | None
) -> None:
    org.faults.add(parse_fault({"system": "salesforce", "path_prefix": "/eventbus", **spec}))

    async def story(bus: Bus) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await bus.topic(ACCOUNTS)
        assert described(raised.value)[:2] == (status, code and CODE + code)
        assert (await bus.topic(ACCOUNTS)).can_subscribe

    tell(org, story)


def test_a_stream_ends_after_its_first_answer(org: Running) -> None:
    script(org, "reset_after", path="/eventbus.v1.PubSub/Subscribe")
    script(org, "bus_error", code="subscription.internal.error", path_prefix="/eventbus", skip=1)
    org.do(lambda: org.org.edit("Account", None, {"Name": "A"}))

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        assert len((await call.next()).events) == 1
        assert (await call.failure())[:2] == (grpc.StatusCode.UNAVAILABLE, None)
        refused = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        assert (await refused.failure())[1] == CODE + "subscription.internal.error"

    tell(org, story)


def test_a_slow_call_of_the_bus(org: Running) -> None:
    script(org, "slow", path="/eventbus.v1.PubSub/GetTopic", seconds=0.2)
    script(org, "slow_after", path="/eventbus.v1.PubSub/GetTopic", seconds=0.2, times=0)

    async def story(bus: Bus) -> None:
        for _ in range(2):
            began = time.monotonic()
            await bus.topic(ACCOUNTS)
            assert time.monotonic() - began >= 0.2

    tell(org, story)
