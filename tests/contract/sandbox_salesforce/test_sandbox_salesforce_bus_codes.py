"""Every machine code of the event bus, provoked and, where a client can cause it, caused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
import pytest
from fastavro import parse_schema, schemaless_writer

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import parse_fault
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from integration.sandbox.salesforce.bus_codes import CODES, pairings
from integration.sandbox.salesforce.usage import RollingCount
from tests.contract.sandbox_salesforce.pubsub_client import (
    ACCOUNTS,
    CODE,
    CONTACTS,
    EVERYTHING,
    Bus,
    described,
    make,
    new_token,
    tell,
)
from tests.contract.sandbox_salesforce.running_org import Running

NOTES = "/event/Note__e"


def test_every_code_can_be_met(org: Running) -> None:
    async def story(bus: Bus) -> None:
        for suffix, code in CODES.items():
            org.incidents.happen({"kind": "bus_error", "code": suffix, "method": "GetTopic"})
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await bus.topic(ACCOUNTS)
            status, found, message = described(raised.value)
            assert (status.name, found) == (code.status, CODE + suffix)
            trailers = dict(raised.value.trailing_metadata() or ())
            assert message.endswith(f"rpcId: {trailers['rpc-id']}")
        assert (await bus.topic(ACCOUNTS)).topic_name == ACCOUNTS

    tell(org, story)


def test_an_open_stream_ends_with_the_code(org: Running) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await call.events(1)
        happened = org.incidents.happen(
            {"kind": "bus_error", "code": "subscription.fetch.replay.repeated", "open": True}
        )
        assert happened == {"streams": 1}
        assert (await call.failure())[1] == CODE + "subscription.fetch.replay.repeated"

    tell(org, story)


def test_refusals_meet_their_method_so_many_times(org: Running) -> None:
    async def story(bus: Bus) -> None:
        org.incidents.happen(
            {"kind": "bus_error", "code": "service.unavailable", "method": "Subscribe", "times": 2}
        )
        await bus.topic(ACCOUNTS)
        for expected in (CODE + "service.unavailable", CODE + "service.unavailable", None):
            call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
            if expected is None:
                make(org, 1)
                await call.events(1)
            else:
                assert (await call.failure())[1] == expected

    tell(org, story)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"kind": "bus_error", "code": "made.up"},
        {"kind": "bus_error", "code": "made.up", "open": True},
        {"kind": "bus_error", "code": "service.unavailable", "times": 0},
        {"kind": "view_all", "object": "Account"},
    ],
)
def test_nonsense_is_refused(org: Running, nonsense: dict[str, Any]) -> None:
    with pytest.raises(BadInstructionError):
        org.do(lambda: org.incidents.happen(nonsense))


def test_pairings_and_the_trailer_are_switches(start: Callable[..., Running]) -> None:
    org = start(bus_code_statuses="topic.not.found=PERMISSION_DENIED", rpc_id_trailer="rpcid")

    async def story(bus: Bus) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await bus.topic("/data/UserChangeEvent")
        assert described(raised.value)[:2] == (grpc.StatusCode.PERMISSION_DENIED, CODE + "topic.not.found")
        assert "rpcid" in dict(raised.value.trailing_metadata() or ())

    tell(org, story)
    for nonsense in ("topic.not.found=WRONG", "made.up=UNKNOWN", "topic.not.found"):
        with pytest.raises(BadInstructionError):
            pairings(nonsense)


def test_blank_schema_ids(org: Running) -> None:
    async def story(bus: Bus) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await bus.schema("")
        assert described(raised.value)[:2] == (
            grpc.StatusCode.INVALID_ARGUMENT,
            CODE + "schema.validation.failed",
        )

    tell(org, story)


def test_the_two_bare_outages(org: Running) -> None:
    path = "/eventbus.v1.PubSub/Subscribe"

    async def story(bus: Bus) -> None:
        for status, expected, text in (
            (None, grpc.StatusCode.UNAVAILABLE, "RST_STREAM closed stream"),
            (500, grpc.StatusCode.INTERNAL, "Received RST_STREAM with code 0"),
        ):
            fault = {"system": "salesforce", "kind": "status", "path_prefix": path}
            org.faults.add(parse_fault(fault if status is None else {**fault, "status": status}))
            found, code, message = await (await bus.open(ACCOUNTS)).failure()
            assert (found, code) == (expected, None)
            assert text in message

    tell(org, story)


def test_too_many_clients_at_once(start: Callable[..., Running]) -> None:
    org = start(streams_at_most=2, platform_events=("Note__e",))

    async def story(bus: Bus) -> None:
        make(org, 1)
        first = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        await first.events(1)
        publisher = publish_stream(bus)
        await publisher.write(pb.PublishRequest(topic_name=NOTES, events=[await note(bus)]))
        await publisher.read()
        third = await bus.open(ACCOUNTS)
        expected = (grpc.StatusCode.RESOURCE_EXHAUSTED, CODE + "concurrent.client.limit.exceeded")
        assert (await third.failure())[:2] == expected
        publisher.cancel()
        first.stream.cancel()
        await bus.topic(ACCOUNTS)
        again = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        await again.events(1)

    tell(org, story)


def test_too_many_streams_in_a_minute(start: Callable[..., Running]) -> None:
    org = start(streams_per_minute=2)

    async def story(bus: Bus) -> None:
        make(org, 1)
        for _ in range(2):
            call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
            await call.events(1)
            call.stream.cancel()
        expected = (grpc.StatusCode.RESOURCE_EXHAUSTED, CODE + "service.protection.triggered")
        assert (await (await bus.open(ACCOUNTS)).failure())[:2] == expected
        org.clock.step(seconds=61)
        await (await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)).events(1)

    tell(org, story)


def test_too_many_requests_on_a_stream(start: Callable[..., Running]) -> None:
    org = start(fetch_requests_per_minute=3)

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, 1)
        for _ in range(4):
            await call.ask(1)
        status, code, _ = await call.failure()
        assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert code == CODE + "service.protection.stream.limit.triggered"

    tell(org, story)


def test_later_requests_cannot_move_the_start(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 2)
        call = await bus.open(ACCOUNTS, 1, replay_preset=pb.EARLIEST)
        first = await call.events(1)
        await call.ask(1, replay_preset=pb.CUSTOM, replay_id=b"no position")
        second = await call.events(1)
        assert second[0].position > first[0].position

    tell(org, story)


def test_a_refreshed_token_takes_the_old_ones_place(org: Running) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        fresh = new_token(org)
        await call.ask(1, auth_refresh=fresh)
        make(org, 1)
        await call.events(1)
        org.org.sessions.revoke(bus.metadata["accesstoken"])
        make(org, 1)
        await call.events(1)
        await call.ask(1, auth_refresh="00D!wrong")
        expected = (grpc.StatusCode.UNAUTHENTICATED, CODE + "service.auth.refresh.invalid")
        assert (await call.failure())[:2] == expected

    tell(org, story)


def test_subscribing_needs_view_all(org: Running) -> None:
    async def story(bus: Bus) -> None:
        make(org, 1, "Contact")
        org.incidents.happen({"kind": "view_all", "object": "Account", "allowed": False})
        assert (await bus.topic(ACCOUNTS)).can_subscribe is False
        for topic in (ACCOUNTS, EVERYTHING):
            expected = (grpc.StatusCode.PERMISSION_DENIED, CODE + "subscription.topic.cannot.subscribe")
            assert (await (await bus.open(topic)).failure())[:2] == expected
        await (await bus.open(CONTACTS, replay_preset=pb.EARLIEST)).events(1)
        org.incidents.happen({"kind": "view_all", "object": "Account", "allowed": True})
        assert (await bus.topic(ACCOUNTS)).can_subscribe is True

    tell(org, story)


def test_the_allowance_comes_back_bit_by_bit_and_counts_every_copy(start: Callable[..., Running]) -> None:
    org = start(daily_delivered_events=4)

    async def story(bus: Bus) -> None:
        async def take(number: int) -> None:
            bus.metadata["accesstoken"] = new_token(org)
            await (await bus.open(ACCOUNTS, number, replay_preset=pb.EARLIEST)).events(number)

        async def refused() -> bool:
            bus.metadata["accesstoken"] = new_token(org)
            found = await (await bus.open(ACCOUNTS, 1, replay_preset=pb.EARLIEST)).failure()
            return found[1] == CODE + "subscription.limit.exceeded"

        make(org, 2)
        await take(2)
        org.clock.step(hours=12)
        await take(1)
        await take(1)
        assert await refused()
        org.clock.step(hours=13)
        await take(2)
        assert await refused()
        state = org.org.dump()
        other = SalesforceOrg(OrgOptions(), org.clock)
        other.load(state)
        assert other.deliveries.used() == 4

    tell(org, story)


def test_a_count_that_was_kept_ages_on() -> None:
    now = [1000.0]
    count = RollingCount(86_400.0, lambda: now[0])
    count.add(5)
    now[0] += 43_200
    count.add(1)
    other = RollingCount(86_400.0, lambda: now[0])
    other.load(count.dump())
    now[0] += 43_300
    assert (count.used(), other.used()) == (1, 1)


def test_managed_subscriptions_are_not_served(org: Running) -> None:
    async def story(bus: Bus) -> None:
        call = bus.channel.stream_stream(
            "/eventbus.v1.PubSub/ManagedSubscribe",
            request_serializer=pb.ManagedFetchRequest.SerializeToString,
            response_deserializer=pb.ManagedFetchResponse.FromString,
        )(metadata=tuple(bus.metadata.items()))
        await call.write(pb.ManagedFetchRequest(developer_name="Ours", num_requested=1))
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call.read()
        status, code, message = described(raised.value)
        assert (status, code) == (grpc.StatusCode.UNIMPLEMENTED, None)
        assert "beta" in message

    tell(org, story)


def test_the_response_is_bounded_by_its_size(start: Callable[..., Running]) -> None:
    notes = [{"name": f"Note{n}__c", "type": "textarea", "length": 131_072} for n in range(7)]
    org = start(definitions=({"name": "Account", "fields": notes},))

    async def story(bus: Bus) -> None:
        for _ in range(5):
            org.org.edit("Account", None, {"Name": "A", **{note["name"]: "x" * 131_000 for note in notes}})
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        await call.events(5)
        assert [len(response.events) for response in call.responses] == [3, 2]
        assert all(response.ByteSize() <= 3_100_000 for response in call.responses)

    tell(org, story)


# -- publishing -------------------------------------------------------------------------------------


async def note(bus: Bus, text: str = "hello", **changes: Any) -> Any:
    info = await bus.topic(NOTES)
    buffer = io.BytesIO()
    body = {"CreatedDate": 1, "CreatedById": "005", "Payload__c": text}
    schemaless_writer(buffer, parse_schema(await bus.schema(info.schema_id)), body)
    event = {"id": "k", "schema_id": info.schema_id, "payload": buffer.getvalue(), **changes}
    return pb.ProducerEvent(**event)


def publish_stream(bus: Bus) -> Any:
    return bus.channel.stream_stream(
        "/eventbus.v1.PubSub/PublishStream",
        request_serializer=pb.PublishRequest.SerializeToString,
        response_deserializer=pb.PublishResponse.FromString,
    )(metadata=tuple(bus.metadata.items()))


@pytest.fixture
def notes(start: Callable[..., Running]) -> Running:
    return start(platform_events=("Note__e",), publish_idle_seconds=0.5)


def test_a_stream_publishes_request_by_request(notes: Running) -> None:
    async def story(bus: Bus) -> None:
        call = publish_stream(bus)
        for topic, text in ((NOTES, "one"), ("", "two")):
            await call.write(pb.PublishRequest(topic_name=topic, events=[await note(bus, text)]))
            (result,) = (await call.read()).results
            assert len(result.replay_id) == 8
        large = await note(bus, "x" * 1_000_001)
        await call.write(pb.PublishRequest(events=[large, await note(bus, "three")]))
        results = (await call.read()).results
        assert [result.HasField("error") for result in results] == [True, False]
        assert results[0].error.code == pb.PUBLISH
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        told = await (await bus.open(NOTES, replay_preset=pb.EARLIEST)).events(3)
        assert [event.body["Payload__c"] for event in told] == ["one", "two", "three"]

    tell(notes, story)


@pytest.mark.parametrize(
    ("later", "status", "suffix"),
    [
        ({"topic_name": "/event/Other__e"}, "INVALID_ARGUMENT", "publish.topic.mismatch"),
        ({"auth_refresh": "wrong"}, "UNAUTHENTICATED", "publish.auth.refresh.invalid"),
        ({"events": []}, "INVALID_ARGUMENT", "publish.event.count.invalid"),
        (None, "ABORTED", "publish.stream.sweeper.timeout"),
    ],
)
def test_refused_publish_streams(
    notes: Running, later: dict[str, Any] | None, status: str, suffix: str
) -> None:
    async def story(bus: Bus) -> None:
        call, event = publish_stream(bus), await note(bus)
        await call.write(pb.PublishRequest(topic_name=NOTES, events=[event]))
        await call.read()
        if later is not None:
            await call.write(pb.PublishRequest(**{"events": [event], **later}))
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call.read()
        found, code, _ = described(raised.value)
        assert (found.name, code) == (status, CODE + suffix)

    tell(notes, story)


def test_refused_publishing(notes: Running) -> None:
    async def story(bus: Bus) -> None:
        async def refused(**request: Any) -> tuple[str, str | None]:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await bus.unary("Publish", pb.PublishRequest(**request), pb.PublishResponse)
            status, code, _ = described(raised.value)
            return status.name, code

        event = await note(bus)
        blank = await refused(topic_name=" ", events=[event])
        assert blank == ("INVALID_ARGUMENT", CODE + "publish.topic.validation.empty")
        assert await refused(topic_name=NOTES) == ("INVALID_ARGUMENT", CODE + "publish.event.count.invalid")
        assert await refused(topic_name=ACCOUNTS, events=[event]) == ("NOT_FOUND", CODE + "topic.not.found")
        heavy = [await note(bus, "x" * 900_000) for _ in range(5)]
        assert await refused(topic_name=NOTES, events=heavy) == ("UNAVAILABLE", None)

    tell(notes, story)
