"""The whole state by name and as one document, and the log of calls."""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from integration.sandbox.admin import Desk
from integration.sandbox.app import Sandbox, main
from integration.sandbox.arguments import parse_arguments
from integration.sandbox.call_log import RING_SIZE, CallLog, Wanted, masked, masked_query
from integration.sandbox.kept_state import KeptState
from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from tests.contract.sandbox_zoho.running import Running


def records(running: Running, what: str) -> list[dict[str, Any]]:
    return list(running.admin("GET", f"/records/{what}").json()["records"])


def accounts(pair: Running) -> list[str]:
    return [row["Name"] for row in records(pair, "salesforce/Account")]


def make(pair: Running, name: str) -> None:
    pair.edit("contact", {"contact_name": name})
    assert pair.admin("POST", "/edit/salesforce/Account", {"fields": {"Name": name}}).status_code == 200


def test_a_state_by_name_comes_back_with_its_clock_and_its_limits(pair: Running) -> None:
    make(pair, "First")
    pair.admin("POST", "/clock", {"zoho_seconds": -30})
    pair.admin("POST", "/limits", {"zoho": {"day_left": 77}, "salesforce": {"day_left": 50}})
    saved = pair.admin("POST", "/state/save", {"name": "first"})
    assert saved.status_code == 201
    assert Path(saved.json()["file"]).parent.name == "states"
    make(pair, "Second")
    pair.admin("POST", "/reset")
    assert pair.admin("POST", "/state/load", {"name": "first"}).status_code == 200
    assert (pair.names(), accounts(pair)) == (["First"], ["First"])
    assert pair.admin("GET", "/clock").json()["zoho_seconds"] == -30
    left = pair.admin("GET", "/limits").json()
    assert (left["zoho"]["day_left"], left["salesforce"]["day_left"]) == (76, 50)
    assert "first" in pair.admin("GET", "/state/saved").json()["states"]


def test_a_state_goes_down_and_up_and_a_part_of_it_alone(pair: Running) -> None:
    make(pair, "First")
    document = pair.admin("GET", "/state").json()
    assert document["version"] == 1
    pair.admin("POST", "/reset")
    make(pair, "Other")
    part = {"version": 1, "zoho": document["zoho"]}
    assert pair.admin("PUT", "/state", part).status_code == 200
    assert (pair.names(), accounts(pair)) == (["First"], ["Other"])
    assert pair.admin("PUT", "/state", document).status_code == 200
    assert (pair.names(), accounts(pair)) == (["First"], ["First"])


def test_loading_a_state_cuts_the_streams_that_are_open(pair: Running) -> None:
    about = pair.about["salesforce"]
    form = {"grant_type": "client_credentials", **{k: about[k] for k in ("client_id", "client_secret")}}
    token = pair.http.post(f"{about['login_url']}/services/oauth2/token", data=form, timeout=10).json()
    metadata = (
        ("accesstoken", token["access_token"]), ("instanceurl", about["instance_url"]),
        ("tenantid", about["org_id"]),
    )  # fmt: skip
    pair.admin("POST", "/state/save", {"name": "streamed"})
    pair.admin("POST", "/edit/salesforce/Account", {"fields": {"Name": "Told"}})
    demand: queue.Queue[Any] = queue.Queue()
    demand.put(
        pb.FetchRequest(topic_name="/data/AccountChangeEvent", num_requested=5, replay_preset=pb.EARLIEST)
    )
    with grpc.insecure_channel(about["pubsub_endpoint"]) as channel:
        subscribe = channel.stream_stream(
            "/eventbus.v1.PubSub/Subscribe",
            request_serializer=pb.FetchRequest.SerializeToString,
            response_deserializer=pb.FetchResponse.FromString,
        )
        stream = subscribe(iter(demand.get, None), metadata=metadata, timeout=10)
        assert next(stream).events
        assert pair.admin("POST", "/state/load", {"name": "streamed"}).status_code == 200
        with pytest.raises(grpc.RpcError) as raised:
            next(stream)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        demand.put(None)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"version": 2, "zoho": {}}, "version 2"),
        ({}, "none of zoho, salesforce"),
        ({"zoho": {"last_id": 5}}, "does not fit"),
        ({"salesforce": {"ids": 1}}, "does not fit"),
        ({"zoho": "all of it"}, "does not fit"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    pair: Running, document: dict[str, Any], told: str
) -> None:
    make(pair, "First")
    answer = pair.admin("PUT", "/state", document)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert (pair.names(), accounts(pair)) == (["First"], ["First"])


@pytest.mark.parametrize("name", ["../outside", "", ".hidden", "a/b", "x" * 65])
def test_names_stay_inside_their_folder(pair: Running, name: str) -> None:
    for call in ("save", "load"):
        assert pair.admin("POST", f"/state/{call}", {"name": name}).status_code == 400


def test_an_unknown_name_lists_those_there_are(pair: Running) -> None:
    pair.admin("POST", "/state/save", {"name": "known"})
    answer = pair.admin("POST", "/state/load", {"name": "unknown"})
    assert answer.status_code == 400
    assert "'known'" in answer.json()["error"]


