"""Failures that go by a name, as a plain client of Zoho meets them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.contract.sandbox_zoho.running import Running
from tests.deadline import wait_until

MINUTE = (
    "For security reasons your organization has been blocked as it have exceeded the maximum number of "
    "requests per minute that can originate from an organization."
)
DAY = "The API call for this organization has exceeded the maximum call rate limit of 1000000."
BUSY = "You have reached the maximum number of in process requests allowed. Kindly try again after some time."


def script(zoho: Running, kind: str, **more: Any) -> None:
    answer = zoho.admin("POST", "/faults", {"system": "zoho", "kind": kind, **more})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("minute_exceeded", 429, {"code": 44, "message": MINUTE}),
        ("day_exceeded", 429, {"code": 45, "message": DAY}),
        ("in_process", 429, {"code": 1070, "message": BUSY}),
        ("internal_error", 500, {"code": 1000, "message": "Internal error"}),
    ],
)
def test_an_answer_by_name(zoho: Running, kind: str, status: int, body: dict[str, Any]) -> None:
    assert zoho.token
    script(zoho, kind, path="/inventory/v1/contacts", method="POST")
    answer = zoho.call("POST", "/contacts", {"contact_name": "Acme"})
    assert (answer.status_code, answer.json()) == (status, body)
    assert answer.headers["X-Rate-Limit-Limit"] == "1000000"
    assert zoho.names() == []
    calls = zoho.admin("GET", "/calls").json()["calls"]
    call = next(each for each in calls if each["method"] == "POST" and each["path"].endswith("/contacts"))
    assert (call["status"], call["code"]) == (status, str(body["code"]))


def test_the_change_may_be_made_all_the_same(zoho: Running) -> None:
    assert zoho.token
    script(zoho, "internal_error", method="POST", after_commit=True)
    script(zoho, "html", status=502, method="POST", after_commit=True)
    assert zoho.call("POST", "/contacts", {"contact_name": "A"}).json()["code"] == 1000
    assert zoho.call("POST", "/contacts", {"contact_name": "B"}).text.startswith("<html>")
    assert sorted(zoho.names()) == ["A", "B"]


def test_an_answer_is_cut_in_the_middle(zoho: Running) -> None:
    assert zoho.token
    script(zoho, "cut_answer", method="POST")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)) as raised:
        zoho.call("POST", "/contacts", {"contact_name": "Acme"})
    assert "IncompleteRead" in str(raised.value)
    assert zoho.names() == ["Acme"]
    posts = [call for call in zoho.admin("GET", "/calls").json()["calls"] if call["method"] == "POST"]
    assert posts[-1]["status"] == 0


def test_an_answer_that_is_no_json(zoho: Running) -> None:
    assert zoho.token
    script(zoho, "wrong_json", method="POST")
    answer = zoho.call("POST", "/contacts", {"contact_name": "Acme"})
    assert answer.status_code == 201
    assert answer.text.startswith('{"code":0')
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert zoho.names() == ["Acme"]


def test_slow_before_or_after_the_change(zoho: Running) -> None:
    assert zoho.token
    for kind, made in (("slow", []), ("slow_after", ["slow", "slow_after"])):
        script(zoho, kind, method="POST", seconds=[0.5, 0.6])
        with pytest.raises(requests.ReadTimeout):
            zoho.call("POST", "/contacts", {"contact_name": kind}, timeout=0.2)
        assert sorted(zoho.names()) == made
        # A caller that gave up stops nothing: the change is made all the same.
        wait_until(lambda: in_process(zoho) == 0, 5, "the call to end")
    assert sorted(zoho.names()) == ["slow", "slow_after"]


def in_process(zoho: Running) -> int:
    return int(zoho.admin("GET", "/state/zoho").json()["limits"]["in_process"])


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [("grant_throttled", 400, "Access Denied"), ("grant_refused", 200, "invalid_code")],
)
def test_the_accounts_server_refuses(zoho: Running, kind: str, status: int, error: str) -> None:
    script(zoho, kind)
    zoho.call("GET", "/contacts", token="none")
    refused = zoho.refresh()
    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert zoho.refresh().json()["access_token"]


def test_the_accounts_server_is_broken(zoho: Running) -> None:
    for kind, more in (("html", {"status": 502}), ("reset_after", {}), ("cut_answer", {}), ("hang", {})):
        script(zoho, kind, path_prefix="/oauth/v2/token", **more)
    assert zoho.refresh().headers["Content-Type"].startswith("text/html")
    for _ in range(2):
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            zoho.refresh()
    url = f"{zoho.zoho['accounts_url']}/oauth/v2/token"
    with pytest.raises(requests.ReadTimeout):
        zoho.http.post(url, data={"grant_type": "refresh_token"}, timeout=0.3)


def test_an_api_failure_spares_the_accounts_server(zoho: Running) -> None:
    script(zoho, "minute_exceeded")
    assert zoho.refresh().status_code == 200
    assert zoho.call("GET", "/contacts").status_code == 429


def test_the_kinds_and_what_was_played_can_be_asked_for(zoho: Running) -> None:
    kinds = zoho.admin("GET", "/faults/kinds").json()
    assert kinds["minute_exceeded"]["systems"] == ["zoho"]
    assert all(kind["doc"] for kind in kinds.values())
    script(zoho, "internal_error", name="mine", path="/inventory/v1/contacts")
    assert zoho.call("GET", "/contacts").status_code == 500
    (played,) = zoho.admin("GET", "/faults/played").json()["played"]
    assert (played["fault"], played["method"], played["call"]) == ("mine", "GET", 1)
    assert zoho.admin("GET", "/faults").json() == {"faults": []}
