"""Tokens, limits and lost answers of Zoho, against the stand-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.connectors.http import Http
from integration.connectors.pace_share import PaceLimits
from integration.connectors.zoho.client import fetch_token
from integration.connectors.zoho.config import DATA_CENTERS, ZohoConfig
from integration.errors import Ambiguous, Fault, Retryable, Throttled, Unauthorized
from integration.ports import FindRequest
from tests.contract.sandbox_process import Sandbox, running_sandbox
from tests.contract.zoho_parts import EVENT, Connected, Connector, config_for, connect
from tests.deadline import wait_until

__all__ = ["connect"]  # a fixture

pytestmark = pytest.mark.redis
BASE = "/inventory/v1"


@pytest.fixture
def zoho(sandbox: Sandbox, connect: Connector) -> Connected:
    found = connect(sandbox)
    found.gateway.probe()
    return found


def names(zoho: Connected) -> list[str]:
    return [row["contact_name"] for row in zoho.sandbox.records("zoho", "contact")]


# ------------------------------------------------------------------- tokens


def test_the_api_is_where_the_token_answer_says(sandbox: Sandbox, connect: Connector) -> None:
    assert config_for(sandbox).api_domain == ""
    zoho = connect(sandbox)
    assert zoho.keeper.token().base_url == sandbox.zoho["api_domain"]
    zoho.gateway.organization_id()
    elsewhere = connect(sandbox, api_domain="http://127.0.0.1:9")
    with pytest.raises(Retryable):
        elsewhere.gateway.organization_id()


def test_every_call_is_signed_in_and_names_the_organisation(zoho: Connected) -> None:
    zoho.create({"contact_name": "Acme"})
    zoho.gateway.organization_id()
    queries = {call["path"]: call["query"] for call in zoho.sandbox.calls("zoho")}
    organization = zoho.sandbox.zoho["organization_id"]
    assert f"organization_id={organization}" in queries[BASE + "/contacts"]
    assert "organization_id" not in queries[BASE + "/organizations"]


def test_a_revoked_token_is_renewed_once_and_the_call_repeated(zoho: Connected) -> None:
    old = zoho.keeper.token()
    zoho.sandbox.fault("zoho", "token_revoked", path_prefix=BASE)
    zoho.create({"contact_name": "Acme"})
    assert names(zoho) == ["Acme"]
    assert zoho.keeper.token().epoch == old.epoch + 1


def test_a_missing_permission_does_not_use_up_the_token_server(zoho: Connected) -> None:
    """401/57 for one place, again and again: one renewal, and other places go on."""
    refused = {
        "status": 401,
        "body": {"code": 57, "message": "You are not authorized to perform this operation"},
    }
    zoho.sandbox.fault("zoho", "status", path_prefix=BASE + "/settings", times=20, **refused)
    epoch = zoho.keeper.token().epoch
    for _ in range(4):
        with pytest.raises(Unauthorized) as caught:
            zoho.gateway.currency_codes()
        assert caught.value.advice
    assert zoho.keeper.token().epoch == epoch + 1
    zoho.create({"contact_name": "Acme"})


def test_a_refused_grant_is_unauthorized(sandbox: Sandbox) -> None:
    http = Http()
    config = config_for(sandbox)
    try:
        for wrong in (
            replace(config, refresh_token="1000.no.such"),
            replace(config, client_secret="wrong"),
            replace(config, client_id="wrong"),
        ):
            with pytest.raises(Unauthorized) as caught:
                fetch_token(http, wrong)
            assert caught.value.code == "zoho.grant_refused"
            assert "1000.no.such" not in repr((caught.value, caught.value.evidence))
    finally:
        http.close()


def test_too_many_token_requests_are_throttled() -> None:
    http = Http()
    with running_sandbox("--no-salesforce") as sandbox:
        config = config_for(sandbox)
        for _ in range(10):
            assert fetch_token(http, config).lifetime_seconds == 3600
        with pytest.raises(Throttled) as caught:
            fetch_token(http, config)
        http.close()
    assert (caught.value.scope, caught.value.seconds) == ("token", 600.0)


def test_secrets_do_not_show_in_the_configuration(sandbox: Sandbox) -> None:
    config = config_for(sandbox)
    assert config.client_secret not in repr(config)
    assert config.refresh_token not in repr(config)


def test_addresses_of_the_data_centers() -> None:
    config = ZohoConfig("1", "id", "secret", "token", data_center="ca")
    assert config.accounts == "https://accounts.zohocloud.ca"
    assert config.base_url("") == "https://www.zohoapis.ca/inventory/v1"
    assert config.base_url("https://www.zohoapis.eu/") == "https://www.zohoapis.eu/inventory/v1"
    assert set(DATA_CENTERS) == {"us", "eu", "in", "au", "jp", "ca", "cn", "sa"}


# ------------------------------------------------------------------- lost answers


@pytest.mark.parametrize(("kind", "made"), [("reset_before", []), ("reset_after", ["Acme"])])
def test_a_cut_connection_leaves_a_create_open_and_its_repetition_makes_one(
    zoho: Connected, kind: str, made: list[str]
) -> None:
    fields = {"contact_name": "Acme", "primary_person.email": "ada@acme.example"}
    zoho.sandbox.fault("zoho", kind, method="POST", path_prefix=BASE + "/contacts")
    with pytest.raises(Ambiguous):
        zoho.create(fields, key="001Sb1")
    assert names(zoho) == made
    zoho.create(fields, key="001Sb1")
    assert names(zoho) == ["Acme"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "hang_after"},
        {"kind": "status_after", "status": 502},
        {"kind": "status", "status": 500, "body": {"code": 1000, "message": "Internal error"}},
        {"kind": "html"},
        {"kind": "html", "status": 200},
        {"kind": "status", "status": 200, "body": {}},
        {"kind": "status", "status": 200, "body": {"code": 0, "message": "ok"}},
        {"kind": "status", "status": 200, "body": "text"},
    ],
)
def test_an_answer_that_says_nothing_leaves_a_write_open(
    sandbox: Sandbox, connect: Connector, fault: dict[str, object]
) -> None:
    zoho = connect(sandbox, call_seconds=0.5)
    zoho.keeper.token()
    sandbox.fault(
        "zoho",
        str(fault["kind"]),
        method="POST",
        path_prefix=BASE,
        **{k: v for k, v in fault.items() if k != "kind"},
    )
    with pytest.raises(Ambiguous):
        zoho.create({"contact_name": "Acme"})
    assert len(zoho.usage.added) == 1, "a write is never repeated by itself"


@pytest.mark.parametrize("kind", ["hang", "html", "reset_before"])
def test_a_read_without_an_answer_may_be_repeated(sandbox: Sandbox, connect: Connector, kind: str) -> None:
    zoho = connect(sandbox, call_seconds=0.5)
    made = zoho.create({"contact_name": "Acme"})
    sandbox.fault("zoho", kind, method="GET", path_prefix=BASE)
    with pytest.raises(Retryable):
        zoho.read(made.record_id)
    assert zoho.read(made.record_id)[0].record_id == made.record_id


def test_a_failure_under_status_200_is_a_failure(zoho: Connected) -> None:
    body = {"code": 3062, "message": 'The customer "Ada" already exists.'}
    zoho.sandbox.fault("zoho", "status", method="POST", path_prefix=BASE, status=200, body=body)
    with pytest.raises(Fault) as caught:
        zoho.create({"contact_name": "Ada"})
    assert caught.value.code == "zoho.name_taken"


# ------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("code", "headers", "scope"),
    [(44, {}, "minute"), (45, {}, "day"), (1070, {}, "in_flight")],
)
def test_a_429_stops_the_fleet(
    zoho: Connected, sandbox: Sandbox, connect: Connector, code: int, headers: dict[str, str], scope: str
) -> None:
    sandbox.fault("zoho", "status", path_prefix=BASE, status=429, body={"code": code, "message": "x"})
    with pytest.raises(Throttled) as caught:
        zoho.read("1")
    assert caught.value.scope == scope
    before = len(zoho.api_calls())
    quick = zoho.gateway.find
    if scope != "in_flight":
        with pytest.raises(Throttled) as again:
            quick([FindRequest("contact", name="Acme")], WorkClass.LOOKUP)
        assert again.value.scope == scope
        assert len(zoho.api_calls()) == before


def test_the_last_call_of_a_day_stops_the_fleet(connect: Connector) -> None:
    arguments = (
        "--no-salesforce",
        "--zoho-daily",
        "3",
        "--day-seconds",
        "86400",
        "--zoho-per-minute",
        "1000",
    )
    with running_sandbox(*arguments) as sandbox:
        zoho = connect(sandbox)
        for _ in range(3):
            zoho.gateway.list_page("contact", "")
        with pytest.raises(Throttled) as caught:
            zoho.gateway.list_page("contact", "")
        assert caught.value.scope == "day"
        assert caught.value.seconds <= 86400
        assert len(zoho.api_calls()) == 3, "the fourth was not sent"


@contextmanager
def real_limits(minute: str, window: str) -> Iterator[Sandbox]:
    arguments = ("--no-salesforce", "--minute-seconds", minute, "--switch", f"zoho_minute_window={window}")
    with running_sandbox(*arguments, "--zoho-daily", "100000", "--switch", "zoho_latency_ms=30") as sandbox:
        yield sandbox


@pytest.mark.slow
@pytest.mark.parametrize("window", ["sliding", "fixed"])
def test_many_threads_never_see_a_429(connect: Connector, window: str) -> None:
    """100 a minute and 10 in flight, on a window of two seconds; three limiters share one name."""
    limits = PaceLimits(in_flight=10, per_minute=100, minute_seconds=2.0, lease_seconds=6.0, wait_seconds=0.5)
    with real_limits("2", window) as sandbox:
        zoho = connect(sandbox, limits, minute_seconds=2.0)
        zoho.keeper.token()
        until = time.monotonic() + 7
        throttled = threading.Event()

        def work(number: int) -> int:
            done = 0
            pause = threading.Event()
            while time.monotonic() < until:
                try:
                    zoho.gateway.list_page("contact", "") if number % 3 else zoho.find(name="Acme")
                    done += 1
                except Throttled as fault:
                    if fault.code.startswith("zoho."):
                        throttled.set()
                    pause.wait(min(fault.seconds, 0.1))
            return done

        with ThreadPoolExecutor(24) as pool:
            served = sum(pool.map(work, range(24)))
        statuses = {call["status"] for call in zoho.sandbox.calls("zoho")}
    assert statuses == {200, 404}, "404 is the probe's"
    assert not throttled.is_set()
    assert served >= 3 * 75, "far below what is allowed"


def test_each_call_is_counted_before_it_is_sent(zoho: Connected) -> None:
    counted = len(zoho.usage.added)
    before = len(zoho.api_calls())
    zoho.create({"contact_name": "Acme"})
    zoho.find(name="Acme", email="a@b.example")
    assert len(zoho.usage.added) - counted == len(zoho.api_calls()) - before == 3
    assert zoho.usage.added[-1][0] is EVENT


def test_a_pause_ends(zoho: Connected) -> None:
    made = zoho.create({"contact_name": "Acme"})
    zoho.pace.pause(0.3, "minute")
    wait_until(lambda: zoho.read(made.record_id))
    zoho.write(Operation.DEACTIVATE, record_id=made.record_id)
