"""Every event is given to the lane of its aggregate: by binding, else by parent, else to one of its own."""

from __future__ import annotations

from typing import Any

import pytest

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.outcome import Outcome, WorkClass
from integration.canonical.values import Json, Side
from integration.flows.accept import accept
from integration.flows.route import route
from integration.policy.state import LaneState
from integration.ports import Cursor
from tests.flows.line import Line

SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO


def change(
    entity: str, record_id: str, fields: dict[str, Json] | None = None, *, create: bool = False, **more: Any
) -> ArrivedEvent:
    """A stream event."""
    body: dict[str, Json] = {"fields": fields or {}, "create": create}
    facts = {"kind": EventKind.CHANGE, "channel": Channel.STREAM, "at": 1_000, **more}
    return ArrivedEvent(
        SALESFORCE, f"{entity}-{record_id}-{facts['at']}", entity, record_id, body=body, **facts
    )


def arrive(line: Line, *events: ArrivedEvent) -> int:
    accept(line.services, events)
    return route(line.services, 100)


def lanes(line: Line) -> list[LaneState]:
    with line.stores.reading(line.pair_id) as uow:
        return list(uow.lanes.load(uow.lanes.all_ids()).values())


def records(lane: LaneState) -> list[tuple[str, str, int]]:
    return [
        (m.entity, state.record_id, state.dirty)
        for m in lane.members
        for state in m.sides.values()
        if state.record_id
    ]


def test_a_record_never_seen_before_gets_a_lane_of_its_own(line: Line) -> None:
    assert arrive(line, change("Account", "001A", create=True)) == 1
    [lane] = lanes(line)
    assert records(lane) == [("customer", "001A", 0)]
    assert [e.lane_id for e in line.events()] == [lane.id]
    assert [e.state.value for e in line.events()] == ["queued"]


@pytest.mark.parametrize(
    ("told", "dirty"),
    [
        (change("Account", "001A", create=True), 0),
        (change("Account", "001A"), 1),
        (change("Account", "001A", kind=EventKind.RECORD, channel=Channel.POLL), 0),
        (change("Account", "001A", kind=EventKind.HINT), 1),
        (change("Account", "001A", kind=EventKind.GAP), 1),
        (change("Account", "001A", kind=EventKind.DELETE), 1),
        (change("Account", "001A", kind=EventKind.UNDELETE), 1),
    ],
    ids=["create", "change", "record", "hint", "gap", "delete", "undelete"],
)
def test_it_is_read_first_unless_the_event_carries_all_of_it(
    line: Line, told: ArrivedEvent, dirty: int
) -> None:
    arrive(line, told)
    [lane] = lanes(line)
    assert records(lane) == [("customer", "001A", dirty)]


def test_of_several_events_one_that_carries_everything_is_enough(line: Line) -> None:
    arrive(line, change("Account", "001A", create=True), change("Account", "001A", at=2_000))
    [lane] = lanes(line)
    assert records(lane) == [("customer", "001A", 0)]


def test_events_of_a_known_record_go_to_its_lane(line: Line) -> None:
    arrive(line, change("Account", "001A", create=True))
    arrive(line, change("Account", "001A", at=2_000))
    [lane] = lanes(line)
    assert {e.lane_id for e in line.events()} == {lane.id}


def test_a_contact_goes_to_the_lane_of_the_account_it_names(line: Line) -> None:
    arrive(line, change("Account", "001A", create=True))
    arrive(line, change("Contact", "003A", {"AccountId": "001A"}, create=True))
    [lane] = lanes(line)
    assert records(lane) == [("customer", "001A", 0), ("person", "003A", 0)]


def test_an_account_only_a_contact_tells_of_is_made_and_read(line: Line) -> None:
    arrive(line, change("Contact", "003A", {"AccountId": "001A"}, create=True))
    [lane] = lanes(line)
    assert records(lane) == [("customer", "001A", 1), ("person", "003A", 0)]


def test_an_account_told_of_in_the_same_batch_is_not_read_for_its_contacts(line: Line) -> None:
    arrive(
        line,
        change("Contact", "003A", {"AccountId": "001A"}, create=True),
        change("Account", "001A", create=True),
        change("Contact", "003B", {"AccountId": "001A"}, create=True),
    )
    [lane] = lanes(line)
    assert sorted(records(lane)) == [("customer", "001A", 0), ("person", "003A", 0), ("person", "003B", 0)]


