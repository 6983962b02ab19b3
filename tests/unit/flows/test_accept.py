"""What arrived goes into the inbox and is acknowledged; nothing else happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.flows.accept import Accepted, accept, accept_stream, open_generation, stream_position
from integration.ports import Cursor
from tests.flows.line import Line

TOPIC = "/data/ChangeEvents"
LEASE_MS = 30_000


def event(key: str, side: Side = Side.ZOHO, record_id: str = "1", at: int = 1_000) -> ArrivedEvent:
    entity = "contact" if side is Side.ZOHO else "Account"
    return ArrivedEvent(side, key, entity, record_id, EventKind.RECORD, Channel.WEBHOOK, at, {"fields": {}})


def listener(line: Line, holder: str = "a") -> int:
    with line.stores.begin(line.pair_id) as uow:
        epoch = uow.cursors.claim(Side.SALESFORCE, "listener", holder, LEASE_MS)
    assert epoch is not None
    return epoch


def cursor(line: Line, name: str) -> Cursor | None:
    with line.stores.reading(line.pair_id) as uow:
        return uow.cursors.get(Side.SALESFORCE, name)


def stored(line: Line) -> list[tuple[str, int, int, int]]:
    return [(e.event.key, e.event.generation, e.event.arrival, e.seen) for e in line.events()]


# --------------------------------------------------------------------- webhooks and polls


def test_events_are_stored_with_a_correlation_id_each_and_the_bell_rings_once(line: Line) -> None:
    assert accept(line.services, [event("a"), event("b")]) == Accepted(2, 0)
    assert [(e.event.key, e.state.value, e.lane_id) for e in line.events()] == [
        ("a", "received", None),
        ("b", "received", None),
    ]
    assert len({e.correlation_id for e in line.events()}) == 2
    assert line.bell.rung == ["events"]


def test_a_repeat_is_counted_and_has_no_effect(line: Line) -> None:
    accept(line.services, [event("a")])
    line.bell.rung.clear()
    assert accept(line.services, [event("a")]) == Accepted(0, 1)
    assert stored(line) == [("a", 0, 0, 2)]
    assert line.bell.rung == []


def test_one_new_event_among_repeats_rings(line: Line) -> None:
    accept(line.services, [event("a")])
    line.bell.rung.clear()
    assert accept(line.services, [event("a"), event("b")]) == Accepted(1, 1)
    assert line.bell.rung == ["events"]


def test_the_same_key_of_another_side_is_another_event(line: Line) -> None:
    accept(line.services, [event("a")])
    assert accept(line.services, [event("a", Side.SALESFORCE)]) == Accepted(1, 0)


# --------------------------------------------------------------------- the stream


def test_a_fetch_is_numbered_in_order_of_arrival_and_stored_with_its_place(line: Line) -> None:
    epoch = listener(line)
    accept_stream(
        line.services,
        TOPIC,
        [event("a", Side.SALESFORCE), event("b", Side.SALESFORCE)],
        b"\x02",
        epoch,
        LEASE_MS,
    )
    accept_stream(line.services, TOPIC, [event("c", Side.SALESFORCE)], b"\x03", epoch, LEASE_MS)
    assert stored(line) == [("a", 1, 1, 1), ("b", 1, 2, 1), ("c", 1, 3, 1)]
    assert stream_position(line.services, TOPIC) == b"\x03"


def test_topics_share_the_numbers_and_keep_places_of_their_own(line: Line) -> None:
    epoch = listener(line)
    accept_stream(
        line.services, "/data/AccountChangeEvent", [event("a", Side.SALESFORCE)], b"\x01", epoch, LEASE_MS
    )
    accept_stream(
        line.services, "/data/ContactChangeEvent", [event("b", Side.SALESFORCE)], b"\x09", epoch, LEASE_MS
    )
    assert [row[:3] for row in stored(line)] == [("a", 1, 1), ("b", 1, 2)]
    assert stream_position(line.services, "/data/AccountChangeEvent") == b"\x01"


def test_an_empty_fetch_moves_the_place_only(line: Line) -> None:
    """Keepalives carry the newest place: without it a quiet topic's would expire."""
    epoch = listener(line)
    assert accept_stream(line.services, TOPIC, [], b"\x07", epoch, LEASE_MS) == Accepted(0, 0)
    assert stream_position(line.services, TOPIC) == b"\x07"
    assert line.bell.rung == []
    numbers = cursor(line, "stream")
    assert numbers is not None
    assert numbers.arrival == 0


