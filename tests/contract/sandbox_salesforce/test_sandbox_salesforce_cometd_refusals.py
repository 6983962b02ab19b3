"""What the Streaming API refuses: clients, channels, positions and requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.sandbox.faults import parse_fault
from tests.contract.sandbox_salesforce.faye import Faye, edit, happen
from tests.contract.sandbox_salesforce.pubsub_client import ACCOUNTS
from tests.contract.sandbox_salesforce.running_org import Running


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
