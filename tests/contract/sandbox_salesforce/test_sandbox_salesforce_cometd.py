"""The Streaming API as a plain long-polling client meets it: what is answered, held, forgotten and refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from integration.sandbox.faults import parse_fault
from tests.contract.sandbox_salesforce.pubsub_client import (
    ACCOUNTS,
    CONTACTS,
    EVERYTHING,
    Bus,
    all_events,
    tell,
)
from tests.contract.sandbox_salesforce.running_org import Running

Json = dict[str, Any]


class Faye:
    """A client with a cookie jar that knows four kinds of message."""

    def __init__(self, org: Running, *, scheme: str = "Bearer", tail: bool = False) -> None:
        self.org, self.tail = org, tail
        self.http = org.session()
        self.http.headers["Authorization"] = f"{scheme} {org.token()}"
        self.url = f"{org.url}/cometd/61.0"
        self.id: str | None = None
        self._number = 0

    def post(self, body: Any, path: str = "") -> requests.Response:
        return self.http.post(self.url + path, json=body, timeout=20)

    def send(self, channel: str, **more: Any) -> list[Json]:
        self._number += 1
        message = {"channel": channel, "id": str(self._number), **({"clientId": self.id} if self.id else {})}
        path = "/" + channel.rpartition("/")[2] if self.tail else ""
        answer = self.post([{**message, **more}], path)
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def handshake(self, **more: Any) -> Json:
        asked = {
            "version": "1.0", "minimumVersion": "1.0", "supportedConnectionTypes": ["long-polling"], **more,
        }  # fmt: skip
        (answer,) = self.send("/meta/handshake", **asked)
        self.id = answer.get("clientId")
        return answer

    def connect(self, **more: Any) -> tuple[list[Json], Json]:
        *events, answer = self.send("/meta/connect", connectionType="long-polling", **more)
        assert answer["channel"] == "/meta/connect"
        return events, answer

    def subscribe(self, channel: str, replay: Any = None) -> Json:
        ext = {} if replay is None else {"ext": {"replay": {channel: replay}}}
        (answer,) = self.send("/meta/subscribe", subscription=channel, **ext)
        return answer

    def ready(self, channel: str, replay: Any = None) -> Faye:
        """Shaken hands, connected once and subscribed."""
        assert self.handshake()["successful"]
        self.connect()
        assert self.subscribe(channel, replay)["successful"]
        return self


def edit(org: Running, entity: str, record_id: str | None = None, **fields: Any) -> Json:
    return org.do(lambda: org.org.edit(entity, record_id, fields))


def happen(org: Running, **instruction: Any) -> Json:
    return org.do(lambda: org.incidents.happen(instruction))


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


# -- what is refused --------------------------------------------------------------------------------


def test_cookies_are_mandatory(org: Running) -> None:
    client = Faye(org)
    client.handshake()
    client.http.cookies.clear()
    expected = f"400::Client {client.id} has established a session, but no BAYEUX_BROWSER cookie present"
    assert client.connect()[1]["error"] == expected
    client.http.cookies["BAYEUX_BROWSER"] = "another"
    assert client.connect()[1]["error"] == "403::Unknown client"


def test_handshakes_come_first_and_need_a_token(org: Running) -> None:
    client = Faye(org)
    assert client.connect()[1]["error"] == "403::Client has not completed handshake"
    del client.http.headers["Authorization"]
    answer = client.handshake()
    assert answer["ext"]["sfdc"]["failureReason"] == "401::Request requires authentication"
    assert answer["error"] == "403::Handshake denied"
    assert client.connect()[1]["error"] == "401::Request requires authentication"


def test_a_session_belongs_to_its_user(org: Running) -> None:
    client = Faye(org)
    client.handshake()
    secret = org.options.password + org.options.security_token
    other = org.do(lambda: org.org.sessions.login(org.options.person_username, secret)).token
    client.http.headers["Authorization"] = f"Bearer {other}"
    expected = "400::Authenticated user id does not match the session's user id"
    assert client.connect()[1]["error"] == expected


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("", "400::Channel name not specified"),
        ("data/AccountChangeEvent", "400::Channel subscriptions must start with a leading '/'"),
        ("/meta/connect", "403::Restricted channel"),
        (
            "/data/UserChangeEvent",
            "400::The channel you requested to subscribe to doesn't exist {/data/UserChangeEvent}",
        ),
    ],
)
def test_refused_channels(org: Running, channel: str, error: str) -> None:
    client = Faye(org)
    client.handshake()
    assert client.subscribe(channel)["error"] == error


@pytest.mark.parametrize("replay", [82, -3, 2**60, "7"])
def test_refused_replay_ids(org: Running, replay: Any) -> None:
    client = Faye(org)
    client.handshake()
    answer = client.subscribe(ACCOUNTS, replay)
    assert (answer["successful"], answer["subscription"]) == (False, ACCOUNTS)
    assert answer["error"] == (
        f"400::The replayId {{{replay}}} you provided was invalid.  Please provide a valid ID, -2 to replay all"
        " events, or -1 to replay only new events."
    )


def test_replay_ids_age_out(org: Running) -> None:
    edit(org, "Account", Name="A")
    old = org.do(lambda: org.org.log.events)[0].position
    happen(org, kind="age_out")
    client = Faye(org)
    client.handshake()
    assert client.subscribe(ACCOUNTS, old)["error"].startswith(f"400::The replayId {{{old}}} you provided")


def test_only_long_polling(org: Running) -> None:
    client = Faye(org)
    answer = client.handshake(supportedConnectionTypes=["websocket"])
    assert answer["ext"]["sfdc"]["failureReason"] == "400::Invalid connection type {websocket}"
    client.handshake()
    (refused,) = client.send("/meta/connect", connectionType="callback-polling")
    assert refused["error"] == "400::Invalid connection type {callback-polling}"
    (published,) = client.send(ACCOUNTS, data={})
    assert published["error"] == "403::Restricted channel"


def test_subscribing_needs_view_all(org: Running) -> None:
    happen(org, kind="view_all", object="Account", allowed=False)
    client = Faye(org)
    client.handshake()
    expected = "403::User not allowed to subscribe CDC without View All Data permissions"
    assert client.subscribe(ACCOUNTS)["error"] == expected


def test_too_many_clients(start: Callable[..., Running]) -> None:
    org = start(cometd_clients_at_most=1, cometd_unauthorised_status=401)
    Faye(org).handshake()
    second = Faye(org)
    reason = second.handshake()["ext"]["sfdc"]["failureReason"]
    assert reason == "403::Organization concurrent user limit exceeded"
    org.clock.step(seconds=41)
    assert second.handshake()["successful"]
    del second.http.headers["Authorization"]
    answer = second.post([{"channel": "/meta/handshake"}])
    assert (answer.status_code, answer.json()[0]["error"]) == (401, "403::Handshake denied")


def test_a_busy_server_says_so_beside_another_error(org: Running) -> None:
    reason = "503::Server is too busy. Please try your request again later."
    client = Faye(org)
    happen(org, kind="cometd_error", error="403::Handshake denied", reason=reason, channel="/meta/handshake")
    assert client.handshake()["ext"]["sfdc"]["failureReason"] == reason
    client.handshake()
    happen(org, kind="cometd_error", error="403::Unknown client", reason=reason, channel="/meta/connect")
    _, answer = client.connect()
    assert (answer["error"], answer["ext"]["sfdc"]["failureReason"]) == ("403::Unknown client", reason)
    for error in (
        "403::User not enabled for streaming",
        "403::Subscription limit exceeded for this topic",
        "403::Cannot create channel {/x}",
    ):
        happen(org, kind="cometd_error", error=error, channel="/meta/subscribe")
        assert client.subscribe(ACCOUNTS)["error"] == error
    assert client.subscribe(ACCOUNTS)["successful"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/cometd", "400::API version in the URI is mandatory. URI format: '/cometd/61.0'"),
        ("/cometd/36.0", "400::Unsupported API version."),
        ("/cometd/abc", "400::Unsupported API version."),
    ],
)
def test_the_version_stands_in_the_path(org: Running, path: str, text: str) -> None:
    client = Faye(org)
    client.url = org.url + path
    answer = client.post([{"channel": "/meta/handshake"}])
    assert answer.status_code == 400
    assert answer.text.startswith(text)


def test_requests_have_a_size_and_a_shape(org: Running) -> None:
    client = Faye(org)
    answer = client.post([{"channel": "/meta/handshake", "ext": "x" * 32_768}])
    assert (answer.status_code, answer.text) == (413, "413::Maximum Request Size Exceeded")
    for nonsense in ("text", [1], []):
        assert client.post(nonsense).status_code == 400
    single = client.post({"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    assert single.json()[0]["successful"]


def test_faults_reach_the_streaming_endpoint(org: Running) -> None:
    client = Faye(org)
    org.faults.add(parse_fault({"system": "salesforce", "path_prefix": "/cometd/", "kind": "html"}))
    answer = client.post([{"channel": "/meta/handshake"}])
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (503, "text/html")
