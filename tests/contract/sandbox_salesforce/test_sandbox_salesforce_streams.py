"""How open streams end, what the allowance allows, and what else the event bus carries."""

from __future__ import annotations

import io
from collections.abc import Callable

import grpc
import grpc.aio
import pytest
from fastavro import parse_schema, schemaless_writer

from integration.sandbox.faults import parse_fault
from integration.sandbox.salesforce import pubsub_api_pb2 as pb
from tests.contract.sandbox_salesforce.pubsub_client import (
    ACCOUNTS,
    CODE,
    CONTACTS,
    Bus,
    described,
    make,
    new_token,
    tell,
)
from tests.contract.sandbox_salesforce.running_org import Running


@pytest.mark.parametrize(
    ("headers", "suffix"),
    [
        ({"accesstoken": " "}, "service.auth.headers.invalid"),
        ({"tenantid": ""}, "service.auth.headers.invalid"),
        ({"instanceurl": "here"}, "service.auth.headers.invalid"),
        ({"accesstoken": "00D!wrong"}, "service.auth.error"),
        ({"tenantid": "00D000000000001"}, "service.auth.error"),
        ({"instanceurl": "https://other.example"}, "service.auth.error"),
    ],
)
def test_headers_are_checked_on_every_call(org: Running, headers: dict[str, str], suffix: str) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS)
        status, code, _ = await call.failure()
        assert (status, code) == (grpc.StatusCode.UNAUTHENTICATED, CODE + suffix)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await bus.topic(ACCOUNTS)
        assert described(raised.value)[:2] == (grpc.StatusCode.UNAUTHENTICATED, CODE + suffix)

    tell(org, story, **headers)


def test_tenants_of_both_lengths_are_taken(org: Running) -> None:
    async def story(bus: Bus) -> None:
        assert (await bus.topic(ACCOUNTS)).topic_name == ACCOUNTS

    tell(org, story, tenantid=org.org.org_id[:15])


def test_a_revoked_token_ends_an_open_stream(org: Running) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await call.events(1)
        org.incidents.happen({"kind": "revoke_tokens"})
        status, code, _ = await call.failure()
        assert (status, code) == (grpc.StatusCode.UNAUTHENTICATED, CODE + "service.auth.error")

    tell(org, story)


def test_an_expired_token_ends_an_open_stream(start: Callable[..., Running]) -> None:
    org = start(token_seconds=0.4)

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS)
        status, code, _ = await call.failure()
        assert (status, code) == (grpc.StatusCode.UNAUTHENTICATED, CODE + "service.auth.error")

    tell(org, story)


def test_a_stream_may_outlive_its_token(start: Callable[..., Running]) -> None:
    org = start(stream_ends_with_token=False)

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await call.events(1)
        org.incidents.happen({"kind": "revoke_tokens"})
        make(org, 1)
        response = await call.next()
        assert len(response.events) == 1

    tell(org, story)


def test_maintenance_cuts_streams_without_a_code(org: Running) -> None:
    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        await call.events(1)
        assert org.incidents.happen({"kind": "cut_streams"}) == {"streams": 1}
        status, code, _ = await call.failure()
        assert (status, code) == (grpc.StatusCode.UNAVAILABLE, None)

    tell(org, story)


def test_a_half_open_stream_is_mute(start: Callable[..., Running]) -> None:
    org = start(keepalive_seconds=0.05)

    async def story(bus: Bus) -> None:
        mute = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        await mute.next()
        org.incidents.happen({"kind": "half_open"})
        speaking = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        make(org, 1)
        assert len(await speaking.events(1)) == 1
        for _ in range(3):
            await speaking.next()
        reading = mute.stream.read()
        assert mute.responses[-1].events == []
        org.incidents.happen({"kind": "cut_streams"})
        with pytest.raises(grpc.aio.AioRpcError):
            await reading

    tell(org, story)


