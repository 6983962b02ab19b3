"""The OAuth server: grants, throttle, expiry, revocation, scopes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from integration.sandbox.clock import Clock
from integration.sandbox.switches import Switches
from integration.sandbox.zoho.profile import FULL_ACCESS, Limits, make_profile
from integration.sandbox.zoho.tokens import OAuthError, TokenServer
from tests.contract.sandbox_zoho.running import Running, sandbox
from tests.deadline import wait_until

REDIRECT = "http://127.0.0.1:1/callback"


@pytest.fixture
def fresh() -> Iterator[Running]:
    with sandbox() as running:
        yield running


def authorise(running: Running, scope: str, access_type: str = "offline") -> str:
    query = {
        "client_id": running.zoho["client_id"], "response_type": "code", "redirect_uri": REDIRECT,
        "scope": scope, "access_type": access_type, "state": "s1",
    }  # fmt: skip
    url = f"{running.zoho['accounts_url']}/oauth/v2/auth"
    answer = running.http.get(url, params=query, allow_redirects=False, timeout=5)
    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert sent["state"] == ["s1"]
    assert sent["accounts-server"] == [running.zoho["accounts_url"]]
    return sent["code"][0]


def exchange(running: Running, code: str) -> dict[str, str]:
    return running.grant(grant_type="authorization_code", code=code, redirect_uri=REDIRECT).json()


def test_refresh_answers_a_bearer_token_and_the_api_domain(fresh: Running) -> None:
    found = fresh.refresh().json()
    assert found["token_type"] == "Bearer"
    assert found["expires_in"] == 3600
    assert found["api_domain"] == fresh.zoho["api_domain"] != fresh.zoho["accounts_url"]
    assert "refresh_token" not in found


def test_parameters_in_the_query_or_as_basic_credentials(fresh: Running) -> None:
    url = f"{fresh.zoho['accounts_url']}/oauth/v2/token"
    secrets = {key: fresh.zoho[key] for key in ("client_id", "client_secret", "refresh_token")}
    query = fresh.http.post(url, params={"grant_type": "refresh_token", **secrets}, timeout=5)
    assert "access_token" in query.json()
    basic = (fresh.zoho["client_id"], fresh.zoho["client_secret"])
    form = {"grant_type": "refresh_token", "refresh_token": fresh.zoho["refresh_token"]}
    assert "access_token" in fresh.http.post(url, data=form, auth=basic, timeout=5).json()
    shown = fresh.admin("GET", "/calls").text
    assert not any(secret in shown for secret in (fresh.zoho["client_secret"], fresh.zoho["refresh_token"]))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "1000.X"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "x"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_errors_come_under_http_200(fresh: Running, changed: dict[str, str], error: str) -> None:
    parameters = {"grant_type": "refresh_token", "refresh_token": fresh.zoho["refresh_token"]}
    answer = fresh.grant(**{**parameters, **changed})
    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_the_eleventh_refresh_in_ten_minutes_is_denied_until_they_are_over() -> None:
    with sandbox("--minute-seconds", "0.2") as running:
        answers = [running.refresh() for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [400]
        assert answers[10].json() == {
            "error_description": "You have made too many requests continuously. "
            "Please try again after some time.",
            "error": "Access Denied",
            "status": "failure",
        }
        wait_until(lambda: running.refresh().status_code == 200, 5, "the ten minutes (2 s here) to be over")


def test_a_code_is_good_once_and_only_for_its_redirect_address(fresh: Running) -> None:
    code = authorise(fresh, "ZohoInventory.contacts.READ")
    found = exchange(fresh, code)
    assert found["scope"] == "ZohoInventory.contacts.READ"
    assert fresh.grant(grant_type="refresh_token", refresh_token=found["refresh_token"]).json()[
        "access_token"
    ]
    assert exchange(fresh, code) == {"error": "invalid_code"}
    online = exchange(fresh, authorise(fresh, "ZohoInventory.contacts.READ", "online"))
    assert "refresh_token" not in online
    other = authorise(fresh, "ZohoInventory.contacts.READ")
    answer = fresh.grant(grant_type="authorization_code", code=other, redirect_uri="http://evil.example")
    assert answer.json() == {"error": "invalid_code"}


def test_client_credentials_name_the_organisation(fresh: Running) -> None:
    soid = f"ZohoInventory.{fresh.zoho['organization_id']}"
    scope = "ZohoInventory.fullaccess.all"
    token = fresh.grant(grant_type="client_credentials", soid=soid, scope=scope).json()["access_token"]
    assert fresh.call("GET", "/contacts", token=token).status_code == 200
    foreign = fresh.grant(grant_type="client_credentials", soid="ZohoInventory.1", scope=scope)
    assert "access_token" not in foreign.json()


def test_scopes_are_by_endpoint_and_status_changes_need_create(fresh: Running) -> None:
    contact_id = fresh.customer("Acme")["contact_id"]
    token = exchange(fresh, authorise(fresh, "ZohoInventory.contacts.READ,ZohoInventory.contacts.UPDATE"))[
        "access_token"
    ]
    path = f"/contacts/{contact_id}"
    assert fresh.call("PUT", path, {"notes": "x"}, token=token).status_code == 200
    for method, refused_path in (
        ("POST", f"{path}/inactive"),
        ("DELETE", path),
        ("GET", "/settings/currencies"),
    ):
        answer = fresh.call(method, refused_path, token=token)
        assert (answer.status_code, answer.json()["code"]) == (401, 57)


def test_only_the_zoho_scheme_is_taken(fresh: Running) -> None:
    for header in (f"Bearer {fresh.token}", "", fresh.token):
        answer = fresh.call("GET", "/contacts", headers={"Authorization": header})
        assert (answer.status_code, answer.json()["code"]) == (401, 14)
    dead = fresh.call("GET", "/contacts", token="1000.dead.token")
    assert (dead.status_code, dead.json()["code"]) == (401, 57)
    assert fresh.call("GET", "/contacts", organization_id="1").json()["code"] == 6041


def test_an_eleventh_living_token_evicts_the_oldest() -> None:
    with sandbox("--switch", "zoho_token_minutes=0") as running:
        tokens = [running.refresh().json()["access_token"] for _ in range(11)]
        statuses = [running.call("GET", "/contacts", token=token).status_code for token in tokens]
        assert statuses == [401] + [200] * 10


def test_revoking_and_expiring(fresh: Running) -> None:
    token = fresh.token
    url = f"{fresh.zoho['accounts_url']}/oauth/v2/token/revoke"
    answer = fresh.http.post(url, params={"token": fresh.zoho["refresh_token"]}, timeout=5)
    assert answer.json() == {"status": "success"}
    assert fresh.call("GET", "/contacts", token=token).status_code == 401
    assert fresh.refresh().json() == {"error": "invalid_code"}
    with sandbox("--switch", "zoho_token_seconds=1") as running:
        assert running.refresh().json()["expires_in"] == 1
        token = running.token
        wait_until(lambda: running.call("GET", "/contacts", token=token).status_code == 401, 5, "expiry")


def test_a_sixth_refresh_token_in_a_minute_is_denied(fresh: Running) -> None:
    scope = "ZohoInventory.contacts.READ"
    answers = [exchange(fresh, authorise(fresh, scope)) for _ in range(6)]
    assert ["refresh_token" in answer for answer in answers] == [True] * 5 + [False]
    assert answers[5]["error"] == "Access Denied"


class Hurried(Clock):
    """Each look at it finds another minute, in which codes stay fresh."""

    def monotonic(self) -> float:
        return super().monotonic() * 1e9


def test_a_twenty_first_refresh_token_evicts_the_oldest() -> None:
    profile = make_profile(7, Limits())
    server = TokenServer(profile, Switches(), Hurried(), 7)
    kept = [
        server.exchange(server.authorize(REDIRECT, FULL_ACCESS, offline=True), REDIRECT)["refresh_token"]
        for _ in range(20)
    ]
    with pytest.raises(OAuthError, match="invalid_code"):
        server.refresh(profile.refresh_token)
    assert "access_token" in server.refresh(kept[0])
