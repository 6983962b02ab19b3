"""simple-salesforce, unchanged, against the running sandbox: its ways in and how it tells a dead session."""

from __future__ import annotations

from pathlib import Path

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from tests.contract.sandbox_process import Sandbox
from tests.peers.simple_salesforce_login import LOGIN, MY_DOMAIN, client, session

COUNT = "SELECT COUNT() FROM Account"


def test_client_credentials_lead_in(sandbox: Sandbox) -> None:
    with client(sandbox) as salesforce:
        assert salesforce.session_id.startswith(sandbox.salesforce["org_id"][:15] + "!")
        assert f"https://{salesforce.sf_instance}" == sandbox.salesforce["instance_url"]
        assert salesforce.query(COUNT)["done"] is True


def test_a_wrong_secret_does_not(sandbox: Sandbox) -> None:
    way = {
        "consumer_key": sandbox.salesforce["client_id"], "consumer_secret": "wrong", "domain": MY_DOMAIN
    }  # fmt: skip
    with pytest.raises(SalesforceAuthenticationFailed) as refused, client(sandbox, **way):
        pass
    assert (refused.value.code, refused.value.auth_message) == (
        "invalid_client",
        "invalid client credentials",
    )


def test_a_signed_assertion_leads_in(sandbox: Sandbox) -> None:
    org = sandbox.salesforce
    way = {
        "username": org["username"], "consumer_key": org["client_id"],
        "privatekey_file": org["jwt_private_key_file"], "domain": LOGIN,
    }  # fmt: skip
    with client(sandbox, **way) as salesforce:
        assert salesforce.query(COUNT)["done"] is True
    way |= {"privatekey": Path(way.pop("privatekey_file")).read_text(), "consumer_key": "another app"}
    with pytest.raises(SalesforceAuthenticationFailed) as refused, client(sandbox, **way):
        pass
    assert refused.value.code == "invalid_client_id"


def test_a_user_who_has_not_approved_is_told_so(sandbox: Sandbox) -> None:
    org = sandbox.salesforce
    way = {
        "username": "nobody@sandbox.example", "consumer_key": org["client_id"],
        "privatekey_file": org["jwt_private_key_file"], "domain": LOGIN,
    }  # fmt: skip
    with (
        pytest.warns(UserWarning, match="All users may"),
        pytest.raises(SalesforceAuthenticationFailed) as refused,
        client(sandbox, **way),
    ):
        pass
    assert (refused.value.code, refused.value.auth_message) == (
        "invalid_grant", "user hasn't approved this consumer"
    )  # fmt: skip


def test_a_session_that_ended_is_opened_anew_where_the_client_knows_how(sandbox: Sandbox) -> None:
    with client(sandbox) as salesforce:
        first = salesforce.session_id
        _revoke(salesforce, sandbox)
        assert salesforce.limits()["DailyApiRequests"]["Max"] > 0
        assert salesforce.session_id != first


def test_a_session_that_ended_is_told_where_it_does_not(sandbox: Sandbox) -> None:
    with client(sandbox) as other:
        way = {"session_id": other.session_id, "instance_url": sandbox.salesforce["instance_url"]}
        with client(sandbox, **way) as salesforce:
            assert salesforce.limits()
            _revoke(salesforce, sandbox)
            with pytest.raises(SalesforceExpiredSession) as told:
                salesforce.limits()
    assert told.value.status == 401
    assert told.value.content == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_password_with_its_security_token_leads_in_over_soap(sandbox: Sandbox) -> None:
    org = sandbox.salesforce
    way = {
        "username": org["username"], "password": org["password"], "security_token": org["security_token"]
    }  # fmt: skip
    with client(sandbox, **way) as salesforce:
        assert f"https://{salesforce.sf_instance}" == org["instance_url"]
        assert salesforce.query(COUNT)["done"] is True
    with (
        pytest.raises(SalesforceAuthenticationFailed) as refused,
        client(sandbox, **{**way, "password": "x"}),
    ):
        pass
    assert refused.value.code == "INVALID_LOGIN"


def test_a_password_does_not_lead_in_over_oauth_where_the_org_blocks_that(sandbox: Sandbox) -> None:
    org = sandbox.salesforce
    way = {
        "username": org["username"], "password": org["password"] + org["security_token"],
        "consumer_key": org["client_id"], "consumer_secret": org["client_secret"],
    }  # fmt: skip
    with pytest.raises(SalesforceAuthenticationFailed) as refused, client(sandbox, **way):
        pass
    assert refused.value.code == "invalid_grant"


def test_userinfo_says_who_is_logged_in(sandbox: Sandbox) -> None:
    with client(sandbox) as salesforce:
        found = salesforce.oauth2("userinfo")
    assert found["organization_id"] == sandbox.salesforce["org_id"]
    assert found["preferred_username"] == sandbox.salesforce["username"]


def _revoke(salesforce: Salesforce, sandbox: Sandbox) -> None:
    with session(sandbox) as made:
        url = f"{sandbox.salesforce['instance_url']}/services/oauth2/revoke"
        assert made.post(url, data={"token": salesforce.session_id}, timeout=10).status_code == 200
