"""The event bus: demand, positions, keepalives, and every way a call is refused or ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import grpc
import grpc.aio
import pytest

from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from tests.contract.sandbox_salesforce.pubsub_client import (
    ACCOUNTS,
    CODE,
    CONTACTS,
    EVERYTHING,
    Bus,
    Call,
    make,
    new_token,
    tell,
)
from tests.contract.sandbox_salesforce.running_org import Running


async def pending(call: Call) -> int:
    return int(call.responses[-1].pending_num_requested)


def test_demand_is_accounted_and_responses_are_split(start: Callable[..., Running]) -> None:
    org = start(events_per_response=4)

    async def story(bus: Bus) -> None:
        make(org, 20)
        call = await bus.open(ACCOUNTS, 10, replay_preset=pb.EARLIEST)
        first = await call.events(10)
        assert [len(response.events) for response in call.responses] == [4, 4, 2]
        assert [response.pending_num_requested for response in call.responses] == [6, 2, 0]
        assert [event.body["Name"] for event in first] == [str(n) for n in range(10)]
        await call.ask(3)
        await call.ask(4)
        second = await call.events(7)
        assert [event.body["Name"] for event in second] == [str(n) for n in range(10, 17)]
        positions = [event.position for event in [*first, *second]]
        assert positions == sorted(set(positions))
        assert {b - a for a, b in pairwise(positions)} > {1}

    tell(org, story)


def test_demand_beyond_a_hundred_is_a_hundred(org: Running) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, 5000, replay_preset=pb.EARLIEST)
        await call.ask(5000)
        make(org, 1)
        await call.events(1)
        assert await pending(call) == 99

    tell(org, story)


def test_starting_points(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 3)
        latest = await bus.open(ACCOUNTS)
        whole = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        events = await whole.events(3)
        middle = (events[1].position).to_bytes(8, "big")
        after = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=middle)
        assert [event.position for event in await after.events(1)] == [events[2].position]
        org.org.edit("Account", None, {"Name": "new"})
        assert (await latest.events(1))[0].body["Name"] == "new"
        assert (await after.events(1))[0].body["Name"] == "new"

    tell(org, story)


def test_topics_carry_their_objects(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 1)
        make(org, 1, "Contact")
        calls = [
            await bus.open(topic, replay_preset=pb.EARLIEST) for topic in (ACCOUNTS, CONTACTS, EVERYTHING)
        ]
        accounts, contacts, both = [await call.events(n) for call, n in zip(calls, (1, 1, 2), strict=True)]
        assert [event.header["entityName"] for event in both] == ["Account", "Contact"]
        assert both[0].position == accounts[0].position
        assert both[1].position == contacts[0].position

    tell(org, story)


def test_a_keepalive_is_empty_and_a_newer_place_to_resume(start: Callable[..., Running]) -> None:
    org = start(keepalive_seconds=0.1)

    async def story(bus: Bus) -> None:
        make(org, 1)
        call = await bus.open(ACCOUNTS, 5, replay_preset=pb.EARLIEST)
        (event,) = await call.events(1)
        quiet = await call.next()
        assert not quiet.events
        assert quiet.pending_num_requested == 4
        assert int.from_bytes(quiet.latest_replay_id, "big") >= event.position
        again = await call.next()
        assert again.latest_replay_id > quiet.latest_replay_id
        resumed = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=again.latest_replay_id)
        org.org.edit("Account", None, {"Name": "after"})
        (found,) = await resumed.events(1)
        assert found.body["Name"] == "after"

    tell(org, story)


def test_a_stream_without_demand_is_closed(start: Callable[..., Running]) -> None:
    org = start(idle_close_seconds=0.1)

    async def story(bus: Bus) -> None:
        make(org, 1)
        call = await bus.open(ACCOUNTS, 1, replay_preset=pb.EARLIEST)
        await call.events(1)
        assert await call.failure() == (grpc.StatusCode.OK, None, "")
        assert len(org.org.streams) == 0

    tell(org, story)


def test_the_idle_close_may_be_an_error(start: Callable[..., Running]) -> None:
    org = start(idle_close_seconds=0.1, idle_close_status="CANCELLED")

    async def story(bus: Bus) -> None:
        make(org, 1)
        call = await bus.open(ACCOUNTS, 1, replay_preset=pb.EARLIEST)
        status, code, _ = await call.failure()
        assert (status, code) == (grpc.StatusCode.CANCELLED, None)

    tell(org, story)


@pytest.mark.parametrize(
    ("first", "status", "suffix"),
    [
        ({"topic_name": ""}, "INVALID_ARGUMENT", "topic.validation.empty"),
        ({"topic_name": "/data/accountChangeEvent"}, "NOT_FOUND", "topic.not.found"),
        ({"topic_name": "/data/UserChangeEvent"}, "NOT_FOUND", "topic.not.found"),
        ({"num_requested": 0}, "INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid"),
        ({"num_requested": -1}, "INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid"),
        ({"replay_preset": 2}, "INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed"),
        (
            {"replay_preset": 2, "replay_id": b"\x00\x01"},
            "INVALID_ARGUMENT",
            "subscription.fetch.replayid.corrupted",
        ),
        (
            {"replay_preset": 2, "replay_id": (2**60).to_bytes(8, "big")},
            "INVALID_ARGUMENT",
            "subscription.fetch.replayid.corrupted",
        ),
    ],
)
def test_refused_first_requests(org: Running, first: dict[str, Any], status: str, suffix: str) -> None:
    async def story(bus: Bus) -> None:
        call = bus.subscribe()
        await call.stream.write(pb.FetchRequest(**{"topic_name": ACCOUNTS, "num_requested": 5, **first}))
        found, code, message = await call.failure()
        assert (found.name, code) == (status, CODE + suffix)
        assert "rpcId: " in message
        if "replayid" in suffix:
            assert message.startswith("The Replay ID validation failed.")

    tell(org, story)


@pytest.mark.parametrize(
    ("later", "suffix"),
    [
        ({"num_requested": 0}, "subscription.fetch.requested.events.invalid"),
        ({"num_requested": 1, "topic_name": CONTACTS}, "subscription.fetch.topic.mismatch"),
    ],
)
def test_refused_later_requests(org: Running, later: dict[str, Any], suffix: str) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS)
        await call.ask(1, topic_name=ACCOUNTS)
        await call.stream.write(pb.FetchRequest(**later))
        status, code, _ = await call.failure()
        assert (status, code) == (grpc.StatusCode.INVALID_ARGUMENT, CODE + suffix)

    tell(org, story)


def test_events_age_out(start: Callable[..., Running]) -> None:
    org = start(event_retention_seconds=72 * 3600)

    async def story(bus: Bus) -> None:
        make(org, 2)
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        old = (await call.events(2))[1].position.to_bytes(8, "big")
        org.clock.step(hours=73)
        bus.metadata["accesstoken"] = new_token(org)
        org.org.edit("Account", None, {"Name": "young"})
        stale = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=old)
        assert (await stale.failure())[1] == CODE + "subscription.fetch.replayid.corrupted"
        fresh = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        (event,) = await fresh.events(1)
        assert event.body["Name"] == "young"

    tell(org, story)


def test_everything_may_age_out_at_once(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 2)
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        last = (await call.events(2))[1].position.to_bytes(8, "big")
        assert org.incidents.happen({"kind": "age_out"}) == {"events": 2}
        stale = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=last)
        assert (await stale.failure())[1] == CODE + "subscription.fetch.replayid.corrupted"
        # A stream that is open has no use for its position any more.
        make(org, 1)
        assert len(await call.events(1)) == 1

    tell(org, story)
