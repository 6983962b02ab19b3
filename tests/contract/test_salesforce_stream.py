"""How the listener talks to the event bus: demand, keepalives, silence, where it starts, when it gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import grpc
import pytest

from integration.connectors.salesforce import pubsub_api_pb2 as pb
from integration.connectors.salesforce import stream_follower
from integration.connectors.salesforce.pubsub import Listener
from integration.connectors.salesforce.stream_follower import Demand
from integration.errors import Fault, Retryable, Throttled, Unauthorized
from tests.contract.salesforce_following import ACCOUNTS, Inbox
from tests.contract.salesforce_parts import WallClock
from tests.contract.scripted_bus import CountedTokens, ScriptedBus, Stream, consumer_event, place
from tests.deadline import wait_until

Status = grpc.StatusCode
SECONDS = 10


@pytest.fixture
def inbox() -> Inbox:
    found = Inbox()
    found.positions.clear()
    return found


def follow(
    bus: ScriptedBus, inbox: Inbox, until: Callable[[], Any], tokens: Any = None, **changes: Any
) -> None:
    """Run a listener against the bus until the condition holds, then stop it."""

    async def scenario() -> None:
        stop = asyncio.Event()
        async with bus.serving(**changes) as config:
            listener = Listener(config, tokens or CountedTokens(), inbox.port(), WallClock(), Random(1))
            running = asyncio.create_task(listener.run(stop))
            try:
                async with asyncio.timeout(SECONDS):
                    while not until():
                        assert not running.done(), running.exception()
                        await asyncio.wait({running}, timeout=0.01)
            finally:
                stop.set()
                await asyncio.wait_for(running, SECONDS)

    asyncio.run(scenario())


async def silent(stream: Stream) -> None:
    """Take every request, say nothing."""
    while True:
        await stream.next_request()


def starts(bus: ScriptedBus) -> list[tuple[int, bytes]]:
    """Where each stream was asked to begin."""
    return [(stream.requests[0].replay_preset, stream.requests[0].replay_id) for stream in bus.streams]


def test_demand_never_runs_out_and_never_passes_the_cap(inbox: Inbox) -> None:
    async def busy(stream: Stream) -> None:
        await stream.next_request()
        number = 0
        while number < 600:
            if stream.pending <= 20:
                await stream.next_request()
            for _ in range(20):
                number += 1
                await stream.send(consumer_event(number))
        await silent(stream)

    bus = ScriptedBus(busy)
    follow(bus, inbox, lambda: len(inbox.events) >= 600)
    [stream] = bus.streams
    assert inbox.named() == [f"n{n}" for n in range(1, 601)]
    assert stream.highest <= 100
    assert stream.lowest is not None
    assert stream.lowest >= 0
    assert len(stream.requests) < 30
    assert {request.topic_name for request in stream.requests} == {ACCOUNTS}
    assert bus.schemas_asked == 1


def test_more_is_asked_for_before_the_events_are_stored(inbox: Inbox) -> None:
    """A slow store must not let demand stand at zero: the bus would close the stream."""
    asked_again = asyncio.Event()

    async def all_at_once(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(*(consumer_event(n) for n in range(1, 101)))
        await stream.next_request()
        asked_again.set()
        await silent(stream)

    stored_when_asked: list[bool] = []
    inbox.before = lambda _topic, _events: stored_when_asked.append(wait_until(asked_again.is_set))
    follow(ScriptedBus(all_at_once), inbox, lambda: len(inbox.events) >= 100)
    assert stored_when_asked == [True]


def test_keepalives_move_the_position(inbox: Inbox) -> None:
    async def quiet(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(latest=7)
        await stream.send(latest=9)
        await silent(stream)

    follow(ScriptedBus(quiet), inbox, lambda: inbox.positions.get(ACCOUNTS) == place(9))
    assert inbox.stored == [(ACCOUNTS, 0, place(7)), (ACCOUNTS, 0, place(9))]


def test_first_use_starts_at_the_newest_event_and_goes_on_from_there(inbox: Inbox) -> None:
    async def once(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(latest=5)
        await stream.fail(Status.UNAVAILABLE)

    bus = ScriptedBus(once, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 2 and bus.streams[1].requests)
    assert starts(bus) == [(pb.LATEST, b""), (pb.CUSTOM, place(5))]


def test_a_first_stream_that_ends_without_a_place_is_read_from_the_oldest(inbox: Inbox) -> None:
    """What came between two streams at the newest event would be in neither."""

    async def broken(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.UNAVAILABLE)

    async def works(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(consumer_event(3))
        await stream.fail(Status.UNAVAILABLE)

    bus = ScriptedBus(broken, broken, works, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 4 and bus.streams[3].requests)
    assert starts(bus) == [(pb.LATEST, b""), (pb.EARLIEST, b""), (pb.EARLIEST, b""), (pb.CUSTOM, place(3))]
    assert inbox.lost == []


def test_a_lost_position_starts_at_the_oldest_until_a_new_one_is_stored(inbox: Inbox) -> None:
    inbox.positions[ACCOUNTS] = place(1)

    async def expired(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")

    async def broken(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.INTERNAL)

    bus = ScriptedBus(expired, broken, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 3 and bus.streams[2].requests)
    assert starts(bus) == [(pb.CUSTOM, place(1)), (pb.EARLIEST, b""), (pb.EARLIEST, b"")]
    assert inbox.lost == [ACCOUNTS]


def test_a_lost_position_that_is_simply_forgotten_still_starts_at_the_oldest(inbox: Inbox) -> None:
    """Starting at the newest event would lose what came since."""
    inbox.positions[ACCOUNTS] = place(1)
    inbox.forget_lost = True

    async def expired(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")

    bus = ScriptedBus(expired, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 2 and bus.streams[1].requests)
    assert starts(bus)[1] == (pb.EARLIEST, b"")


def test_a_loss_that_cannot_be_written_down_is_met_again(inbox: Inbox) -> None:
    inbox.positions[ACCOUNTS] = place(1)
    write_down, tries = inbox.on_position_lost, [Retryable("store.away"), None]

    def away_once(topic: str) -> None:
        trouble = tries.pop(0)
        if trouble:
            raise trouble
        write_down(topic)

    inbox.on_position_lost = away_once  # type: ignore[method-assign]

    async def expired(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")

    bus = ScriptedBus(expired, expired, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 3 and bus.streams[2].requests)
    assert [preset for preset, _ in starts(bus)] == [pb.CUSTOM, pb.CUSTOM, pb.EARLIEST]
    assert inbox.lost == [ACCOUNTS]


def test_a_stream_that_breaks_off_after_every_response_still_gets_on(inbox: Inbox) -> None:
    """Each response uses up the demand, so that asking for more fails while its events are at hand."""

    async def some_events(stream: Stream) -> None:
        first = await stream.next_request()
        number = int.from_bytes(first.replay_id, "big") + 1
        await stream.send(*(consumer_event(n) for n in range(number, number + 100)))
        await stream.fail(Status.UNAVAILABLE)

    follow(ScriptedBus(some_events), inbox, lambda: len(inbox.events) >= 500)
    assert inbox.named()[:500] == [f"n{n}" for n in range(1, 501)]


def test_pauses_grow_with_failures_in_a_row_only(inbox: Inbox) -> None:

    async def one_event(stream: Stream) -> None:
        first = await stream.next_request()
        await stream.send(consumer_event(int.from_bytes(first.replay_id, "big") + 1))
        await stream.next_request()
        await stream.fail(Status.UNAVAILABLE)

    growing = {"backoff_seconds": 0.02, "backoff_cap_seconds": 1_000.0, "batch": 1}
    follow(ScriptedBus(one_event), inbox, lambda: len(inbox.events) >= 14, **growing)
    assert inbox.named()[:14] == [f"n{n}" for n in range(1, 15)]


def test_silence_is_not_peace(inbox: Inbox) -> None:
    async def once(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(consumer_event(1))
        await silent(stream)

    bus = ScriptedBus(once, silent)
    follow(bus, inbox, lambda: len(bus.streams) >= 2 and bus.streams[1].requests, watchdog_seconds=0.3)
    assert starts(bus)[1] == (pb.CUSTOM, place(1))
    assert inbox.faults[0].code == "salesforce.stream.silent"


def test_a_stream_that_just_ends(inbox: Inbox) -> None:
    async def ends(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(consumer_event(1))

    bus = ScriptedBus(ends, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 2 and bus.streams[1].requests)
    assert starts(bus)[1] == (pb.CUSTOM, place(1))


def test_responses_larger_than_grpc_allows_by_default(inbox: Inbox) -> None:
    async def large(stream: Stream) -> None:
        await stream.next_request()
        await stream.send(*(consumer_event(n, filler=900_000) for n in range(1, 9)))
        await silent(stream)

    follow(ScriptedBus(large), inbox, lambda: len(inbox.events) == 8)
    assert inbox.faults == []


def test_a_refused_token_is_replaced_at_once_but_not_for_ever(inbox: Inbox) -> None:
    async def refuse(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.UNAUTHENTICATED, "service.auth.error")

    bus = ScriptedBus(refuse, refuse, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 3)
    assert bus.tokens == ["t1", "t2", "t3"]
    assert [type(fault) for fault in inbox.faults] == [Unauthorized, Unauthorized]


@pytest.mark.parametrize(
    "fault",
    [
        Unauthorized("salesforce.oauth.invalid_grant"),
        Throttled("token.window", seconds=0.3, scope="token"),
    ],
)
def test_a_token_that_cannot_be_had(inbox: Inbox, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener waits instead of asking in a circle, and goes on when a person has connected the org
    again.
    """
    monkeypatch.setattr(stream_follower, "SLOW_SECONDS", 0.3)

    class Refused(CountedTokens):
        asked = 0

        def refresh(self, seen_epoch: int) -> Any:
            self.asked += 1
            if self.asked == 1:
                raise fault
            return super().refresh(seen_epoch)

    async def refuse(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.UNAUTHENTICATED)

    tokens = Refused()
    bus = ScriptedBus(refuse, refuse, silent)
    follow(bus, inbox, lambda: len(bus.streams) == 3, tokens)
    assert bus.tokens == ["t1", "t1", "t2"]


