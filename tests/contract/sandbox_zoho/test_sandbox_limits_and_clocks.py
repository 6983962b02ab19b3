"""Limits nearly spent and clocks that are wrong, in both systems."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from tests.contract.sandbox_zoho.running import TIMEOUT, Running


def salesforce(pair: Running, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
    """A GET or POST on the org's data, logged in by client credentials."""
    about = pair.about["salesforce"]
    form = {"grant_type": "client_credentials", **{k: about[k] for k in ("client_id", "client_secret")}}
    token = pair.http.post(f"{about['login_url']}/services/oauth2/token", data=form, timeout=TIMEOUT)
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    url = f"{about['instance_url']}/services/data/v61.0{path}"
    method = "GET" if body is None else "POST"
    return pair.http.request(method, url, json=body, headers=headers, timeout=TIMEOUT)


def about_now(moment: datetime, off: float, within: float = 3) -> bool:
    return abs((moment - datetime.now(UTC)).total_seconds() - off) < within


# -- limits -------------------------------------------------------------------------------------


def test_the_day_of_zoho_is_nearly_over(pair: Running) -> None:
    assert pair.token
    left = pair.admin("POST", "/limits", {"zoho": {"day_left": 2}}).json()
    assert left["zoho"]["day_left"] == 2
    answers = [pair.call("GET", "/contacts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["code"] == 45
    assert pair.admin("GET", "/limits").json()["zoho"]["day_left"] == 0
    pair.admin("POST", "/limits", {"zoho": {"day_left": 10_000}})
    assert pair.call("GET", "/contacts").headers["X-Rate-Limit-Remaining"] == "9999"


def test_the_minute_of_zoho_is_nearly_over(pair: Running) -> None:
    assert pair.token
    pair.admin("POST", "/limits", {"zoho": {"minute_left": 1}})
    answers = [pair.call("GET", "/contacts") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["code"] == 44
    pair.admin("POST", "/limits", {"zoho": {"minute_left": 100}})
    assert pair.call("GET", "/contacts").status_code == 200


def test_the_allowances_of_salesforce_are_nearly_spent(pair: Running) -> None:
    pair.admin("POST", "/limits", {"salesforce": {"day_left": 2, "events_left": 7}})
    answer = salesforce(pair, "/limits")
    assert answer.json()["DailyApiRequests"]["Remaining"] == 1
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=99999/100000"
    assert salesforce(pair, "/limits").status_code == 200
    refused = salesforce(pair, "/limits")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert pair.admin("GET", "/limits").json()["salesforce"] == {"day_left": 0, "events_left": 7}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"zoho": {"day_left": 10_001}}, "zoho.day_left"),
        ({"zoho": {"day_left": -1}}, "zoho.day_left"),
        ({"zoho": {"year_left": 1}}, "zoho"),
        ({"zoho": 5}, "zoho"),
        ({"salesforce": {"minute_left": 1}}, "salesforce"),
        ({"sap": {"day_left": 1}}, "sap"),
        ({"zoho": {"day_left": 5}, "salesforce": {"day_left": "many"}}, "salesforce"),
    ],
)
def test_limits_that_are_none_change_nothing(pair: Running, body: dict[str, Any], key: str) -> None:
    before = pair.admin("GET", "/limits").json()
    answer = pair.admin("POST", "/limits", body)
    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert pair.admin("GET", "/limits").json() == before


# -- clocks -------------------------------------------------------------------------------------


def test_each_system_has_its_own_wrong_time(pair: Running) -> None:
    assert pair.token
    told = pair.admin("POST", "/clock", {"zoho_seconds": -900, "salesforce_seconds": 300}).json()
    assert about_now(datetime.fromisoformat(told["zoho_now"]), -900)
    made = pair.call("POST", "/contacts", {"contact_name": "Late"})
    assert about_now(parsedate_to_datetime(made.headers["Date"]), -900)
    assert about_now(datetime.fromisoformat(made.json()["contact"]["created_time"]), -900)
    account = salesforce(pair, "/sobjects/Account", {"Name": "Early"})
    assert about_now(parsedate_to_datetime(account.headers["Date"]), 300)
    shown = salesforce(pair, f"/sobjects/Account/{account.json()['id']}").json()
    assert about_now(datetime.fromisoformat(shown["SystemModstamp"]), 300)
    pair.admin("POST", "/clock", {"salesforce_seconds": 0})
    again = salesforce(pair, "/sobjects/Account", {"Name": "Now"}).json()["id"]
    later = salesforce(pair, f"/sobjects/Account/{again}").json()
    assert about_now(datetime.fromisoformat(later["SystemModstamp"]), 0)
    pair.admin("POST", "/reset")
    assert pair.admin("GET", "/clock").json()["zoho_seconds"] == 0


def test_tokens_end_by_the_systems_clock(pair: Running) -> None:
    token = pair.refresh().json()["access_token"]
    pair.admin("POST", "/clock", {"zoho_seconds": 3590})
    assert pair.call("GET", "/contacts", token=token).status_code == 200
    pair.admin("POST", "/clock", {"zoho_seconds": 3601})
    assert pair.call("GET", "/contacts", token=token).status_code == 401


def test_the_days_and_minutes_of_limits_stay(pair: Running) -> None:
    assert pair.token
    pair.admin("POST", "/limits", {"zoho": {"day_left": 5, "minute_left": 5}})
    pair.admin("POST", "/clock", {"zoho_seconds": 2 * 86_400})
    pair._token = ""
    assert pair.call("GET", "/contacts").headers["X-Rate-Limit-Remaining"] == "4"
    assert pair.admin("GET", "/limits").json()["zoho"] == {"day_left": 4, "minute_left": 4}
    pair._token = ""


def assertion(pair: Running, ends_in: float) -> requests.Response:
    about = pair.about["salesforce"]
    claims = {
        "iss": about["client_id"], "sub": about["username"], "aud": about["login_url"],
        "exp": int((datetime.now(UTC) + timedelta(seconds=ends_in)).timestamp()),
    }  # fmt: skip
    key = Path(about["jwt_private_key_file"]).read_text()
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(claims, key, algorithm="RS256"),
    }
    return pair.http.post(f"{about['login_url']}/services/oauth2/token", data=form, timeout=TIMEOUT)


def test_an_assertion_ends_by_the_orgs_clock(pair: Running) -> None:
    assert assertion(pair, 180).status_code == 200
    assert assertion(pair, -60).status_code == 400
    pair.admin("POST", "/clock", {"salesforce_seconds": 240})
    refused = assertion(pair, 180)
    assert refused.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}
    pair.admin("POST", "/clock", {"salesforce_seconds": -240})
    assert assertion(pair, -60).status_code == 200


@pytest.mark.parametrize("body", [{"sap_seconds": 1}, {"zoho_seconds": "soon"}, {"zoho_seconds": 1e12}])
def test_clocks_that_are_none(pair: Running, body: dict[str, Any]) -> None:
    answer = pair.admin("POST", "/clock", {"salesforce_seconds": 5, **body})
    assert (answer.status_code, answer.json()["key"]) == (400, next(iter(body)))
    assert pair.admin("GET", "/clock").json()["salesforce_seconds"] == 0
