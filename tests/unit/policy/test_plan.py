"""Plan a lane: desired state minus what each side holds, as steps of one outside call each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integration.canonical.outcome import BindingState, Operation
from integration.canonical.values import Fields, Side, Value
from integration.policy.plan import (
    PUT_AWAY,
    DeletePolicy,
    Plan,
    Shape,
    Step,
    digest_of,
    is_waived,
    plan_lane,
)
from integration.policy.state import Cell, Existence, Intent, LaneState, Member
from tests.unit.policy.sample_lane import SALESFORCE, ZOHO, PlainShape, lane, member

SHAPE = PlainShape()


def plan(
    of: LaneState, shape: Shape = SHAPE, deletes: DeletePolicy | None = None, *, create: bool = True
) -> Plan:
    return plan_lane(of, shape, deletes or DeletePolicy(), lambda _member, _side: create)


def steps(of: LaneState, shape: Shape = SHAPE, **more: Any) -> list[Step]:
    return plan(of, shape, **more).steps


def deleted(one: Member, side: Side) -> Member:
    one.on(side).existence = Existence.GONE
    return one


# --------------------------------------------------------------------- differences


def test_what_both_sides_hold_needs_no_step() -> None:
    assert steps(lane(member({"name": "a", "phone": None}, {"name": "A"}))) == []


def test_a_side_is_sent_only_what_it_lacks() -> None:
    one = member(
        {"name": "new", "city": "Hull"}, {"name": "old", "city": "Hull"}, base={"name": "old", "city": "Hull"}
    )
    assert steps(lane(one)) == [Step(1, ZOHO, Operation.UPDATE, "main", {"name": "new"})]


def test_a_change_on_each_side_is_a_step_for_each() -> None:
    one = member(
        {"name": "new", "phone": "1"}, {"name": "old", "phone": "2"}, base={"name": "old", "phone": "1"}
    )
    assert [(s.side, s.fields) for s in steps(lane(one))] == [
        (SALESFORCE, {"phone": "2"}),
        (ZOHO, {"name": "new"}),
    ]


def test_the_decision_behind_every_field_is_told_with_the_plan() -> None:
    one = member({"name": "new"}, {"name": "old"}, base={"name": "old"})
    [decision] = plan(lane(one)).decisions[1]
    assert (decision.name, decision.value, decision.winner, decision.rule) == (
        "name",
        "new",
        SALESFORCE,
        "changed",
    )


def test_a_value_that_side_holds_in_the_form_we_sent_is_not_sent_again() -> None:
    one = member({"name": "x"}, {"name": "x"})
    one.on(ZOHO).cells["name"] = Cell("answered", sent="x", has_sent=True)
    assert steps(lane(one)) == []


def test_an_override_goes_to_both_sides() -> None:
    one = member({"name": "a"}, {"name": "a"})
    one.overrides = {"name": "by a person"}
    assert [(s.side, s.fields) for s in steps(lane(one))] == [
        (SALESFORCE, {"name": "by a person"}),
        (ZOHO, {"name": "by a person"}),
    ]


def test_a_blank_is_not_sent_to_a_side_that_never_told_the_field() -> None:
    assert steps(lane(member({"notes": None}, {}, base={}))) == []


def test_a_field_the_side_cannot_receive_is_left_out() -> None:
    shape = PlainShape(unwritable={ZOHO: frozenset({"notes"})})
    assert steps(lane(member({"notes": "a"}, {"notes": "b"}, base={"notes": "b"})), shape) == []


def test_every_facet_is_a_call_of_its_own_in_a_fixed_order() -> None:
    shape = PlainShape(facets={"is_active": "status", "phone": "primary_person", "is_primary": "primary"})
    told: Fields = {"is_primary": True, "is_active": False, "phone": "1", "name": "n"}
    was: Fields = {"is_primary": False, "is_active": True, "phone": "0", "name": "o"}
    found = steps(lane(member(told, was, base=was)), shape)
    assert [(s.operation, s.facet, s.fields) for s in found] == [
        (Operation.UPDATE, "main", {"name": "n"}),
        (Operation.UPDATE, "primary_person", {"phone": "1"}),
        (Operation.DEACTIVATE, "status", {"is_active": False}),
        (Operation.MAKE_PRIMARY, "primary", {"is_primary": True}),
    ]


@pytest.mark.parametrize(
    ("side", "active", "operation"),
    [
        (ZOHO, True, Operation.ACTIVATE),
        (ZOHO, False, Operation.DEACTIVATE),
        (SALESFORCE, True, Operation.UPDATE),
        (SALESFORCE, False, Operation.UPDATE),
    ],
)
def test_status_is_a_call_in_zoho_and_a_field_in_salesforce(
    side: Side, active: bool, operation: Operation
) -> None:
    now, was = {"is_active": active}, {"is_active": not active}
    one = member(now, was, base=was) if side is ZOHO else member(was, now, base=was)
    [step] = steps(lane(one), PlainShape(facets={"is_active": "status"}))
    assert (step.side, step.operation) == (side, operation)


def test_the_primary_flag_can_only_be_given() -> None:
    one = member({"is_primary": False}, {"is_primary": True}, base={"is_primary": True})
    [step] = steps(lane(one), PlainShape(facets={"is_primary": "primary"}))
    assert step.operation is Operation.UPDATE


def test_the_root_comes_before_its_persons() -> None:
    person = member({"name": "n"}, {"name": "o"}, base={"name": "o"}, number=2, entity="person", kind="")
    root = member({"name": "n"}, {"name": "o"}, base={"name": "o"})
    assert [s.binding_id for s in steps(lane(person, root))] == [1, 2]


# --------------------------------------------------------------------- what would be lost


def test_fields_that_would_be_emptied_are_counted_for_the_brake() -> None:
    was: Fields = {"name": "n", "phone": "1", "city": " ", "notes": "x"}
    now: Fields = {"name": "n", "phone": None, "city": None, "notes": "y"}
    [step] = steps(lane(member(now, was, base=was)))
    assert (step.fields, step.blanked) == ({"phone": None, "city": None, "notes": "y"}, 1)


@pytest.mark.parametrize(("side", "harm"), [(SALESFORCE, 1), (ZOHO, 0)])
def test_putting_away_counts_where_no_operation_tells_it(side: Side, harm: int) -> None:
    """A deactivation of Zoho is counted by its operation."""
    now, was = {"is_active": False}, {"is_active": True}
    one = member(now, was, base=was) if side is ZOHO else member(was, now, base=was)
    [step] = steps(lane(one), PlainShape(facets={"is_active": "status"}))
    assert step.blanked == harm


# --------------------------------------------------------------------- refused before


def test_a_step_that_was_refused_is_not_sent_again_unchanged() -> None:
    one = member({"name": "new"}, {"name": "old"}, base={"name": "old"})
    one.on(ZOHO).waived = {"update:main": digest_of(Operation.UPDATE, "main", {"name": "new"})}
    made = plan(lane(one))
    assert (made.steps, [s.fields for s in made.refused]) == ([], [{"name": "new"}])


def test_a_refused_step_is_sent_once_its_content_changed() -> None:
    one = member({"name": "newer"}, {"name": "old"}, base={"name": "old"})
    one.on(ZOHO).waived = {"update:main": digest_of(Operation.UPDATE, "main", {"name": "new"})}
    assert [s.fields for s in steps(lane(one))] == [{"name": "newer"}]


def test_a_refused_value_leaves_the_other_fields_of_the_step_alone() -> None:
    one = member(
        {"name": "taken", "city": "Hull"}, {"name": "old", "city": ""}, base={"name": "old", "city": ""}
    )
    one.on(ZOHO).waived = {"field:name": digest_of(Operation.UPDATE, "name", {"name": "taken"})}
    assert [s.fields for s in steps(lane(one))] == [{"city": "Hull"}]
    assert is_waived(one.on(ZOHO), "name", "taken")
    assert not is_waived(one.on(ZOHO), "name", "free")
    assert not is_waived(one.on(SALESFORCE), "name", "taken")


@pytest.mark.parametrize(
    "other",
    [
        (Operation.CREATE, "main", {"name": "a"}),
        (Operation.UPDATE, "status", {"name": "a"}),
        (Operation.UPDATE, "main", {"name": "b"}),
        (Operation.UPDATE, "main", {"name": "a", "city": None}),
    ],
)
def test_a_digest_names_operation_facet_and_content(other: tuple[Operation, str, Fields]) -> None:
    assert digest_of(*other) != digest_of(Operation.UPDATE, "main", {"name": "a"})


def test_a_digest_does_not_depend_on_the_order_of_fields() -> None:
    left: dict[str, Value] = {"a": 1, "b": "x"}
    right: dict[str, Value] = {"b": "x", "a": 1}
    assert digest_of(Operation.UPDATE, "main", left) == digest_of(Operation.UPDATE, "main", right)


# --------------------------------------------------------------------- when nothing is decided


@pytest.mark.parametrize("where", [(0, SALESFORCE), (0, ZOHO), (1, SALESFORCE), (1, ZOHO)])
def test_a11_a_dirty_lane_decides_nothing_and_moves_no_base(where: tuple[int, Side]) -> None:
    agreed = member({"name": "same"}, {"name": "same"}, base={"name": "old"})
    differing = member({"name": "n"}, {"name": "o"}, base={"name": "o"}, number=2, entity="person", kind="")
    both = lane(agreed, differing)
    both.members[where[0]].on(where[1]).dirty = 1
    assert plan(both) == Plan()
    assert agreed.base == {"name": "old"}


@pytest.mark.parametrize("side", Side)
def test_a_record_out_of_scope_is_not_written(side: Side) -> None:
    one = member({"name": "n"}, {"name": "o"}, base={"name": "o"})
    one.on(side).in_scope = False
    assert plan(lane(one)) == Plan()


def test_what_is_out_of_scope_and_gone_holds_nothing_up() -> None:
    one = deleted(member({}, {"is_active": True}), SALESFORCE)
    one.on(SALESFORCE).in_scope = False
    assert [s.operation for s in steps(lane(one))] == [Operation.DEACTIVATE]


def test_two_records_that_are_not_joined_yet_are_not_merged() -> None:
    one = member({"name": "n"}, {"name": "o"}, base={})
    one.joined = False
    assert steps(lane(one)) == []


@pytest.mark.parametrize("state", [BindingState.TOMBSTONE, BindingState.ALIAS])
def test_what_has_ended_is_left_alone(state: BindingState) -> None:
    one = member({"name": "n"}, {"name": "o"}, base={"name": "o"})
    one.state = state
    assert plan(lane(one)) == Plan()


# --------------------------------------------------------------------- deletes


@pytest.mark.parametrize("gone", Side)
def test_the_partner_of_a_deleted_customer_is_put_away(gone: Side) -> None:
    one = deleted(member({"is_active": True}, {"is_active": True}), gone)
    [step] = steps(lane(one))
    operation = Operation.UPDATE if gone is ZOHO else Operation.DEACTIVATE
    assert (step.side, step.operation, step.facet, step.fields) == (
        gone.other,
        operation,
        "status",
        {"is_active": False},
    )
    assert step.blanked == (gone is ZOHO)


def test_a_partner_that_is_put_away_already_is_left() -> None:
    assert steps(lane(deleted(member({"is_active": True}, {"is_active": False}), SALESFORCE))) == []


def test_a_side_that_cannot_put_away_is_left() -> None:
    shape = PlainShape(unwritable={SALESFORCE: frozenset({"is_active"})})
    assert steps(lane(deleted(member({"is_active": True}, {}), ZOHO)), shape) == []


@pytest.mark.parametrize(
    ("policy", "operations"),
    [("deactivate", [Operation.DEACTIVATE]), ("delete", [Operation.DELETE]), ("keep", []), ("exception", [])],
)
def test_policy_says_what_a_delete_does(policy: str, operations: list[Operation]) -> None:
    one = deleted(member({}, {"is_active": True}), SALESFORCE)
    assert [s.operation for s in steps(lane(one), deletes=DeletePolicy(customer=policy))] == operations


def test_persons_have_a_policy_per_side() -> None:
    deletes = DeletePolicy("keep", "delete", "deactivate")
    person = member({"is_active": True}, {}, number=2, entity="person", kind="")
    assert (deletes.of(person, ZOHO), deletes.of(person, SALESFORCE)) == ("delete", "deactivate")
    assert deletes.of(member({}, {}), ZOHO) == "keep"
    [step] = steps(lane(member({}, {}), deleted(person, SALESFORCE)), deletes=deletes)
    assert (step.binding_id, step.operation) == (2, Operation.DELETE)


def test_persons_stay_with_a_customer_that_is_put_away_as_a_whole() -> None:
    root = deleted(member({}, {"is_active": True}), SALESFORCE)
    person = deleted(member({}, {}, number=2, entity="person", kind=""), SALESFORCE)
    assert [(s.binding_id, s.operation) for s in steps(lane(root, person))] == [(1, Operation.DEACTIVATE)]


def test_both_gone_is_the_end() -> None:
    assert steps(lane(deleted(deleted(member({}, {}), ZOHO), SALESFORCE))) == []


def test_a_deleted_record_is_never_created_anew_by_the_plan() -> None:
    one = deleted(member({}, {"is_active": False}), SALESFORCE)
    one.intent = Intent(SALESFORCE, "zoho-1", 1, searched_at=1)
    assert steps(lane(one)) == []


@pytest.mark.parametrize(("how", "operations"), [(PUT_AWAY, [Operation.DEACTIVATE]), ("merged: kept", [])])
def test_the_loser_of_a_merge_is_put_away_only_when_nothing_is_open_on_it(
    how: str, operations: list[Operation]
) -> None:
    loser = member({}, {"is_active": True})
    loser.state, loser.how = BindingState.ALIAS, how
    assert [s.operation for s in steps(lane(loser))] == operations


# --------------------------------------------------------------------- creates


def lonely(fields: Fields, side: Side = SALESFORCE, *, searched: bool = True) -> Member:
    one = member(fields if side is SALESFORCE else None, fields if side is ZOHO else None)
    one.intent = Intent(side.other, one.on(side).record_id, 1, searched_at=1 if searched else 0)
    return one


def test_nothing_is_created_without_leave() -> None:
    assert steps(lane(lonely({"name": "n"})), create=False) == []


def test_a_look_up_comes_before_a_create() -> None:
    assert steps(lane(lonely({"name": "n"}, searched=False))) == [Step(1, ZOHO, Operation.FIND)]


@pytest.mark.parametrize("side", Side)
def test_a_create_carries_everything_but_blanks(side: Side) -> None:
    shape = PlainShape(unwritable={side.other: frozenset({"city"})})
    one = lonely({"name": "n", "phone": None, "notes": " ", "city": "Hull"}, side)
    assert steps(lane(one), shape) == [Step(1, side.other, Operation.CREATE, "main", {"name": "n"})]


def test_persons_are_made_with_their_customer_in_zoho() -> None:
    person = member({"name": "p", "phone": None}, number=2, entity="person", kind="")
    [step] = steps(lane(lonely({"name": "n"}), person))
    assert (step.operation, step.children) == (Operation.CREATE, {2: {"name": "p"}})


@pytest.mark.parametrize("left_out", ["gone", "unread", "out of scope", "there already", "ended"])
def test_persons_that_cannot_be_made_now_are_left_out(left_out: str) -> None:
    person = member({"name": "p"}, number=2, entity="person", kind="")
    here, there = person.on(SALESFORCE), person.on(ZOHO)
    if left_out == "there already":
        there.existence = Existence.UNKNOWN
    elif left_out == "ended":
        person.state = BindingState.TOMBSTONE
    elif left_out == "out of scope":
        here.in_scope = False
    else:
        here.existence = Existence.GONE if left_out == "gone" else Existence.UNKNOWN
    [step] = steps(lane(lonely({"name": "n"}), person))
    assert step.children == {}


def test_salesforce_takes_persons_one_by_one_after_their_account() -> None:
    root, person = (
        lonely({"name": "n"}, ZOHO),
        member(None, {"name": "p"}, number=2, entity="person", kind=""),
    )
    [step] = steps(lane(root, person))
    assert (step.binding_id, step.side, step.children) == (1, SALESFORCE, {})
    root.on(SALESFORCE).existence, root.joined = Existence.ALIVE, True
    root.on(SALESFORCE).cells = dict(root.on(ZOHO).cells)
    assert [(s.binding_id, s.operation) for s in steps(lane(root, person))] == [(2, Operation.CREATE)]


def test_an_individual_has_no_persons_to_make() -> None:
    root = replace(lonely({"name": "n"}), kind="individual")
    person = member({"name": "p"}, number=2, entity="person", kind="")
    [step] = steps(lane(root, person))
    assert step.children == {}
