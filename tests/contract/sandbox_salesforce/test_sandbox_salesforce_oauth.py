"""Tokens as the connected-app flows give, end and refuse them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession

from tests.contract.sandbox_salesforce.running_org import Running

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(org: Running, **form: str) -> requests.Response:
    return org.session().post(f"{org.url}/services/oauth2/token", data=form, timeout=10)


def assertion(org: Running, **changes: Any) -> str:
    claims = {
        "iss": org.options.client_id,
        "sub": org.options.username,
        "aud": "https://login.salesforce.com",
        "exp": datetime.now(UTC) + timedelta(minutes=3),
        **changes,
    }
    return jwt.encode(claims, org.private_key_file.read_text(), algorithm="RS256")


def test_client_credentials_answer(org: Running) -> None:
    answer = ask(
        org,
        grant_type="client_credentials",
        client_id=org.options.client_id,
        client_secret=org.options.client_secret,
    )
    body = answer.json()
    assert answer.status_code == 200
    assert body["access_token"].startswith(org.org.org_id[:15] + "!")
    assert body["instance_url"] == org.url
    assert body["token_type"] == "Bearer"
    assert body["issued_at"].isdigit()
    assert body["id"] == f"{org.url}/id/{org.org.org_id}/{org.org.integration_user}"
    assert not {"expires_in", "refresh_token"} & set(body)


def test_client_credentials_by_basic_authorization(org: Running) -> None:
    pair = base64.b64encode(f"{org.options.client_id}:{org.options.client_secret}".encode()).decode()
    answer = org.session().post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
        timeout=10,
    )
    assert answer.status_code == 200


def test_jwt_bearer_gives_no_refresh_token(org: Running) -> None:
    answer = ask(org, grant_type=JWT_BEARER, assertion=assertion(org))
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()


def test_refresh_keeps_the_refresh_token(org: Running) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": org.options.refresh_token,
        "client_id": org.options.client_id,
    }
    first, second = ask(org, **form), ask(org, **form)
    assert first.status_code == second.status_code == 200
    assert "refresh_token" not in first.json()
    assert first.json()["access_token"] != second.json()["access_token"]


def test_rotated_refresh_tokens_work_once(start: Callable[..., Running]) -> None:
    org = start(refresh_token_rotation=True)
    form = {"grant_type": "refresh_token", "client_id": org.options.client_id}
    fresh = ask(org, **form, refresh_token=org.options.refresh_token).json()["refresh_token"]
    fresher = ask(org, **form, refresh_token=fresh).json()["refresh_token"]
    assert ask(org, **form, refresh_token=org.options.refresh_token).json()["error"] == "invalid_grant"
    # It may have been stolen: the one that is in use now ends with it.
    assert ask(org, **form, refresh_token=fresher).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type", "grant type not supported"),
        ({"client_id": "other"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
    ],
)
def test_refused_client_credentials(
    org: Running, changes: dict[str, str], error: str, description: str
) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": org.options.client_id,
        "client_secret": org.options.client_secret,
    }
    answer = ask(org, **{**form, **changes})
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"aud": "https://elsewhere.example"}, "invalid_grant", "audience is invalid"),
        ({"iss": "other"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "invalid_grant", "invalid assertion"),
    ],
)
def test_refused_assertions(org: Running, changes: dict[str, Any], error: str, description: str) -> None:
    answer = ask(org, grant_type=JWT_BEARER, assertion=assertion(org, **changes))
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}


def test_an_assertion_of_another_key_is_refused(org: Running) -> None:
    claims = {
        "iss": org.options.client_id,
        "sub": org.options.username,
        "aud": org.url,
        "exp": datetime.now(UTC) + timedelta(minutes=3),
    }
    forged = jwt.encode(claims, "x" * 64, algorithm="HS256")
    assert (
        ask(org, grant_type=JWT_BEARER, assertion=forged).json()["error_description"] == "invalid assertion"
    )
    assert ask(org, grant_type=JWT_BEARER, assertion="a.b").json()["error_description"] == "invalid assertion"


def test_simple_salesforce_sees_a_revoked_token_as_expired_session(org: Running) -> None:
    client = org.client()
    org.session().post(f"{org.url}/services/oauth2/revoke", data={"token": client.session_id}, timeout=10)
    with pytest.raises(SalesforceExpiredSession) as raised:
        client.query("SELECT Id FROM Account")
    assert raised.value.content == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_revoking_a_refresh_token_ends_its_access_tokens(org: Running) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": org.options.refresh_token,
        "client_id": org.options.client_id,
    }
    token = ask(org, **form).json()["access_token"]
    other = org.client()
    revoke = f"{org.url}/services/oauth2/revoke"
    assert (
        org.session().post(revoke, data={"token": org.options.refresh_token}, timeout=10).status_code == 200
    )
    unknown = org.session().post(revoke, data={"token": "unknown"}, timeout=10)
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_token")
    headers = {"Authorization": f"Bearer {token}"}
    limits = f"{org.url}/services/data/v61.0/limits"
    assert org.session().get(limits, headers=headers, timeout=10).status_code == 401
    assert other.limits()
    assert ask(org, **form).json() == {
        "error": "invalid_grant",
        "error_description": "expired access/refresh token",
    }
    org.do(org.org.sessions.clear)


def test_sessions_slide_and_then_expire(start: Callable[..., Running]) -> None:
    org = start(token_seconds=100)
    client = org.client()
    for _ in range(3):
        org.clock.step(seconds=60)
        assert client.limits()
    org.clock.step(seconds=101)
    with pytest.raises(SalesforceExpiredSession):
        client.limits()


def test_userinfo_and_introspection(org: Running) -> None:
    token = org.token()
    url = f"{org.url}/services/oauth2"
    info = (
        org.session().get(f"{url}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=10).json()
    )
    assert info["organization_id"] == org.org.org_id
    assert info["preferred_username"] == org.options.username
    form = {
        "token": token,
        "client_id": org.options.client_id,
        "client_secret": org.options.client_secret,
    }
    assert org.session().post(f"{url}/introspect", data=form, timeout=10).json()["active"] is True
    org.do(org.org.revoke_access_tokens)
    assert org.session().post(f"{url}/introspect", data=form, timeout=10).json() == {"active": False}
    refused = org.session().get(f"{url}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert refused.status_code == 403


def test_the_identity_address_describes_the_user_of_the_token(org: Running) -> None:
    token = org.token()

    def asked(url: str, *, token: str = token) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return org.session().get(url, headers=headers, timeout=10)

    resources = asked(f"{org.url}/services/data/v61.0/").json()
    mine = f"{org.url}/id/{org.org.org_id}/{org.org.integration_user}"
    assert resources["identity"] == mine
    found = asked(mine).json()
    assert (found["username"], found["user_id"]) == (org.options.username, org.org.integration_user)
    assert (found["id"], found["organization_id"]) == (mine, org.org.org_id)
    refused = {
        "Missing_OAuth_Token": asked(mine, token=""),
        "Bad_OAuth_Token": asked(mine, token="dead"),
        "Wrong_Org": asked(mine.replace(org.org.org_id, "00D000000000001AAA")),
        "Bad_Id": asked(mine[:-3] + "AAA"),
    }
    assert {text: answer.text for text, answer in refused.items()} == {text: text for text in refused}
    assert [answer.status_code for answer in refused.values()] == [403, 403, 403, 404]


def test_versions_need_no_token_and_resources_do(org: Running) -> None:
    versions = org.session().get(f"{org.url}/services/data/", timeout=10).json()
    assert {"label": "Summer '24", "url": "/services/data/v61.0", "version": "61.0"} in versions
    refused = org.session().get(f"{org.url}/services/data/v61.0/sobjects", timeout=10)
    assert refused.status_code == 401
    assert refused.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    assert isinstance(org.client(), Salesforce)
