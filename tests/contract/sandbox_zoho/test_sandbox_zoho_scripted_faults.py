"""Faults chosen per call, as a client sees them."""

from __future__ import annotations

import pytest
import requests

from tests.contract.sandbox_zoho.running import Running
from tests.deadline import wait_until

PATH = "/inventory/v1/contacts"


def script(zoho: Running, kind: str, **more: object) -> None:
    fault = {"system": "zoho", "method": "POST", "path_prefix": PATH, "kind": kind, **more}
    answer = zoho.admin("POST", "/faults", fault)
    assert answer.status_code == 201, answer.text


def create(zoho: Running, name: str = "Acme", timeout: float = 5) -> requests.Response:
    return zoho.call("POST", "/contacts", {"contact_name": name}, timeout=timeout)


@pytest.mark.parametrize(("kind", "made"), [("reset_before", []), ("reset_after", ["Acme"])])
def test_a_reset_before_or_after_the_change(zoho: Running, kind: str, made: list[str]) -> None:
    assert zoho.token
    script(zoho, kind)
    with pytest.raises(requests.ConnectionError):
        create(zoho)
    assert zoho.names() == made
    calls = zoho.admin("GET", "/calls").json()["calls"]
    assert [call["status"] for call in calls if call["method"] == "POST" and call["path"] == PATH] == [0]


@pytest.mark.parametrize(("kind", "made"), [("hang", []), ("hang_after", ["Acme"])])
def test_a_call_that_is_never_answered(zoho: Running, kind: str, made: list[str]) -> None:
    assert zoho.token
    script(zoho, kind)
    with pytest.raises(requests.ReadTimeout):
        create(zoho, timeout=0.3)
    assert zoho.names() == made
    wait_until(
        lambda: zoho.admin("GET", "/state/zoho").json()["limits"]["in_process"] == 0,
        5,
        "the place to be free",
    )


def test_statuses_bodies_and_pages_of_proxies(zoho: Running) -> None:
    assert zoho.token
    script(zoho, "status", status=500)
    script(zoho, "status", status=429, body={"code": 44, "message": "x"})
    script(zoho, "html")
    script(zoho, "status_after", status=502)
    answers = [create(zoho) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 429, 503, 502]
    assert answers[1].json()["code"] == 44
    assert answers[2].headers["Content-Type"].startswith("text/html")
    assert zoho.names() == ["Acme"]
    assert create(zoho, "Next").status_code == 201


def test_a_fault_may_skip_calls_and_repeat(zoho: Running) -> None:
    script(zoho, "status", status=500, skip=1, times=2)
    statuses = [create(zoho, f"C{number}").status_code for number in range(4)]
    assert statuses == [201, 500, 500, 201]


def test_tokens_die_in_the_middle(zoho: Running) -> None:
    assert create(zoho, "First").status_code == 201
    script(zoho, "token_revoked")
    assert create(zoho, "Second").status_code == 401
    zoho._token = ""
    assert create(zoho, "Second").status_code == 201


def test_nonsense_is_refused_with_a_reason(zoho: Running) -> None:
    for wrong in ({"kind": "explode"}, {"times": "many"}, {"colour": "red"}, {"system": "sap"}):
        answer = zoho.admin("POST", "/faults", {"system": "zoho", "kind": "hang", **wrong})
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert zoho.admin("GET", "/faults").json() == {"faults": []}