def test_a_listener_that_was_replaced_stores_nothing(line: Line) -> None:
    first = listener(line)
    line.clock.advance(LEASE_MS + 1)
    second = listener(line, "b")
    with pytest.raises(ClaimLost, match=r"listener\.replaced"):
        accept_stream(line.services, TOPIC, [event("a", Side.SALESFORCE)], b"\x01", first, LEASE_MS)
    assert line.events() == []
    assert stream_position(line.services, TOPIC) is None
    assert (
        accept_stream(line.services, TOPIC, [event("a", Side.SALESFORCE)], b"\x01", second, LEASE_MS).new == 1
    )


def test_every_fetch_extends_the_lease(line: Line) -> None:
    epoch = listener(line)
    for _ in range(3):
        line.clock.advance(LEASE_MS - 1)
        accept_stream(line.services, TOPIC, [], b"\x01", epoch, LEASE_MS)
    with line.stores.begin(line.pair_id) as uow:
        assert uow.cursors.claim(Side.SALESFORCE, "listener", "b", LEASE_MS) is None


def test_a_repeat_in_the_stream_uses_up_a_number_and_nothing_else(line: Line) -> None:
    """Numbers may have holes; what is known keeps the place it had."""
    epoch = listener(line)
    accept_stream(line.services, TOPIC, [event("a", Side.SALESFORCE)], b"\x01", epoch, LEASE_MS)
    again = [event("a", Side.SALESFORCE), event("b", Side.SALESFORCE)]
    assert accept_stream(line.services, TOPIC, again, b"\x02", epoch, LEASE_MS) == Accepted(1, 1)
    assert stored(line) == [("a", 1, 1, 2), ("b", 1, 3, 1)]


def test_before_its_first_use_a_topic_has_no_place(line: Line) -> None:
    assert stream_position(line.services, TOPIC) is None


# --------------------------------------------------------------------- a lost place


def test_a_lost_place_opens_a_generation_and_a_delta_read_from_before_it(line: Line) -> None:
    epoch = listener(line)
    accept_stream(line.services, TOPIC, [event("a", Side.SALESFORCE)], b"\x01", epoch, LEASE_MS)
    stood = line.clock.now_ms()
    line.clock.advance(86_400_000)
    open_generation(line.services, TOPIC, listener(line), LEASE_MS)
    assert stream_position(line.services, TOPIC) == b""
    delta = cursor(line, f"catch-up:{TOPIC}")
    assert delta is not None
    assert delta.run["open"]
    assert stood - 3_600_000 < delta.watermark <= stood
    epoch = listener(line)
    accept_stream(line.services, TOPIC, [event("b", Side.SALESFORCE)], b"\x02", epoch, LEASE_MS)
    assert stored(line)[-1][:3] == ("b", 2, 1)


def test_an_open_delta_read_is_never_shortened(line: Line) -> None:
    open_generation(line.services, TOPIC, listener(line), LEASE_MS)
    first = cursor(line, f"catch-up:{TOPIC}")
    assert first is not None
    with line.stores.begin(line.pair_id) as uow:
        uow.cursors.put(replace(first, watermark=17))
        known = uow.cursors.get(Side.SALESFORCE, TOPIC)
        assert known is not None
        uow.cursors.put(replace(known, watermark=line.clock.now_ms()))
    open_generation(line.services, TOPIC, listener(line), LEASE_MS)
    second = cursor(line, f"catch-up:{TOPIC}")
    assert second is not None
    assert second.watermark == 17