def test_a_contact_without_an_account_is_a_customer(line: Line) -> None:
    arrive(line, change("Contact", "003A", {"AccountId": None}, create=True))
    [lane] = lanes(line)
    assert records(lane) == [("customer", "003A", 0)]


def test_a_known_contact_stays_where_it_is_until_its_move_is_folded(line: Line) -> None:
    """Only the fold knows whether the event is older than what is known."""
    arrive(line, change("Account", "001A", create=True), change("Account", "001B", create=True))
    arrive(line, change("Contact", "003A", {"AccountId": "001A"}, create=True))
    arrive(line, change("Contact", "003A", {"AccountId": "001B"}, at=2_000))
    first = next(lane for lane in lanes(line) if lane.root.on(SALESFORCE).record_id == "001A")
    assert [e.lane_id for e in line.events()][-1] == first.id


def test_ids_are_told_apart_by_side(line: Line) -> None:
    hook = ArrivedEvent(ZOHO, "z", "contact", "001A", EventKind.RECORD, Channel.WEBHOOK, 1_000, {})
    arrive(line, change("Account", "001A", create=True), hook)
    assert len(lanes(line)) == 2


def test_what_a_person_waits_for_goes_before_what_a_scan_found(line: Line) -> None:
    arrive(
        line,
        change("Account", "001A", create=True),
        change("Account", "001B", create=True, channel=Channel.SCAN, kind=EventKind.RECORD),
        change("Account", "001C", create=True, channel=Channel.PERSON, kind=EventKind.RECORD),
        change("Account", "001D", create=True, channel=Channel.POLL, kind=EventKind.RECORD),
    )
    with line.stores.reading(line.pair_id) as uow:
        classes = uow.lanes.work_classes(uow.lanes.all_ids())  # type: ignore[attr-defined]
    assert [classes[lane_id] for lane_id in sorted(classes)] == [
        WorkClass.EVENT,
        WorkClass.BATCH,
        WorkClass.EVENT,
        WorkClass.BATCH,
    ]


def test_at_most_the_asked_number_is_taken_the_oldest_first(line: Line) -> None:
    accept(line.services, [change("Account", f"001{n}", create=True) for n in range(3)])
    assert route(line.services, 2) == 2
    assert [e.state.value for e in line.events()] == ["queued", "queued", "received"]
    assert route(line.services, 2) == 1
    assert route(line.services, 2) == 0


# --------------------------------------------------------------------- what belongs to no record


def test_an_event_nobody_can_read_is_a_dead_letter_and_the_rest_goes_on(line: Line) -> None:
    broken = change("Account", "", kind=EventKind.UNDECODABLE)
    arrive(line, broken, change("Account", "001A", create=True))
    raw, fine = line.events()
    assert (raw.outcome, raw.reason) == (Outcome.DEAD_LETTER, "undecodable")
    assert fine.lane_id is not None
    [letter] = line.dead_letters()
    assert (letter.stage, letter.code, letter.event_id, letter.side) == (
        "accept",
        "event.undecodable",
        raw.id,
        "salesforce",
    )
    assert letter.advice
    assert raw.detail == {"dead_letter": letter.id}


def test_an_overflow_asks_for_the_whole_entity(line: Line) -> None:
    arrive(line, change("Account", "", kind=EventKind.OVERFLOW, at=5_000_000))
    cursor = asked_for(line)
    assert (cursor.watermark, cursor.run["open"], cursor.run["gone_since"]) == (0, True, 1_400_000)
    assert [(e.outcome, e.reason) for e in line.events()] == [
        (Outcome.FOLDED, "the whole entity is read again"),
    ]
    assert lanes(line) == []


@pytest.mark.parametrize(("is_open", "since"), [(True, 100), (False, 1_400_000)])
def test_an_overflow_never_shortens_a_delta_read_that_is_open(line: Line, is_open: bool, since: int) -> None:
    with line.stores.begin(line.pair_id) as uow:
        uow.cursors.put(Cursor("catch-up:Account", SALESFORCE, watermark=100, run={"open": is_open}))
    arrive(line, change("Account", "", kind=EventKind.OVERFLOW, at=5_000_000))
    assert asked_for(line).run["gone_since"] == since


def asked_for(line: Line) -> Cursor:
    with line.stores.reading(line.pair_id) as uow:
        cursor = uow.cursors.get(SALESFORCE, "catch-up:Account")
    assert cursor is not None
    return cursor
