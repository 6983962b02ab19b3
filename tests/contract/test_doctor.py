"""What `doctor` tells an administrator about two systems, a broker and a database that are as they should be or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any

import pytest
import redis
import requests
import tomli_w
from click.testing import CliRunner

from integration.cli import main
from integration.cli.checkup.clocks import clock_skew
from integration.cli.checkup.finding import Level, Ward
from integration.processes.embedded_valkey import EmbeddedValkey
from tests.contract.sandbox_process import Sandbox, running_sandbox

Found = dict[tuple[str, str], list[dict[str, str]]]
Doctor = Callable[..., Found]
NOWHERE = "127.0.0.1:1"


def settings(sandbox: Sandbox, salesforce: Mapping[str, Any], zoho: Mapping[str, Any]) -> dict[str, Any]:
    """integration.toml for a sandbox, with what this test has otherwise."""
    org, organization = sandbox.salesforce, sandbox.zoho
    names = ("accounts_url", "api_domain", "organization_id", "client_id", "client_secret", "refresh_token")
    pair = {
        "name": "main",
        "salesforce": {
            **{name: org[name] for name in ("login_url", "client_id", "client_secret", "pubsub_endpoint")},
            "pubsub_tls": org["tls"], "ca_file": org["ca_file"], **salesforce,
        },
        "zoho": {
            **{name: organization[name] for name in names},
            "webhooks": [{"rule": "contact-saved", "secret": "a1b2c3d4e5f6g7h8"}], **zoho,
        },
    }  # fmt: skip
    return {"pairs": [pair]}


def examine(
    sandbox: Sandbox,
    folder: Path,
    *,
    salesforce: Mapping[str, Any] | None = None,
    zoho: Mapping[str, Any] | None = None,
    migrated: bool = True,
    **environment: str,
) -> Found:
    """Everything `doctor` finds, by place and by what was looked at; every trouble comes with advice."""
    file = folder / "integration.toml"
    file.write_text(tomli_w.dumps(settings(sandbox, salesforce or {}, zoho or {})))
    env = {
        "INTEGRATION_CONFIG": str(file), "INTEGRATION_STATE_DIR": str(folder), "DATABASE_URL": "",
        "REDIS_URL": "", "ENCRYPTION_KEYS": "", **environment,
    }  # fmt: skip
    if migrated:
        assert CliRunner().invoke(main, ["migrate"], env=env).exit_code == 0
    done = CliRunner().invoke(main, ["doctor", "--json"], env=env)
    document = json.loads(done.stdout)
    assert done.exit_code == (1 if document["counts"]["fail"] else 0)
    found: Found = {}
    for finding in document["findings"]:
        assert finding["advice"] or finding["level"] == "ok", finding
        found.setdefault((finding["place"], finding["what"]), []).append(finding)
    return found


@pytest.fixture
def doctor(sandbox: Sandbox, tmp_path: Path) -> Doctor:
    """The doctor on a sandbox where nothing is wrong but what the call says."""
    return lambda **otherwise: examine(sandbox, tmp_path, **otherwise)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Two organisations nobody has prepared, with little left of the day."""
    switches = (
        "salesforce_key_fields=false",
        "salesforce_active_fields=false",
        "salesforce_event_entities=Account",
        "salesforce_soft_limit_percent=1000",
    )
    with running_sandbox(
        "--state-dir", str(tmp_path_factory.mktemp("bare")), "--salesforce-daily", "3",
        *(part for switch in switches for part in ("--switch", switch)),
    ) as running:  # fmt: skip
        yield running


def troubles(found: Found) -> dict[tuple[str, str], str]:
    """What fails, with the advice."""
    return {key: f["advice"] for key, findings in found.items() for f in findings if f["level"] == "fail"}


def test_everything_is_looked_at_on_both_sides(doctor: Doctor) -> None:
    found = doctor()
    assert troubles(found) == {}
    looked = {
        "Salesforce": ("reachable", "clock", "token", "organisation", "scopes", "limits",
                       "key field on Account", "key field on Contact",
                       "change events of Account", "change events of Contact"),
        "Zoho Inventory": ("reachable", "clock", "token", "organisation", "scopes", "limits", "key field",
                           "keyed writes", "webhook contact-saved"),
        "Here": ("packages", "database", "encryption key", "broker"),
        "Pair main": ("mapping", "to salesforce", "to zoho", "first load"),
    }  # fmt: skip
    assert set(found) == {(place, what) for place, whats in looked.items() for what in whats}
    assert "calls left today" in found["Zoho Inventory", "limits"][0]["text"]
    assert "API calls left today" in found["Salesforce", "limits"][0]["text"]


