"""What an administrator can refuse of logins, and logins by password and SOAP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession
from simple_salesforce.login import soap_login

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import parse_fault
from integration.sandbox.salesforce import OrgOptions
from tests.contract.sandbox_salesforce.logins import (
    JWT_BEARER,
    app,
    ask,
    assertion,
    authorize,
    login_of,
    policy,
    redeem,
    refused,
    sent_back,
    soap,
    text_of,
)
from tests.contract.sandbox_salesforce.running_org import Running


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
    refused_login = soap(org, login_of(org))
    assert (refused_login.status_code, "SERVER_UNAVAILABLE" in refused_login.text) == (500, True)
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
