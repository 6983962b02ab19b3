"""The web server flow: codes, where they are sent and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession

from integration.sandbox.faults import parse_fault
from integration.sandbox.salesforce import SalesforceOrg
from integration.sandbox.salesforce.authorization_codes import challenge_of
from tests.contract.sandbox_salesforce.logins import (
    CALLBACK,
    app,
    ask,
    authorize,
    policy,
    redeem,
    refused,
    sent_back,
)
from tests.contract.sandbox_salesforce.running_org import Running


def test_a_code_becomes_tokens_once(org: Running) -> None:
    back = sent_back(authorize(org, state="s 1&2"))
    assert back["state"] == "s 1&2"
    body = redeem(org, back["code"]).json()
    assert body["scope"] == "id api refresh_token"
    assert not {"expires_in"} & set(body)
    client = Salesforce(session_id=body["access_token"], instance_url=org.url, session=org.session())
    assert client.limits()
    again = ask(org, **app(org, grant_type="refresh_token", refresh_token=body["refresh_token"]))
    assert again.status_code == 200
    assert refused(redeem(org, back["code"])) == ("invalid_grant", "invalid authorization code")


def test_a_code_is_the_user_s_who_agreed(org: Running) -> None:
    code = sent_back(authorize(org, login_hint=org.options.person_username))["code"]
    assert redeem(org, code).json()["id"].endswith("/" + org.org.person_user)


def test_a_code_lives_for_a_quarter_of_an_hour(org: Running) -> None:
    code = sent_back(authorize(org))["code"]
    org.clock.step(minutes=15, seconds=1)
    assert refused(redeem(org, code)) == ("invalid_grant", "expired authorization code")


def test_a_code_is_bound_to_its_challenge(org: Running) -> None:
    challenge = challenge_of("a-long-verifier-of-the-client")
    code = sent_back(authorize(org, code_challenge=challenge, code_challenge_method="S256"))["code"]
    assert redeem(org, code, code_verifier="a-long-verifier-of-the-client").status_code == 200
    code = sent_back(authorize(org, code_challenge=challenge))["code"]
    assert refused(redeem(org, code, code_verifier="other")) == ("invalid_grant", "invalid code verifier")


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"redirect_uri": CALLBACK + "/x"}, "redirect_uri_mismatch", "redirect_uri must match configuration"),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
        ({"client_id": "other"}, "invalid_client_id", "client identifier invalid"),
        ({"code": "made-up"}, "invalid_grant", "invalid authorization code"),
    ],
)
def test_refused_codes(org: Running, changes: dict[str, str], error: str, description: str) -> None:
    code = sent_back(authorize(org))["code"]
    assert refused(redeem(org, **{"code": code, **changes})) == (error, description)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "other"}, "error=invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example/back"}, "error=redirect_uri_mismatch"),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_app_s(
    org: Running, changes: dict[str, str], error: str
) -> None:
    answer = authorize(org, **changes)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (400, "text/html")
    assert error in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "api everything"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_refusals_that_the_app_is_told(org: Running, changes: dict[str, str], error: str) -> None:
    back = sent_back(authorize(org, state="7", **changes))
    assert (back["error"], back["state"]) == (error, "7")
    assert "code" not in back


def test_a_user_may_say_no(org: Running) -> None:
    policy(org, consent=False)
    assert sent_back(authorize(org))["error"] == "access_denied"


def test_callback_addresses_may_be_listed(start: Callable[..., Running]) -> None:
    org = start(callback_urls="https://app.example/back")
    assert authorize(org).status_code == 400
    assert authorize(org, redirect_uri="https://app.example/back").status_code == 302


def test_the_sixth_approval_ends_the_oldest(org: Running) -> None:
    def refresh(token: str) -> int:
        return ask(org, **app(org, grant_type="refresh_token", refresh_token=token)).status_code

    org.do(org.org.sessions.clear)
    tokens = [redeem(org, sent_back(authorize(org))["code"]).json()["refresh_token"] for _ in range(4)]
    # The org was set up with one, which makes five.
    assert [refresh(token) for token in (org.options.refresh_token, *tokens)] == [200] * 5
    sixth = redeem(org, sent_back(authorize(org))["code"]).json()["refresh_token"]
    assert [refresh(token) for token in (org.options.refresh_token, *tokens, sixth)] == [400, *[200] * 5]
    org.do(org.org.sessions.clear)


def test_a_scope_without_api_is_no_session_for_rest(org: Running) -> None:
    body = redeem(org, sent_back(authorize(org, scope="id profile"))["code"]).json()
    assert "refresh_token" not in body
    client = Salesforce(session_id=body["access_token"], instance_url=org.url, session=org.session())
    with pytest.raises(SalesforceExpiredSession) as raised:
        client.limits()
    message = "This session is not valid for use with the REST API"
    assert raised.value.content == [{"message": message, "errorCode": "INVALID_SESSION_ID"}]


def test_the_other_401_is_a_fault(org: Running) -> None:
    body = [{"message": "Connected app is not attached to Agent", "errorCode": "INVALID_SESSION_ID"}]
    client = org.client()
    fault = {"system": "salesforce", "path_prefix": "/services/data/", "kind": "status", "status": 401}
    org.faults.add(parse_fault({**fault, "body": body}))
    with pytest.raises(SalesforceExpiredSession) as raised:
        client.limits()
    assert raised.value.content == body


def test_approvals_and_policies_survive_a_restart(org: Running) -> None:
    policy(org, run_as=False)
    code = sent_back(authorize(org, scope="api refresh_token"))["code"]
    token = redeem(org, sent_back(authorize(org, scope="full offline_access"))["code"]).json()[
        "refresh_token"
    ]
    other = SalesforceOrg(org.options, org.clock)
    other.load(json.loads(json.dumps(org.do(org.org.dump))))
    form = app(org, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert other.sessions.grant(form)["scope"] == "api refresh_token"
    renewed = other.sessions.grant(app(org, grant_type="refresh_token", refresh_token=token))
    assert renewed["scope"] == "full offline_access"
    assert other.sessions.policy.run_as is False
    other.reset()
    assert other.sessions.policy.run_as is True
