"""Limits per minute, per day and in flight, and what 429 says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.sandbox_zoho.running import Running, sandbox
from tests.deadline import wait_until


@pytest.mark.parametrize("window", ["fixed", "sliding"])
def test_calls_over_the_minute_are_refused_with_44_until_it_is_over(window: str) -> None:
    scaled = ("--minute-seconds", "1.5", "--zoho-per-minute", "5")
    with sandbox(
        *scaled, "--switch", f"zoho_minute_window={window}", "--switch", "zoho_latency_ms=0"
    ) as running:
        answers = [running.call("GET", "/contacts") for _ in range(11)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert {answer.json()["code"] for answer in refused} == {44}
        assert "per minute" in refused[0].json()["message"]
        assert sum(answer.status_code == 200 for answer in answers[:6]) >= 5
        wait_until(lambda: running.call("GET", "/contacts").status_code == 200, 5, "the minute to be over")


def test_organisations_need_no_call_of_the_limit() -> None:
    with sandbox("--zoho-per-minute", "1") as running:
        assert running.call("GET", "/contacts").status_code == 200
        answer = running.call("GET", "/organizations")
        assert answer.status_code == 200
        assert "X-Rate-Limit-Limit" not in answer.headers


def test_the_day_is_told_in_headers_and_refused_with_45() -> None:
    with sandbox("--zoho-daily", "3") as running:
        answers = [running.call("GET", "/contacts") for _ in range(4)]
        remaining = [answer.headers["X-Rate-Limit-Remaining"] for answer in answers]
        assert remaining == ["2", "1", "0", "0"]
        assert answers[3].status_code == 429
        assert answers[3].json() == {
            "code": 45,
            "message": "The API call for this organization has exceeded the maximum call rate limit of 3.",
        }
        assert answers[0].headers["X-Rate-Limit-Limit"] == "3"
        reset = int(answers[0].headers["X-Rate-Limit-Reset"])
        now = datetime.now(ZoneInfo(running.zoho["time_zone"]))
        end = now + timedelta(seconds=reset)
        assert end.hour in {23, 0}
        assert end.minute in {59, 0}


def test_calls_at_the_same_time_are_refused_with_1070() -> None:
    slow = ("--switch", "zoho_latency_ms=300", "--zoho-in-flight", "5")
    with sandbox(*slow) as running, ThreadPoolExecutor(8) as pool:
        token = running.token
        answers = list(pool.map(lambda _: running.call("GET", "/contacts", token=token), range(8)))
        codes = sorted(answer.json()["code"] for answer in answers)
        assert codes == [0] * 5 + [1070] * 3
        assert running.call("GET", "/contacts").status_code == 200


def test_a_refused_call_changes_nothing() -> None:
    with sandbox("--zoho-per-minute", "1") as running:
        running.customer("First")
        assert running.call("POST", "/contacts", {"contact_name": "Second"}).status_code == 429
        records = running.admin("GET", "/records/zoho/contact").json()["records"]
        assert [record["contact_name"] for record in records] == ["First"]


def test_counts_tell_reads_and_writes_apart(zoho: Running) -> None:
    before = zoho.admin("GET", "/calls/counts").json().get("zoho", {"classes": {"read": 0, "write": 0}})
    contact_id = zoho.customer("Acme")["contact_id"]
    zoho.get(f"/contacts/{contact_id}")
    after = zoho.admin("GET", "/calls/counts").json()["zoho"]
    assert after["classes"]["read"] - before["classes"]["read"] == 1
    assert after["endpoints"]["GET /inventory/v1/contacts/{id}"] == 1
