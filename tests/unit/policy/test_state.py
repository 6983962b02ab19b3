"""One lane in memory."""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from integration.policy.state import Existence, LaneState, Member
from tests.unit.policy.sample_lane import SALESFORCE, ZOHO, lane, member


def test_a_side_nobody_told_of_is_absent_and_remembered_once_asked_for() -> None:
    one = Member(1, "customer")
    state = one.on(ZOHO)
    assert (state.side, state.existence, state.record_id, state.dirty) == (ZOHO, Existence.ABSENT, "", 0)
    assert one.on(ZOHO) is state
    assert set(one.sides) == {ZOHO}


def test_the_root_is_the_member_the_aggregate_is_named_after() -> None:
    person, root = member({}, number=2, entity="person", kind=""), member({})
    assert lane(person, root).root is root


def test_a_lane_without_its_root_says_so() -> None:
    with pytest.raises(StopIteration):
        _ = lane(member({}, entity="person")).root


@pytest.mark.parametrize("side", Side)
def test_one_dirty_record_makes_the_lane_dirty(side: Side) -> None:
    """A11 rests on this: whoever asks the lane hears of every member and side."""
    root, person = member({}, {}), member({}, {}, number=2, entity="person")
    assert not lane(root, person).dirty
    person.on(side).dirty = 1
    assert lane(root, person).dirty


def test_members_are_found_by_binding_and_by_record() -> None:
    root, person = member({}, {}), member({}, {}, number=2, entity="person")
    both = lane(root, person)
    assert both.member(2) is person
    assert both.member(3) is None
    assert both.by_record(ZOHO, "zoho", "zoho-2") is person
    assert both.by_record(SALESFORCE, "salesforce", "zoho-2") is None
    assert both.by_record(ZOHO, "contact", "zoho-2") is None


def test_ids_of_two_entities_are_not_mixed_up() -> None:
    """Zoho numbers contacts and persons apart, so both may have the same id."""
    root, person = member(None, {}), member(None, {}, number=2, entity="person")
    root.on(ZOHO).entity, person.on(ZOHO).entity = "contact", "contact_person"
    root.on(ZOHO).record_id = person.on(ZOHO).record_id = "4600"
    assert lane(root, person).by_record(ZOHO, "contact_person", "4600") is person


def test_asking_for_a_record_makes_no_side() -> None:
    one = Member(1, "customer")
    assert LaneState(1, "customer", members=[one]).by_record(ZOHO, "", "") is None
    assert one.sides == {}
