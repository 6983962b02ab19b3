"""The children a whole parent record shows: new ones join the lane, missing ones are gone or must be read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from integration.canonical.event import NativeRecord, Position
from integration.canonical.values import Side
from integration.flows.absorb import Absorber
from integration.flows.children import absorb_family, missing_children, settle_children
from integration.policy.state import Existence, LaneState, Member
from tests.unit.mapping.sample import LOOKUPS, mapping

SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
ENTITIES = {SALESFORCE: ("Account", "Contact"), ZOHO: ("contact", "contact_person")}
NAMES = {SALESFORCE: ("Name", "LastName"), ZOHO: ("contact_name", "last_name")}


def family(side: Side, *persons: str, at: int = 5_000) -> list[NativeRecord]:
    """A customer with persons of these ids."""
    (root, child), (name, last_name) = ENTITIES[side], NAMES[side]
    under = {"AccountId": "root"} if side is SALESFORCE else {}
    return [
        NativeRecord(side, root, "root", {name: "Harbour Mills"}, at),
        *(
            NativeRecord(side, child, p, {last_name: f"Doe {p}", **under}, at, parent_id="root")
            for p in persons
        ),
    ]


def lane_of(side: Side) -> LaneState:
    member = Member(1, "customer", "business")
    state = member.on(side)
    state.entity, state.record_id, state.existence = ENTITIES[side][0], "root", Existence.UNKNOWN
    return LaneState(1, "customer", members=[member])


def show(lane: LaneState, records: Sequence[NativeRecord]) -> None:
    """A full read that shows these records."""
    position = Position(records[0].at, is_read=True)
    absorb_family(Absorber(lane, mapping(), LOOKUPS), records, position, is_read=True)
    settle_children(lane, records, position)


def person(lane: LaneState, side: Side, record_id: str) -> Member:
    found = lane.by_record(side, ENTITIES[side][1], record_id)
    assert found is not None
    return found


@pytest.mark.parametrize("side", Side)
def test_a_customer_comes_with_its_persons(side: Side) -> None:
    lane = lane_of(side)
    show(lane, family(side, "a", "b"))
    assert [(m.entity, m.on(side).record_id, m.on(side).existence) for m in lane.members] == [
        ("customer", "root", Existence.ALIVE),
        ("person", "a", Existence.ALIVE),
        ("person", "b", Existence.ALIVE),
    ]
    assert lane.root.on(side).children_at == 5_000


def test_what_becomes_of_each_is_told_root_first() -> None:
    lane = lane_of(ZOHO)
    absorber = Absorber(lane, mapping(), LOOKUPS)
    absorbed = absorb_family(absorber, family(ZOHO, "a"), Position(5_000), is_read=False)
    assert [(one.binding_id, one.born) for one in absorbed] == [(1, True), (-2, True)]


def test_a_person_zoho_does_not_show_any_more_was_deleted() -> None:
    lane = lane_of(ZOHO)
    show(lane, family(ZOHO, "a", "b"))
    show(lane, family(ZOHO, "a", at=6_000))
    assert person(lane, ZOHO, "b").on(ZOHO).existence is Existence.GONE
    assert person(lane, ZOHO, "a").on(ZOHO).existence is Existence.ALIVE
    assert not lane.dirty


def test_a_contact_salesforce_does_not_show_any_more_may_have_moved_and_is_read() -> None:
    lane = lane_of(SALESFORCE)
    show(lane, family(SALESFORCE, "a", "b"))
    show(lane, family(SALESFORCE, "a", at=6_000))
    missing = person(lane, SALESFORCE, "b").on(SALESFORCE)
    assert (missing.existence, missing.dirty) == (Existence.ALIVE, 1)
    assert lane.root.on(SALESFORCE).dirty == 0


def test_a_person_missing_from_an_event_of_the_very_second_it_was_seen_in_is_asked_for() -> None:
    """Which of the two lists is the later one cannot be known; a read after both can tell."""
    lane = lane_of(ZOHO)
    show(lane, family(ZOHO, "a"))
    settle_children(lane, family(ZOHO), Position(5_000))
    assert person(lane, ZOHO, "a").on(ZOHO).existence is Existence.ALIVE
    assert lane.root.on(ZOHO).dirty == 1
    show(lane, family(ZOHO))
    assert person(lane, ZOHO, "a").on(ZOHO).existence is Existence.GONE
    assert lane.root.on(ZOHO).dirty == 1, "by this read; what it began with is taken away elsewhere"


def test_a_list_older_than_the_known_one_adds_nobody_and_takes_nobody_away() -> None:
    """Who is missing from the newer list was deleted meanwhile."""
    lane = lane_of(ZOHO)
    show(lane, family(ZOHO, "a", at=6_000))
    show(lane, family(ZOHO, "b", at=5_000))
    assert lane.by_record(ZOHO, "contact_person", "b") is None
    assert person(lane, ZOHO, "a").on(ZOHO).existence is Existence.ALIVE
    assert lane.root.on(ZOHO).children_at == 6_000


def test_an_older_list_still_tells_of_a_person_that_is_known() -> None:
    lane = lane_of(ZOHO)
    show(lane, family(ZOHO, "a", at=6_000))
    absorber = Absorber(lane, mapping(), LOOKUPS)
    absorbed = absorb_family(absorber, family(ZOHO, "a", at=5_000), Position(5_000), is_read=False)
    assert len(absorbed) == 2
    assert absorbed[1].folded.stale == ["last_name"] or "last_name" in absorbed[1].folded.stale


@pytest.mark.parametrize("existence", [Existence.GONE, Existence.UNKNOWN, Existence.ABSENT])
def test_only_living_persons_can_be_missing(existence: Existence) -> None:
    lane = lane_of(ZOHO)
    show(lane, family(ZOHO, "a"))
    person(lane, ZOHO, "a").on(ZOHO).existence = existence
    assert missing_children(lane, family(ZOHO), Position(6_000)) == []


def test_persons_of_the_other_side_are_not_missed() -> None:
    lane = lane_of(ZOHO)
    theirs = Member(2, "person")
    theirs.on(SALESFORCE).existence, theirs.on(SALESFORCE).record_id = Existence.ALIVE, "003A"
    lane.members.append(theirs)
    assert missing_children(lane, family(ZOHO), Position(6_000)) == []
    assert ZOHO not in theirs.sides