def test_a_kept_file_that_is_none_ends_the_start_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sandbox.json").write_text('{"zoho": ')
    assert main(["--no-salesforce", "--state-dir", str(tmp_path)]) == 2
    assert f"sandbox: {tmp_path / 'sandbox.json'} is no state" in capsys.readouterr().err
    assert (tmp_path / "sandbox.json").read_text() == '{"zoho": '


def test_a_restart_without_a_system_loses_nothing_of_it(tmp_path: Path) -> None:
    def run(work: Callable[[Desk, KeptState], None], *more: str) -> None:
        async def once() -> None:
            begun = Sandbox(parse_arguments(("--state-dir", str(tmp_path), "--no-tls", *more)), tmp_path)
            await begun.start()
            assert begun.desk.kept is not None
            work(begun.desk, begun.desk.kept)
            await begun.close()

        asyncio.run(once())

    def fill(desk: Desk, kept: KeptState) -> None:
        desk.zoho.edit("contact", None, {"contact_name": "Acme"})
        desk.org().edit("Account", None, {"Name": "Acme"})
        kept.save("kept")

    def empty_and_restore(desk: Desk, kept: KeptState) -> None:
        desk.reset()
        assert desk.zoho.records("contact") == []
        kept.restore("kept")
        assert [row["contact_name"] for row in desk.zoho.records("contact")] == ["Acme"]

    run(fill)
    run(empty_and_restore, "--no-salesforce")
    for name in ("sandbox.json", "states/kept.json"):
        kept = json.loads((tmp_path / name).read_bytes())
        assert '"Acme"' in json.dumps(kept["salesforce"]["records"]["Account"])


# -- the log of calls ---------------------------------------------------------------------------


def test_calls_are_filtered(pair: Running) -> None:
    made = pair.customer("Acme")["contact_id"]
    pair.call("GET", f"/contacts/{made}")
    pair.call("GET", "/contacts/1")
    pair.call("GET", "/nothing")

    def paths(query: str) -> list[str]:
        calls = pair.admin("GET", f"/calls?{query}").json()["calls"]
        return [call["path"].removeprefix("/inventory/v1") for call in calls]

    assert paths("status=404") == ["/contacts/1", "/nothing"]
    assert paths("status=4xx&path=/inventory/v1/contacts") == ["/contacts/1"]
    assert paths("method=GET&path=/inventory/*/contacts/*&status=200") == [f"/contacts/{made}"]
    assert paths("system=salesforce") == []
    assert pair.admin("GET", "/calls?colour=red").status_code == 400


def test_counts_tell_times_by_endpoint(pair: Running) -> None:
    for name in ("A", "B"):
        made = pair.customer(name)["contact_id"]
        pair.get(f"/contacts/{made}")
    counts = pair.admin("GET", "/calls/counts").json()["zoho"]
    assert counts["endpoints"]["GET /inventory/v1/contacts/{id}"] == 2
    times = counts["milliseconds"]["GET /inventory/v1/contacts/{id}"]
    assert 0 < times["p50"] <= times["p99"] <= times["most"] < 5000


def test_no_secret_gets_into_the_log(pair: Running) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": pair.zoho["refresh_token"]}
    pair.http.post(f"{pair.zoho['accounts_url']}/oauth/v2/token", params={**form, "client_secret": "s3cret"})
    token = pair.refresh().json()["access_token"]
    pair.call("GET", f"/contacts/{token}", token=token, search_text=token, Authtoken="hidden-one")
    logged = pair.admin("GET", "/calls").text
    assert len(pair.admin("GET", "/calls").json()["calls"]) == 3
    for secret in (token, "s3cret", "hidden-one", pair.zoho["refresh_token"], pair.zoho["client_secret"]):
        assert secret not in logged


def test_tokens_of_both_systems_are_known_by_their_looks() -> None:
    salesforce = "00D000000000001!AQ8AQDxkPq1mZ0u9RkqXo3yQ"
    assert masked(f"/a/{salesforce}/b") == "/a/***/b"
    assert masked_query(f"q=1&x={salesforce}&TOKEN=a&Code=5") == "q=1&x=***&TOKEN=***&Code=***"
    assert masked_query("q=SELECT+Id+FROM+Account&page=2") == "q=SELECT+Id+FROM+Account&page=2"


def test_the_ring_holds_ten_thousand_and_counts_all() -> None:
    log = CallLog()
    for number in range(RING_SIZE + 5):
        log.add(
            system="zoho", method="GET", path=f"/x/p{number}", query="", status=200 + number % 2,
            code=None, ms=number,
        )  # fmt: skip
    assert len(log.since(0, 20_000)) == RING_SIZE
    assert log.since(0, 1)[0]["n"] == 6
    assert [call["n"] for call in log.since(RING_SIZE + 3, 9)] == [RING_SIZE + 4, RING_SIZE + 5]
    assert len(log.since(0, 20_000, Wanted(status="201"))) == RING_SIZE // 2
    counts = log.counts()["zoho"]
    assert counts["total"] == sum(counts["endpoints"].values()) == RING_SIZE + 5
    assert len(counts["endpoints"]) == 1001
    assert counts["milliseconds"]["(other)"] == {"p50": 9505, "p99": 9995, "most": 10_004}
    log.clear()
    assert (log.since(0, 5), log.counts(), log.last) == ([], {}, RING_SIZE + 5)
