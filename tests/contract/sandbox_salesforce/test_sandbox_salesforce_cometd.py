"""The Streaming API as a plain long-polling client meets it: what is answered, held and forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.sandbox_salesforce.faye import Faye, edit, happen
from tests.contract.sandbox_salesforce.pubsub_client import (
    ACCOUNTS,
    CONTACTS,
    EVERYTHING,
    Bus,
    all_events,
    tell,
)
from tests.contract.sandbox_salesforce.running_org import Running

# -- answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "tail"), [("Bearer", False), ("OAuth", True)])
def test_a_whole_conversation(org: Running, scheme: str, tail: bool) -> None:
    client = Faye(org, scheme=scheme, tail=tail)
    shaken = client.handshake(ext={"replay": True})
    assert shaken == {
        "ext": {"replay": True, "payload.format": True},
        "minimumVersion": "1.0",
        "clientId": client.id,
        "supportedConnectionTypes": ["long-polling"],
        "channel": "/meta/handshake",
        "id": "1",
        "version": "1.0",
        "successful": True,
    }
    assert client.http.cookies["BAYEUX_BROWSER"]
    assert client.connect() == (
        [],
        {
            "clientId": client.id,
            "advice": {"interval": 0, "reconnect": "retry", "timeout": 110_000},
            "channel": "/meta/connect",
            "id": "2",
            "successful": True,
        },
    )
    assert client.subscribe(ACCOUNTS, -1) == {
        "clientId": client.id,
        "channel": "/meta/subscribe",
        "id": "3",
        "subscription": ACCOUNTS,
        "successful": True,
    }
    record_id = edit(org, "Account", Name="A")["Id"]
    (event,), answer = client.connect()
    assert answer == {"clientId": client.id, "channel": "/meta/connect", "id": "4", "successful": True}
    assert (set(event), event["channel"]) == ({"data", "channel"}, ACCOUNTS)
    assert set(event["data"]) == {"schema", "payload", "event"}
    assert event["data"]["payload"]["ChangeEventHeader"]["recordIds"] == [record_id]
    (gone,) = client.send("/meta/unsubscribe", subscription=ACCOUNTS)
    assert (gone["successful"], gone["subscription"]) == (True, ACCOUNTS)
    edit(org, "Account", Name="B")
    assert client.connect(advice={"timeout": 0})[0] == []
    (left,) = client.send("/meta/disconnect")
    assert left["successful"]
    assert client.connect()[1]["error"] == "403::Unknown client"


def test_a_connect_is_held_until_an_event(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.connect)
        while not org.do(lambda: org.org.log.listeners):
            assert not waiting.done()
        edit(org, "Account", Name="awaited")
        (event,), answer = waiting.result(10)
    assert event["data"]["payload"]["Name"] == "awaited"
    assert answer["successful"]


def test_a_held_connect_ends_when_its_time_is_over(start: Callable[..., Running]) -> None:
    org = start(cometd_hold_seconds=0.2)
    client = Faye(org)
    client.handshake()
    assert client.connect()[1]["advice"]["timeout"] == 200
    began = time.monotonic()
    assert client.connect()[0] == []
    assert time.monotonic() - began >= 0.2


def test_a_newer_connect_ends_the_older(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    with ThreadPoolExecutor(1) as pool:
        older = pool.submit(client.connect)
        while not org.do(lambda: org.org.log.listeners):
            assert not older.done()
        second = Faye(org)
        second.id, second.http.cookies = client.id, client.http.cookies
        second.connect(advice={"timeout": 0})
        assert older.result(10)[0] == []


def test_several_clients_of_one_browser_are_advised_to_wait(org: Running) -> None:
    first, second = Faye(org), Faye(org)
    first.handshake()
    second.http.cookies = first.http.cookies
    second.handshake()
    assert second.connect()[1]["advice"] == {
        "interval": 2000, "multiple-clients": True, "reconnect": "retry", "timeout": 110_000,
    }  # fmt: skip


# -- events -----------------------------------------------------------------------------------------


def test_payloads_are_sparse_and_dates_are_text(org: Running) -> None:
    created = edit(org, "Contact", FirstName="Ada", LastName="B", Birthdate="2022-05-31", DoNotCall=True)
    edit(org, "Contact", created["Id"], FirstName=None, LastName="C", Phone="1", Birthdate=None)
    org.do(lambda: org.org.delete("Contact", created["Id"]))
    events, _ = Faye(org).ready(CONTACTS, -2).connect()
    made, changed, gone = (event["data"]["payload"] for event in events)
    header = made.pop("ChangeEventHeader")
    assert not {"nulledFields", "diffFields", "changedFields"} & set(header)
    assert header["changeOrigin"] == "com/salesforce/api/soap/61.0;client=SfdcInternalAPI/"
    assert None not in made.values()
    assert (made["Name"], made["Birthdate"], made["DoNotCall"]) == (
        {"FirstName": "Ada", "LastName": "B"}, "2022-05-31", True,
    )  # fmt: skip
    assert made["CreatedDate"].endswith(".000Z")
    assert "Phone" not in made
    assert changed.pop("ChangeEventHeader")["changeType"] == "UPDATE"
    assert changed.pop("LastModifiedDate").endswith(".000Z")
    assert changed == {"Name": {"FirstName": None, "LastName": "C"}, "Phone": "1", "Birthdate": None}
    assert set(gone) == {"ChangeEventHeader"}


def test_both_transports_tell_of_one_log(org: Running) -> None:
    for name in "AB":
        edit(org, "Account", Name=name)
    (first, second), _ = Faye(org).ready(ACCOUNTS, -2).connect()
    told = all_events(org, 2, ACCOUNTS)
    assert [event["data"]["event"]["replayId"] for event in (first, second)] == [e.position for e in told]
    assert {event["data"]["schema"] for event in (first, second)} == {
        org.do(lambda: org.org.log.events)[0].schema_id
    }
    (later,), _ = Faye(org).ready(ACCOUNTS, told[0].position).connect()
    assert later["data"] == second["data"]


def test_long_text_is_a_diff_object(org: Running) -> None:
    lines = [f"line {number} with some words to make it long enough" for number in range(40)]
    record_id = edit(org, "Account", Name="A", Description="\n".join(lines))["Id"]
    edit(org, "Account", record_id, Description="\n".join([*lines[:7], "changed", *lines[8:]]))
    (_, diffed), _ = Faye(org).ready(ACCOUNTS, -2).connect()
    described = diffed["data"]["payload"]["Description"]
    assert set(described) == {"diff"}
    assert described["diff"].startswith("--- \n+++ ")


def test_changed_fields_may_be_told_by_name(start: Callable[..., Running]) -> None:
    org = start(cometd_changed_fields=True)
    record_id = edit(org, "Account", Name="A")["Id"]
    edit(org, "Account", record_id, Industry="Banking", BillingCity="Leeds")
    (_, event), _ = Faye(org).ready(ACCOUNTS, -2).connect()
    header = event["data"]["payload"]["ChangeEventHeader"]
    assert header["changedFields"] == ["BillingAddress.City", "Industry", "LastModifiedDate"]


def test_gaps_and_wildcards_are_headers_alone(org: Running) -> None:
    happen(org, kind="gap", object="Account", ids=["001000000000001AAA"])
    happen(org, kind="wildcard", object="Account")
    happen(org, kind="undecodable", object="Account")
    happen(org, kind="overflow", object="Account")
    events, _ = Faye(org).ready(ACCOUNTS, -2).connect()
    payloads = [event["data"]["payload"] for event in events]
    assert all(set(payload) == {"ChangeEventHeader"} for payload in payloads)
    kinds = [payload["ChangeEventHeader"]["changeType"] for payload in payloads]
    assert kinds == ["GAP_UPDATE", "UPDATE", "GAP_OVERFLOW"]


def test_an_event_comes_once_for_each_channel_and_counts_so(start: Callable[..., Running]) -> None:
    org = start(daily_delivered_events=3)
    client = Faye(org).ready(ACCOUNTS)
    client.subscribe(EVERYTHING)
    edit(org, "Account", Name="A")
    events, _ = client.connect()
    assert sorted(event["channel"] for event in events) == sorted((ACCOUNTS, EVERYTHING))

    async def story(bus: Bus) -> None:
        await (await bus.open(ACCOUNTS, 1, replay_preset=1)).events(1)

    tell(org, story)
    edit(org, "Account", Name="B")
    events, answer = client.connect()
    assert (events, answer["successful"]) == ([], False)
    assert answer["error"] == "403::Organization total events daily limit exceeded"
    refused = client.subscribe(CONTACTS)
    assert refused["error"] == "403::Organization total events daily limit exceeded"
    org.clock.step(hours=25)
    client = Faye(org).ready(ACCOUNTS, -2)
    assert len(client.connect()[0]) == 2


def test_late_events_come_to_a_held_connect(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    happen(org, kind="chaos", late=1.0, late_seconds=[0.2, 0.2])
    edit(org, "Account", Name="late")
    (event,), _ = client.connect()
    assert event["data"]["payload"]["Name"] == "late"


# -- what is forgotten ------------------------------------------------------------------------------


def test_whoever_stays_away_for_too_long_is_unknown(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    org.clock.step(seconds=39)
    assert client.connect(advice={"timeout": 0})[1]["successful"]
    org.clock.step(seconds=41)
    _, answer = client.connect()
    assert (answer["error"], answer["advice"]) == (
        "403::Unknown client", {"interval": 0, "reconnect": "handshake"},
    )  # fmt: skip
    assert answer["successful"] is False


def test_the_servers_may_lose_their_clients(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(client.connect)
        while not org.do(lambda: org.org.log.listeners):
            assert not held.done()
        assert happen(org, kind="cometd_forget") == {"clients": 1}
        assert held.result(10)[1]["error"] == "403::Unknown client"
    assert client.subscribe(CONTACTS)["error"] == "403::Unknown client"


def test_a_client_may_be_lost_by_chance_after_a_delivery(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    happen(org, kind="chaos", cut=1.0)
    edit(org, "Account", Name="A")
    assert len(client.connect()[0]) == 1
    assert client.connect()[1]["error"] == "403::Unknown client"


def test_a_token_that_dies_ends_a_held_connect(org: Running) -> None:
    client = Faye(org).ready(ACCOUNTS)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(client.connect)
        while not org.do(lambda: org.org.log.listeners):
            assert not held.done()
        happen(org, kind="revoke_tokens")
        _, answer = held.result(10)
    assert (answer["error"], answer["advice"]) == (
        "401::Authentication invalid", {"reconnect": "none", "interval": 0},
    )  # fmt: skip
    assert client.handshake() == {
        "ext": {"sfdc": {"failureReason": "401::Authentication invalid"}, "replay": True},
        "advice": {"reconnect": "none"},
        "channel": "/meta/handshake",
        "error": "403::Handshake denied",
        "successful": False,
    }