def test_the_org_is_always_told_who_asks(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator sees our calls under our name, those of a check too."""
    seen: dict[str, str] = {}
    send = requests.Session.send

    def watching(session: requests.Session, request: requests.PreparedRequest, **named: Any) -> Any:
        if "/services/" in str(request.url):
            seen[str(request.url)] = str(request.headers.get("Sforce-Call-Options"))
        return send(session, request, **named)

    monkeypatch.setattr(requests.Session, "send", watching)
    assert troubles(doctor(salesforce={"client_name": "harbour"})) == {}
    assert any(url.endswith("/services/data/") for url in seen)
    assert set(seen.values()) == {"client=harbour"}


def test_secrets_the_systems_refuse(doctor: Doctor) -> None:
    found = troubles(doctor(salesforce={"client_secret": "wrong"}, zoho={"refresh_token": "wrong"}))
    assert "connected app" in found["Salesforce", "token"]
    assert "Connect Zoho again" in found["Zoho Inventory", "token"]


def test_another_organisation_than_the_token_is_for(doctor: Doctor) -> None:
    assert (
        "organization_id" in troubles(doctor(zoho={"organization_id": "1"}))["Zoho Inventory", "organisation"]
    )


def test_addresses_where_nobody_answers(doctor: Doctor) -> None:
    there = {"login_url": f"https://{NOWHERE}"}, {"accounts_url": f"http://{NOWHERE}"}
    found = troubles(doctor(salesforce=there[0], zoho=there[1]))
    assert f"login_url (https://{NOWHERE})" in found["Salesforce", "reachable"]
    assert NOWHERE in found["Zoho Inventory", "reachable"]


def test_an_event_bus_that_cannot_be_reached_is_not_blamed_on_the_org(doctor: Doctor) -> None:
    found = troubles(doctor(salesforce={"pubsub_endpoint": NOWHERE}))
    assert "pubsub_endpoint" in found["Salesforce", "change events of Account"]


@pytest.mark.parametrize("secret", ["short", "with-a-dash-in-it", "a" * 51])
def test_a_webhook_secret_zoho_does_not_take(doctor: Doctor, secret: str) -> None:
    found = troubles(doctor(zoho={"webhooks": [{"rule": "contact-saved", "secret": secret}]}))
    assert list(found) == [("Zoho Inventory", "webhook contact-saved")]


def test_organisations_nobody_has_prepared(bare: Sandbox, tmp_path: Path) -> None:
    found = examine(bare, tmp_path, zoho={"daily": 3})
    failing = troubles(found)
    assert "Zoho_Id__c" in failing["Salesforce", "key field on Account"]
    assert "Zoho_Id__c" in failing["Salesforce", "key field on Contact"]
    assert "Change Data Capture" in failing["Salesforce", "change events of Contact"]
    assert ("Salesforce", "change events of Account") not in failing
    skipped = {f["text"]: f["advice"] for f in found["Pair main", "mapping"]}
    assert (
        "Make the field Is_Active__c"
        in skipped["salesforce_account/is_active is skipped: there is no field Is_Active__c"]
    )
    currency = skipped["salesforce_account/currency is skipped: there is no field CurrencyIsoCode"]
    assert "Make" not in currency
    for place in ("Salesforce", "Zoho Inventory"):
        assert "warn" in {f["level"] for f in found[place, "limits"]}, found[place, "limits"]


@pytest.mark.parametrize("database", ["", f"postgresql://nobody@{NOWHERE}/nothing"])
def test_without_a_database_both_systems_are_looked_at_all_the_same(doctor: Doctor, database: str) -> None:
    found = doctor(migrated=False, DATABASE_URL=database)
    assert ("Here", "database") in troubles(found)
    assert found["Salesforce", "token"][0]["level"] == found["Zoho Inventory", "token"][0]["level"] == "ok"
    assert ("Pair main", "mapping") in found
    assert ("Pair main", "first load") not in found


def test_a_broker_that_drops_keys(doctor: Doctor, valkey_server: EmbeddedValkey) -> None:
    client = redis.Redis.from_url(valkey_server.address.url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = troubles(doctor(REDIS_URL=valkey_server.address.url))
    finally:
        client.config_set("maxmemory-policy", "noeviction")
        client.close()
    assert "noeviction" in found["Here", "broker"]


def test_a_broker_that_is_away(doctor: Doctor) -> None:
    assert "REDIS_URL" in troubles(doctor(REDIS_URL=f"redis://{NOWHERE}/0"))["Here", "broker"]


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.OK), (30, Level.WARN), (-30, Level.WARN), (600, Level.FAIL)]
)
def test_a_clock_that_is_off(seconds: int, level: Level) -> None:
    found = clock_skew(Ward("Salesforce"), {"Date": formatdate(time() + seconds, usegmt=True)})
    assert found.level is level
    assert found.advice or level is Level.OK