def test_a_used_up_allowance_is_left_alone(inbox: Inbox) -> None:
    async def used_up(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.RESOURCE_EXHAUSTED, "subscription.limit.exceeded")

    bus = ScriptedBus(used_up)
    follow(bus, inbox, lambda: bool(inbox.faults))
    assert len(bus.streams) == 1
    assert isinstance(inbox.faults[0], Throttled)


def test_the_stop_does_not_wait_for_a_pause(inbox: Inbox) -> None:
    async def broken(stream: Stream) -> None:
        await stream.next_request()
        await stream.fail(Status.NOT_FOUND, "topic.not.found")

    follow(ScriptedBus(broken), inbox, lambda: bool(inbox.faults))


def test_one_bad_schema_does_not_stop_the_stream(inbox: Inbox) -> None:
    async def mixed(stream: Stream) -> None:
        await stream.next_request()
        bad = consumer_event(2)
        bad.event.payload = b"\x02"
        await stream.send(consumer_event(1), bad, consumer_event(3))
        await silent(stream)

    follow(ScriptedBus(mixed), inbox, lambda: len(inbox.events) == 3)
    assert [event.kind.value for event in inbox.events] == ["change", "undecodable", "change"]
    assert inbox.positions[ACCOUNTS] == place(3)


def test_demand() -> None:
    demand = Demand(100)
    assert demand.top_up() == 100
    assert demand.top_up() == 0
    demand.delivered(pb.FetchResponse(events=[pb.ConsumerEvent()] * 49, pending_num_requested=51))
    assert demand.top_up() == 0
    demand.delivered(pb.FetchResponse(events=[pb.ConsumerEvent()], pending_num_requested=50))
    assert demand.top_up() == 50
    demand.delivered(pb.FetchResponse(pending_num_requested=3))
    assert demand.top_up() == 97
