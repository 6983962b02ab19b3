"""The limits resource, its header on every answer, and both refusals of REQUEST_LIMIT_EXCEEDED."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.sandbox.faults import Fault
from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.long_requests import LongRequests
from integration.sandbox.salesforce.usage import RollingCount
from tests.contract.sandbox_salesforce.bulk_calls import loaded, selected
from tests.contract.sandbox_salesforce.raw_calls import ROOT, Caller
from tests.contract.sandbox_salesforce.running_org import Running

NAMES = {
    "DailyApiRequests", "DailyBulkApiBatches", "DailyBulkV2QueryJobs", "DailyBulkV2QueryFileStorageMB",
    "DailyDeliveredPlatformEvents", "MonthlyPlatformEvents", "HourlyPublishedPlatformEvents", "DailyStreamingApiEvents",
    "StreamingApiConcurrentClients",
}  # fmt: skip


def test_every_allowance_has_a_true_rest(org: Running, call: Caller) -> None:
    found = call("GET", "limits").json()
    assert set(found) >= NAMES
    assert all(set(one) == {"Max", "Remaining"} for one in found.values())
    assert found["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_999}, "the call itself counts"
    loaded(call, "Name\nA\n")
    selected(call, "SELECT Id FROM Account")
    org.do(lambda: org.org.deliveries.add(7))
    after = call("GET", "limits").json()
    used = {name: after[name]["Max"] - after[name]["Remaining"] for name in NAMES}
    assert (
        used["DailyBulkApiBatches"],
        used["DailyBulkV2QueryJobs"],
        used["DailyDeliveredPlatformEvents"],
    ) == (1, 1, 7)
    assert used["DailyApiRequests"] == org.do(org.org.api_calls.used)


def test_every_answer_tells_the_use_of_the_day(org: Running, call: Caller) -> None:
    calls = [
        ("GET", "limits", 200),
        ("GET", "sobjects/Account/nonsense", 404),
        ("GET", "nowhere", 404),
        ("PUT", "sobjects/Account", 405),
        ("POST", "sobjects/Account", 415),
        ("GET", "jobs/ingest", 200),
    ]
    for number, (method, path, status) in enumerate(calls, start=1):
        answer = call(method, path)
        assert answer.status_code == status
        assert answer.headers["Sforce-Limit-Info"] == f"api-usage={number}/100000"
    unknown = call("GET", "limits", headers={"Authorization": "Bearer nobody"})
    assert (unknown.status_code, unknown.headers["Sforce-Limit-Info"]) == (401, "api-usage=6/100000")


def test_the_day_is_used_up(org: Running, call: Caller, switched: Callable[..., None]) -> None:
    switched(daily_api_requests=2)
    assert [call("GET", "limits").status_code for _ in range(2)] == [200, 200]
    answer = call("GET", "limits")
    assert (answer.status_code, answer.headers["Sforce-Limit-Info"]) == (403, "api-usage=2/2")
    assert answer.json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]


def test_long_requests_fill_the_org(start: Callable[..., Running]) -> None:
    org = start(long_requests_at_most=1, long_request_seconds=0.05)
    call, slow_one = Caller(org), Caller(org)
    org.faults.add(Fault("salesforce", "slow", path_prefix=f"{ROOT}/limits", seconds=(0.2, 0.2)))
    assert call("GET", "sobjects").status_code == 200
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(slow_one, "GET", "limits")
        answer = call("GET", "sobjects")
        while answer.status_code == 200 and not slow.done():
            answer = call("GET", "sobjects")
        assert slow.result().status_code == 200, "whoever runs long may end"
    assert answer.status_code == 403
    message = "ConcurrentPerOrgLongTxn Limit exceeded."
    assert answer.json() == [{"message": message, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert call("GET", "sobjects").status_code == 200


def test_only_the_twenty_fifth_long_request_is_too_many() -> None:
    now = [0.0]
    requests = LongRequests(25, 20.0, lambda: now[0])
    open_ones = [requests.running(number) for number in range(25)]
    for one in open_ones:
        one.__enter__()
    now[0] = 19.9
    requests.check("new")
    now[0] = 20.0
    with pytest.raises(ApiError) as raised:
        requests.check("new")
    requests.check(0)
    assert (raised.value.code, raised.value.status) == ("REQUEST_LIMIT_EXCEEDED", 403)
    open_ones.pop().__exit__(None, None, None)
    requests.check("new")


def test_use_survives_a_dump(org: Running) -> None:
    now = [1000.0]
    count = RollingCount(1440.0, lambda: now[0])
    count.add(3)
    now[0] += 1000
    count.add(4)
    then = [5.0]
    loaded_count = RollingCount(1440.0, lambda: then[0])
    loaded_count.load(count.dump())
    assert loaded_count.used() == 7
    then[0] += 441
    assert loaded_count.used() == 4


def test_the_resources_of_a_version(org: Running, call: Caller) -> None:
    assert call("GET", "").json()["jobs"] == f"{ROOT}/jobs"
