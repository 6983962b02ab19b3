"""Getting in and staying in: logins, expired tokens, limits, deadlines, and who we say we are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.connectors.http import Http, HttpLimits
from integration.connectors.salesforce.auth import Authenticator
from integration.connectors.salesforce.config import Flow
from integration.errors import ConfigurationFault, Fault, Retryable, Throttled, Unauthorized
from integration.ports import ReadRequest, WriteRequest
from tests.contract.salesforce_parts import CLIENT, Connection, WallClock, login_of
from tests.contract.sandbox_process import Sandbox, running_sandbox

EVENT = WorkClass.EVENT
UPDATE = Operation.UPDATE


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Connection]:
    connection = Connection(sandbox)
    yield connection
    connection.close()


def account(sandbox: Sandbox, name: str = "Harbour Mills Ltd") -> str:
    return str(sandbox.edit("salesforce", "Account", {"Name": name})["Id"])


def fetch(sandbox: Sandbox, flow: Flow = Flow.CLIENT_CREDENTIALS, **changes: Any) -> Any:
    http = Http(HttpLimits(call_seconds=5, ca_file=sandbox.salesforce["ca_file"]))
    try:
        return Authenticator(login_of(sandbox, flow, **changes), http, WallClock()).fetch()
    finally:
        http.session.close()


@pytest.mark.parametrize("flow", list(Flow))
def test_every_flow_gives_a_token(sandbox: Sandbox, flow: Flow) -> None:
    token = fetch(sandbox, flow, lifetime_seconds=60.0)
    assert token.base_url == sandbox.salesforce["instance_url"]
    assert token.access_token.startswith(sandbox.salesforce["org_id"][:15] + "!")
    assert token.lifetime_seconds == 60


@pytest.mark.parametrize(
    ("flow", "changes", "code"),
    [
        (Flow.CLIENT_CREDENTIALS, {"client_secret": "canary"}, "invalid_client"),
        (Flow.CLIENT_CREDENTIALS, {"client_id": "canary"}, "invalid_client_id"),
        (Flow.REFRESH_TOKEN, {"refresh_token": "canary"}, "invalid_grant"),
        (Flow.JWT, {"username": "nobody@sandbox.example"}, "invalid_grant"),
        (Flow.JWT, {"audience": "https://elsewhere.example"}, "invalid_grant"),
    ],
)
def test_refused_logins_need_a_person(
    sandbox: Sandbox, flow: Flow, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(Unauthorized) as caught:
        fetch(sandbox, flow, **changes)
    assert caught.value.code == f"salesforce.oauth.{code}"
    assert caught.value.advice
    assert "canary" not in f"{caught.value} {caught.value.evidence}"


def test_login_troubles_that_pass(sandbox: Sandbox) -> None:
    for spec in ({"kind": "html", "status": 503}, {"kind": "reset_after"}, {"kind": "reset_before"}):
        sandbox.fault("salesforce", path_prefix="/services/oauth2/token", **spec)
        with pytest.raises(Retryable):
            fetch(sandbox)
    body = {"error": "invalid_grant", "error_description": "login rate exceeded"}
    sandbox.fault("salesforce", "status", path_prefix="/services/oauth2/token", status=400, body=body)
    with pytest.raises(Throttled):
        fetch(sandbox)


def test_a_key_that_cannot_sign_is_not_shown(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        fetch(sandbox, Flow.JWT, private_key="-----BEGIN canary")
    assert caught.value.__context__ is None
    assert "canary" not in repr(login_of(sandbox, Flow.JWT, private_key="canary", refresh_token="canary"))


@pytest.mark.parametrize("url", ["https://acme.lightning.force.com", "not a url"])
def test_addresses_that_serve_no_api(sandbox: Sandbox, url: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        fetch(sandbox, instance_url=url)
    assert caught.value.code == "salesforce.instance_url"


def test_an_expired_token_is_renewed_once_for_all_threads(org: Connection) -> None:
    ids = [account(org.sandbox, f"Mill {n}") for n in range(8)]
    org.gateway.read([ReadRequest("Account", ids[0])], EVENT)
    org.sandbox.incident("revoke_tokens")
    start = threading.Barrier(len(ids))

    def read(record_id: str) -> str:
        start.wait(10)
        return org.gateway.read([ReadRequest("Account", record_id)], EVENT)[0].records[0].record_id

    with ThreadPoolExecutor(len(ids)) as pool:
        assert list(pool.map(read, ids)) == ids
    logins = [call for call in org.sandbox.calls("salesforce") if call["path"].endswith("/token")]
    assert len(logins) == 2


def test_a_token_refused_twice_is_told(org: Connection) -> None:
    org.gateway.writable_fields("Account")
    body = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    org.sandbox.fault("salesforce", "status", path_prefix="/services/data/", status=401, body=body, times=2)
    with pytest.raises(Unauthorized):
        org.gateway.limits()
    assert org.gateway.limits()


def test_a_session_that_may_never_use_the_api_is_not_renewed(org: Connection) -> None:
    org.gateway.limits()
    message = "This session is not valid for use with the REST API"
    body = [{"errorCode": "INVALID_SESSION_ID", "message": message}]
    org.sandbox.fault("salesforce", "status", path_prefix="/services/data/", status=401, body=body)
    with pytest.raises(Unauthorized) as caught:
        org.gateway.limits()
    assert caught.value.code == "salesforce.session_refused"
    assert len([call for call in org.sandbox.calls("salesforce") if call["path"].endswith("/token")]) == 1


def test_every_call_counts_in_its_class(org: Connection) -> None:
    mill = account(org.sandbox)
    org.gateway.read([ReadRequest("Account", mill)], WorkClass.BATCH)
    assert org.pace.taken.count(WorkClass.BATCH) == 2
    assert org.pace.taken.count(WorkClass.LOOKUP) == 2  # describe of both objects


def test_used_up_limits_pause_everybody(org: Connection) -> None:
    org.gateway.limits()
    for message, scope in (
        ("TotalRequests Limit exceeded.", "day"),
        ("ConcurrentPerOrgLongTxn Limit exceeded.", "in flight"),
    ):
        body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]
        org.sandbox.fault("salesforce", "status", path_prefix="/services/data/", status=403, body=body)
        with pytest.raises(Throttled) as caught:
            org.gateway.limits()
        assert caught.value.scope == scope
        assert org.pace.paused[-1] == (caught.value.seconds, scope)


def test_a_server_that_never_answers(sandbox: Sandbox) -> None:
    org = Connection(sandbox, seconds=0.5)
    org.gateway.limits()
    sandbox.fault("salesforce", "hang", path_prefix="/services/data/")
    with pytest.raises(Retryable):
        org.gateway.limits()
    org.close()


def test_errors_do_not_quote_the_record(org: Connection) -> None:
    secret = "canary@private.example"
    request = WriteRequest("Contact", Operation.CREATE, fields={"LastName": "x" * 200, "Email": secret})
    [answer] = org.gateway.write([request], EVENT)
    assert isinstance(answer.fault, Fault)
    body = [{"errorCode": "STRING_TOO_LONG", "message": secret, "fields": [secret]}]
    org.sandbox.fault("salesforce", "status", path_prefix="/services/data/", status=400, body=body)
    with pytest.raises(Fault) as caught:
        org.gateway.limits()
    for fault in (answer.fault, caught.value):
        seen: BaseException | None = fault
        while seen is not None:
            assert secret not in f"{seen!s} {seen!r} {getattr(seen, 'evidence', '')}"
            seen = seen.__cause__ or seen.__context__


def test_our_name_is_on_every_call_also_after_a_renewal(org: Connection) -> None:
    """The change events of our writes must show us as their origin, or they come back as foreign changes."""
    record_id = account(org.sandbox)
    org.gateway.write([WriteRequest("Account", UPDATE, record_id, fields={"Fax": "1"})], EVENT)
    assert org.http.session.headers["Sforce-Call-Options"] == f"client={CLIENT}"
    org.sandbox.incident("revoke_tokens")
    seen: list[str] = []
    send = org.http.session.send

    def watching(request: Any, **named: Any) -> Any:
        if "/services/data/" in request.url:
            seen.append(str(request.headers.get("Sforce-Call-Options")))
        return send(request, **named)

    org.http.session.send = watching  # type: ignore[method-assign]
    org.gateway.write([WriteRequest("Account", UPDATE, record_id, fields={"Fax": "2"})], EVENT)
    assert seen == [f"client={CLIENT}"] * 2


def test_a_sandbox_without_tls(tmp_path: Any) -> None:
    with running_sandbox("--no-tls", "--state-dir", str(tmp_path)) as plain:
        org = Connection(plain)
        mill = account(plain)
        assert org.gateway.read([ReadRequest("Account", mill)], EVENT)[0].records[0].record_id == mill
        org.close()


def test_login_without_a_secret(sandbox: Sandbox) -> None:
    """A public client renews with its refresh token alone."""
    login = replace(login_of(sandbox, Flow.REFRESH_TOKEN), client_secret="")
    http = Http(HttpLimits(ca_file=sandbox.salesforce["ca_file"]))
    assert Authenticator(login, http, WallClock()).fetch().access_token
    http.session.close()
