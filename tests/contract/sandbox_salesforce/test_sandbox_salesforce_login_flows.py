"""The web server flow, what an administrator can refuse, logins by password, and the SOAP login."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.dom import minidom

import jwt
import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession
from simple_salesforce.login import soap_login

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import parse_fault
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from integration.sandbox.salesforce.authorization_codes import challenge_of
from tests.contract.sandbox_salesforce.running_org import Running

CALLBACK = "http://localhost:1717/OauthRedirect"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def app(org: Running, **more: str) -> dict[str, str]:
    return {"client_id": org.options.client_id, "client_secret": org.options.client_secret, **more}


def ask(org: Running, host: str = "", **form: str) -> requests.Response:
    headers = {"Host": host} if host else {}
    return org.http.post(f"{org.url}/services/oauth2/token", data=form, headers=headers, timeout=10)


def refused(answer: requests.Response) -> tuple[str, str]:
    assert answer.status_code == 400
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    return body["error"], body["error_description"]


def assertion(org: Running) -> str:
    claims = {
        "iss": org.options.client_id,
        "sub": org.options.username,
        "aud": org.url,
        "exp": org.clock.now() + timedelta(minutes=3),
    }
    return jwt.encode(claims, org.private_key_file.read_text(), algorithm="RS256")


def policy(org: Running, **decisions: Any) -> dict[str, Any]:
    return org.do(lambda: org.incidents.happen({"kind": "login_policy", **decisions}))


def authorize(org: Running, **changes: str) -> requests.Response:
    asked = {"response_type": "code", "client_id": org.options.client_id, "redirect_uri": CALLBACK, **changes}
    url = f"{org.url}/services/oauth2/authorize"
    return org.http.get(url, params=asked, allow_redirects=False, timeout=10)


def sent_back(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(CALLBACK + "?")
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def redeem(org: Running, code: str, **changes: str) -> requests.Response:
    form = app(org, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    return ask(org, **{**form, **changes})


# -- the web server flow ----------------------------------------------------------------------------


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


# -- what an administrator refuses ------------------------------------------------------------------


def every_flow(org: Running) -> list[requests.Response]:
    return [
        ask(org, **app(org, grant_type="client_credentials")),
        ask(org, grant_type=JWT_BEARER, assertion=assertion(org)),
        ask(org, **app(org, grant_type="refresh_token", refresh_token=org.options.refresh_token)),
        redeem(org, sent_back(authorize(org))["code"]),
    ]


def test_an_inactive_user_gets_in_nowhere(org: Running) -> None:
    client = org.client()
    edit = {"IsActive": False}
    org.do(lambda: org.org.edit("User", org.org.integration_user, edit))
    expected = ("invalid_grant", "authentication failure")
    assert [refused(answer) for answer in every_flow(org)] == [expected] * 4
    with pytest.raises(SalesforceExpiredSession):
        client.limits()


def test_an_app_that_users_may_not_use(org: Running) -> None:
    policy(org, app_access=False)
    expected = ("invalid_app_access", "user is not admin approved to access this app")
    assert [refused(answer) for answer in every_flow(org)] == [expected] * 4


def test_hours_and_addresses_of_logins(org: Running) -> None:
    policy(org, logins=False)
    expected = ("invalid_grant", "authentication failure")
    assert [refused(answer) for answer in every_flow(org)] == [expected] * 4
    answer = soap(org, login_of(org))
    assert (answer.status_code, text_of(answer, "sf:exceptionCode")) == (500, "INVALID_LOGIN")


def test_newer_orgs_tell_another_address(start: Callable[..., Running]) -> None:
    org = start(api_instance_url=True)
    answer = ask(org, **app(org, grant_type="client_credentials")).json()
    assert answer["api_instance_url"] == answer["instance_url"] == org.url


def test_the_token_endpoint_may_be_down(org: Running) -> None:
    form = app(org, grant_type="client_credentials")
    for kind, status, media in (("html", 503, "text/html"), ("status", 500, "application/json")):
        org.faults.add(
            parse_fault({"system": "salesforce", "path_prefix": "/services/oauth2/token", "kind": kind})
        )
        answer = ask(org, **form)
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, media)
    assert ask(org, **form).status_code == 200


def test_tokens_are_asked_for_by_form(org: Running) -> None:
    answer = org.http.post(f"{org.url}/services/oauth2/token", json={"grant_type": "x"}, timeout=10)
    assert refused(answer) == ("invalid_request", "the parameters must be form-encoded")


def test_client_credentials_need_a_user_to_run_as(org: Running) -> None:
    policy(org, run_as=False)
    answer = ask(org, **app(org, grant_type="client_credentials"))
    assert refused(answer) == ("invalid_grant", "no client credentials user enabled")
    assert ask(org, grant_type=JWT_BEARER, assertion=assertion(org)).status_code == 200


def test_jwt_bearer_needs_approval_beforehand(org: Running) -> None:
    policy(org, approved=False)
    answer = ask(org, grant_type=JWT_BEARER, assertion=assertion(org))
    assert refused(answer) == ("invalid_grant", "user hasn't approved this consumer")


@pytest.mark.parametrize("nonsense", [{"approved": "no"}, {"open": True}])
def test_nonsense_policies_are_refused(org: Running, nonsense: dict[str, Any]) -> None:
    with pytest.raises(BadInstructionError):
        policy(org, **nonsense)


def test_the_host_matters(org: Running) -> None:
    answer = ask(org, "login.salesforce.com", **app(org, grant_type="client_credentials"))
    assert refused(answer) == ("invalid_grant", "request not supported on this domain")
    bearer = {"grant_type": JWT_BEARER, "assertion": assertion(org)}
    assert ask(org, "login.salesforce.com", **bearer).status_code == 200
    elsewhere = ask(org, "test.salesforce.com", **bearer)
    assert refused(elsewhere) == ("invalid_client_id", "client identifier invalid")


def test_logins_have_a_rate(start: Callable[..., Running]) -> None:
    org = start(logins_per_hour=2)
    form = app(org, grant_type="client_credentials")
    assert [ask(org, **form).status_code for _ in range(2)] == [200, 200]
    assert refused(ask(org, **form)) == ("invalid_grant", "login rate exceeded")
    assert soap(org, login_of(org)).status_code == 500
    org.clock.step(hours=1, seconds=60)
    assert ask(org, **form).status_code == 200


def test_the_password_flow_is_blocked_unless_allowed(start: Callable[..., Running]) -> None:
    org = start()
    secret = org.options.password + org.options.security_token
    form = app(org, grant_type="password", username=org.options.username, password=secret)
    assert refused(ask(org, **form)) == ("invalid_grant", "authentication failure")
    org = start(password_flow=True)
    assert ask(org, **form).status_code == 200
    bare = {**form, "password": org.options.password}
    assert refused(ask(org, **bare)) == ("invalid_grant", "authentication failure")
    org = start(password_flow=True, security_token_needed=False)
    assert ask(org, **bare).status_code == 200


# -- SOAP -------------------------------------------------------------------------------------------


def login_of(org: Running, **changes: str) -> str:
    secret = org.options.password + org.options.security_token
    given = {"username": org.options.username, "password": secret, **changes}
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
        f"<e:Body><login><username>{given['username']}</username><password>{given['password']}</password>"
        "</login></e:Body></e:Envelope>"
    )


def soap(org: Running, body: str, version: str = "61.0", **headers: str) -> requests.Response:
    sent = {"Content-Type": "text/xml", "SOAPAction": '""', **headers}
    url = f"{org.url}/services/Soap/u/{version}"
    return org.http.post(url, data=body, headers=sent, timeout=10)


def text_of(answer: requests.Response, name: str) -> str:
    document = minidom.parseString(answer.text)  # noqa: S318 - the stand-in's own answer
    return document.getElementsByTagName(name)[0].firstChild.nodeValue


def test_simple_salesforce_logs_in_over_soap(org: Running) -> None:
    headers = {"content-type": "text/xml", "charset": "UTF-8", "SOAPAction": "login"}
    url = f"{org.url}/services/Soap/u/59.0"
    session, instance = soap_login(url, login_of(org), headers, {}, org.session())
    assert f"https://{instance}" == org.url
    client = Salesforce(session_id=session, instance_url=org.url, session=org.session())
    assert client.limits()
    with pytest.raises(SalesforceAuthenticationFailed) as raised:
        soap_login(url, login_of(org, password="wrong"), headers, {}, org.session())
    assert raised.value.code == "INVALID_LOGIN"


def test_the_login_tells_where_to_go_on(org: Running) -> None:
    answer = soap(org, login_of(org))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    org_id = org.org.org_id
    assert text_of(answer, "serverUrl") == f"{org.url}/services/Soap/u/61.0/{org_id}"
    assert text_of(answer, "organizationId") == org_id
    assert text_of(answer, "userName") == org.options.username
    token = text_of(answer, "sessionId")
    logout = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
        f"<e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header>"
        "<e:Body><logout/></e:Body></e:Envelope>"
    )
    assert soap(org, logout, f"61.0/{org_id}").status_code == 200
    again = soap(org, logout, f"61.0/{org_id}")
    assert (again.status_code, text_of(again, "sf:exceptionCode")) == (500, "INVALID_SESSION_ID")


@pytest.mark.parametrize(
    ("body", "version", "code"),
    [
        ("not xml", "61.0", "INVALID_OPERATION"),
        ("<!DOCTYPE x><x/>", "61.0", "INVALID_OPERATION"),
        ("<x/>", "61.0", "INVALID_OPERATION"),
        ("LOGIN", "9.0", "UNSUPPORTED_API_VERSION"),
        ("QUERY", "61.0", "INVALID_OPERATION"),
    ],
)
def test_refused_soap_calls(org: Running, body: str, version: str, code: str) -> None:
    good = login_of(org)
    query = good.replace("<login>", "<query>").replace("</login>", "</query>")
    answer = soap(org, {"LOGIN": good, "QUERY": query}.get(body, body), version)
    assert (answer.status_code, text_of(answer, "sf:exceptionCode")) == (500, code)
    assert text_of(answer, "faultcode") == f"sf:{code}"


@pytest.mark.parametrize(
    "wrong", [{"username": "nobody@example.com"}, {"password": "sandbox-password"}, {"password": ""}]
)
def test_bad_logins(org: Running, wrong: dict[str, str]) -> None:
    answer = soap(org, login_of(org, **wrong))
    assert (answer.status_code, text_of(answer, "faultcode")) == (500, "sf:INVALID_LOGIN")
    message = "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
    assert text_of(answer, "faultstring") == message
    assert "<sf:LoginFault" in answer.text


def test_the_org_has_a_password_of_its_own() -> None:
    assert OrgOptions().password not in OrgOptions().security_token