def test_the_delivery_allowance(start: Callable[..., Running]) -> None:
    org = start(daily_delivered_events=3)

    async def story(bus: Bus) -> None:
        make(org, 5)
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        events = await call.events(3)
        assert (await call.failure())[1] == CODE + "subscription.limit.exceeded"
        org.clock.step(hours=25)
        bus.metadata["accesstoken"] = new_token(org)
        place = events[-1].position.to_bytes(8, "big")
        rest = await bus.open(ACCOUNTS, replay_preset=pb.CUSTOM, replay_id=place)
        assert [event.body["Name"] for event in await rest.events(2)] == ["3", "4"]

    tell(org, story)


def test_limits_tell_the_deliveries(org: Running) -> None:
    client = org.client()
    before = client.limits()["DailyDeliveredPlatformEvents"]["Remaining"]

    async def story(bus: Bus) -> None:
        make(org, 2)
        for _ in range(2):
            call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
            await call.events(2)

    tell(org, story)
    assert client.limits()["DailyDeliveredPlatformEvents"]["Remaining"] == before - 4


def test_an_undecodable_event_has_a_known_schema(org: Running) -> None:
    org.do(lambda: org.incidents.happen({"kind": "undecodable", "object": "Account"}))

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        response = await call.next()
        (event,) = response.events
        assert (await bus.schema(event.event.schema_id))["name"] == "AccountChangeEvent"
        with pytest.raises((ValueError, EOFError, IndexError, UnicodeDecodeError)):
            await bus.decode(event)

    tell(org, story)


def test_unknown_schemas(org: Running) -> None:
    async def story(bus: Bus) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await bus.schema("nope")
        assert described(raised.value)[1] == CODE + "schema.validation.failed"

    tell(org, story)


def test_platform_events_can_be_published(start: Callable[..., Running]) -> None:
    org = start(platform_events=("Note__e",))

    async def story(bus: Bus) -> None:
        info = await bus.topic("/event/Note__e")
        assert info.can_publish
        schema = await bus.schema(info.schema_id)
        buffer = io.BytesIO()
        body = {"CreatedDate": 1, "CreatedById": "005", "Payload__c": "hello"}
        schemaless_writer(buffer, parse_schema(schema), body)
        good = pb.ProducerEvent(id="k1", schema_id=info.schema_id, payload=buffer.getvalue())
        bad = pb.ProducerEvent(id="k2", schema_id=info.schema_id, payload=b"")
        request = pb.PublishRequest(topic_name="/event/Note__e", events=[good, bad])
        answer = await bus.unary("Publish", request, pb.PublishResponse)
        assert [result.correlation_key for result in answer.results] == ["k1", "k2"]
        assert [result.HasField("error") for result in answer.results] == [False, True]
        call = await bus.open("/event/Note__e", replay_preset=pb.EARLIEST)
        (event,) = await call.events(1)
        assert event.body["Payload__c"] == "hello"

    tell(org, story)


def test_custom_channels(start: Callable[..., Running]) -> None:
    org = start(event_entities="Account", event_channels={"Sync__chn": ("Account", "Contact")})

    async def story(bus: Bus) -> None:
        make(org, 1)
        make(org, 1, "Contact")
        call = await bus.open("/data/Sync__chn", replay_preset=pb.EARLIEST)
        assert [event.header["entityName"] for event in await call.events(2)] == ["Account", "Contact"]
        standard = await bus.open(CONTACTS)
        assert (await standard.failure())[1] == CODE + "topic.not.found"

    tell(org, story)


def test_scripted_faults_on_the_bus(org: Running) -> None:
    path = "/eventbus.v1.PubSub/Subscribe"
    org.faults.add(parse_fault({"system": "salesforce", "kind": "status", "path_prefix": path}))

    async def story(bus: Bus) -> None:
        call = await bus.open(ACCOUNTS)
        assert (await call.failure())[0] is grpc.StatusCode.UNAVAILABLE
        make(org, 1)
        again = await bus.open(ACCOUNTS, replay_preset=pb.EARLIEST)
        await again.events(1)

    tell(org, story)
    codes = [call["code"] for call in org.calls.since(0, 100) if call["path"] == path]
    assert codes[0] == "UNAVAILABLE"
