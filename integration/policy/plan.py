"""Plan a lane: desired state minus what each side is confirmed to hold, as steps of one outside call each.

A plan is made anew by every transaction that changes the lane, so a step that was not taken is never lost and
never old.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from integration.canonical.outcome import BindingState, Operation
from integration.canonical.values import Fields, Side, Value, encode_fields, is_blank
from integration.policy.fold import Same, equals
from integration.policy.merge import LATE, Decision, Ownership, merge
from integration.policy.state import Existence, LaneState, Member, SideState, Write

PUT_AWAY = "merged: put away"
"""How an alias is bound whose Zoho record may be deactivated."""

FACETS = ("main", "primary_person", "status", "primary")


class Shape(Protocol):
    """What the plan must know of the mapping."""

    def ownership(self, entity: str) -> Ownership:
        """Who decides fields of a canonical entity."""

    def same(self, entity: str) -> Same:
        """Equality of canonical values of an entity."""

    def writable(self, side: Side, entity: str, kind: str) -> frozenset[str]:
        """Canonical fields a side can receive."""

    def settle(self, entity: str, kind: str, desired: Fields, moved: frozenset[str]) -> Fields:
        """The desired record with composed fields and their parts saying the same again."""

    def facet(self, side: Side, entity: str, kind: str, name: str) -> str:
        """Which outside call carries a field."""


@dataclass(frozen=True)
class DeletePolicy:
    """What becomes of the partner of a record that was deleted at its source."""

    customer: str = "deactivate"
    person_in_zoho: str = "delete"
    person_in_salesforce: str = "deactivate"

    def of(self, member: Member, target: Side) -> str:
        """`deactivate`, `delete`, `keep` or `exception` for the member's record on `target`."""
        if member.entity == "customer":
            return self.customer
        return self.person_in_zoho if target is Side.ZOHO else self.person_in_salesforce


@dataclass(frozen=True)
class Step:
    """One outside call that would bring a side nearer to the desired state."""

    binding_id: int
    side: Side
    operation: Operation
    facet: str = "main"
    fields: Fields = field(default_factory=dict)
    children: dict[int, Fields] = field(default_factory=dict)
    blanked: int = 0
    composed: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Names the content, so that a refused step is not sent again unchanged."""
        return digest_of(self.operation, self.facet, self.fields)


@dataclass
class Plan:
    """Steps per rank order, the decisions behind them, members that need a match first."""

    steps: list[Step] = field(default_factory=list)
    decisions: dict[int, list[Decision]] = field(default_factory=dict)
    refused: list[Step] = field(default_factory=list)


def digest_of(operation: Operation, facet: str, fields: Mapping[str, object]) -> str:
    """A short digest of what a step would write."""
    body = json.dumps([operation, facet, encode_fields(dict(fields))], sort_keys=True, default=str)  # type: ignore[arg-type]
    return hashlib.sha256(body.encode()).hexdigest()[:24]


def is_waived(state: SideState, name: str, value: Value) -> bool:
    """Whether the side refused this very value of a field before."""
    return state.waived.get(f"field:{name}") == digest_of(Operation.UPDATE, name, {name: value})


def plan_lane(
    lane: LaneState, shape: Shape, deletes: DeletePolicy, may_create: Callable[[Member, Side], bool]
) -> Plan:
    """Decide what to write; a dirty lane decides nothing and moves no base (rule A11)."""
    plan = Plan()
    if lane.dirty:
        return plan
    for member in sorted(lane.members, key=lambda m: m.entity != lane.aggregate):
        if member.has_lost_merge:
            continue  # its winner may take the partner over
        for step in _steps(lane, member, shape, deletes, may_create, plan):
            waived = member.on(step.side).waived.get(f"{step.operation}:{step.facet}") == step.digest
            (plan.refused if waived else plan.steps).append(step)
    return plan


def is_still_planned(lane: LaneState, write: Write, shape: Shape, deletes: DeletePolicy) -> bool:
    """Whether what was not taken is to be sent as it was: the record may have been changed meanwhile, or
    changed back. What makes or looks for a record is left to whoever decides about partners.
    """
    if lane.dirty or write.operation in (Operation.CREATE, Operation.FIND):
        return True
    plan = plan_lane(lane, shape, deletes, lambda _member, _side: False)
    told = (write.binding_id, write.side, write.digest)
    return any((step.binding_id, step.side, step.digest) == told for step in plan.steps)


def _steps(
    lane: LaneState,
    member: Member,
    shape: Shape,
    deletes: DeletePolicy,
    may_create: Callable[[Member, Side], bool],
    plan: Plan,
) -> list[Step]:
    if member.state in (BindingState.ALIAS, BindingState.TOMBSTONE):
        return _put_away(member, shape) if member.state is BindingState.ALIAS else []
    states = {side: member.on(side) for side in Side}
    alive = [side for side in Side if states[side].existence is Existence.ALIVE]
    gone = [side for side in Side if states[side].existence is Existence.GONE]
    if any(not states[side].in_scope for side in alive):
        return []
    if len(alive) == 2 and member.joined:
        plan.decisions[member.binding_id] = decide_fields(member, shape)
        return _updates(member, plan.decisions[member.binding_id], shape)
    if len(alive) == 1 and gone:
        return _after_delete(lane, member, alive[0], deletes, shape)
    if len(alive) == 1 and may_create(member, alive[0].other):
        return _create(lane, member, alive[0].other, shape, plan)
    return []


def decide_fields(member: Member, shape: Shape) -> list[Decision]:
    """Merge a member's fields; a field composed of others follows them at once, instead of coming back as
    a change.
    """
    decisions = merge(member, shape.ownership(member.entity), shape.same(member.entity))
    desired = {d.name: d.value for d in decisions}
    moved = frozenset(d.name for d in decisions if d.rule in ("changed", "latest", "override", "owner", LATE))
    settled = shape.settle(member.entity, member.kind, desired, moved)
    if corrected := {d.name: d.value for d in decisions if d.rule == "override"}:
        settled = shape.settle(member.entity, member.kind, {**settled, **corrected}, frozenset(corrected))
        decisions = [_with_real_loss(member, d, shape) for d in decisions]
    same = shape.same(member.entity)
    followed = [
        d
        if settled.get(d.name) is d.value or same(d.name, d.value, settled.get(d.name))
        else replace(d, value=settled[d.name], rule="composed", agreed=False)
        for d in decisions
    ]
    new = [Decision(name, value, None, "composed") for name, value in settled.items() if name not in desired]
    return followed + new


def _with_real_loss(member: Member, decision: Decision, shape: Shape) -> Decision:
    """A side that cannot be written keeps what it says beside a correction: nothing is lost there."""
    if decision.rule != "override" or not decision.conflict:
        return decision
    name, same = decision.name, shape.same(member.entity)
    covered = [
        cell.value
        for side in Side
        if name in shape.writable(side, member.entity, member.kind)
        and (cell := member.on(side).cells.get(name)) is not None
        and not equals(same, name, decision.value, cell)
        and not same(name, cell.value, member.base.get(name))
    ]
    return replace(decision, lost=covered[0] if covered else None, conflict=bool(covered))


def _updates(member: Member, decisions: list[Decision], shape: Shape) -> list[Step]:
    """What each side lacks. A composed value is said to its owner first, or the owner's old one would win
    again.
    """
    open_ones = [d for d in decisions if not d.agreed]
    steps = {side: _differences(member, side, open_ones, shape) for side in Side}
    for side in Side:
        told = {way: {n for s in steps[way] for n in s.composed} - member.overrides.keys() for way in Side}
        owners = {shape.ownership(member.entity).owner(name) for name in told[side]}
        if side.other.value in owners and told[side.other]:
            steps[side] = []
    return [step for side in Side for step in steps[side]]


def _differences(member: Member, side: Side, decisions: list[Decision], shape: Shape) -> list[Step]:
    state, same = member.on(side), shape.same(member.entity)
    writable = shape.writable(side, member.entity, member.kind)
    by_facet: dict[str, Fields] = {}
    for decision in decisions:
        if (
            decision.name not in writable
            or _holds(state, decision, same)
            or is_waived(state, decision.name, decision.value)
        ):
            continue
        facet = shape.facet(side, member.entity, member.kind, decision.name)
        by_facet.setdefault(facet, {})[decision.name] = decision.value
    # What neither side said before becomes the base only when both hold it.
    composed = frozenset(d.name for d in decisions if d.rule in ("composed", "override"))
    return [_update(member, side, facet, by_facet[facet], composed) for facet in FACETS if facet in by_facet]


def _holds(state: SideState, decision: Decision, same: Same) -> bool:
    cell = state.cells.get(decision.name)
    if cell is None:
        return is_blank(decision.value)
    return equals(same, decision.name, decision.value, cell)


def _update(member: Member, side: Side, facet: str, fields: Fields, composed: frozenset[str]) -> Step:
    operation = Operation.UPDATE
    if facet == "status" and side is Side.ZOHO:
        operation = Operation.ACTIVATE if fields.get("is_active") else Operation.DEACTIVATE
    elif facet == "primary" and fields.get("is_primary") is True:
        operation = Operation.MAKE_PRIMARY
    return Step(
        member.binding_id,
        side,
        operation,
        facet,
        fields,
        blanked=_blanked(member.on(side), operation, fields),
        composed=tuple(sorted(composed & fields.keys())),
    )


def _blanked(state: SideState, operation: Operation, fields: Fields) -> int:
    """How much would be taken from the side: fields that hold something, and the record's activity."""
    emptied = sum(
        is_blank(v) and name in state.cells and not is_blank(state.cells[name].value)
        for name, v in fields.items()
    )
    put_away = operation is Operation.UPDATE and fields.get("is_active") is False
    return emptied + put_away


def _after_delete(
    lane: LaneState, member: Member, target: Side, deletes: DeletePolicy, shape: Shape
) -> list[Step]:
    policy = deletes.of(member, target)
    # Persons stay with a customer that is put away as a whole.
    whole = member is not lane.root and lane.root.on(target.other).existence is Existence.GONE
    if policy in ("keep", "exception") or whole:
        return []
    if policy == "delete":
        return [Step(member.binding_id, target, Operation.DELETE)]
    return _put_away_on(member, target, shape)


def _put_away(member: Member, shape: Shape) -> list[Step]:
    """An alias is a merge loser: its Zoho record is deactivated when it was found to have no open
    documents.
    """
    return _put_away_on(member, Side.ZOHO, shape) if member.how == PUT_AWAY else []


def _put_away_on(member: Member, target: Side, shape: Shape) -> list[Step]:
    if member.on(target).existence is not Existence.ALIVE or is_put_away(member, target, shape):
        return []
    operation = Operation.DEACTIVATE if target is Side.ZOHO else Operation.UPDATE
    fields: Fields = {"is_active": False}
    blanked = _blanked(member.on(target), operation, fields)
    return [Step(member.binding_id, target, operation, "status", fields, blanked=blanked)]


def is_put_away(member: Member, target: Side, shape: Shape) -> bool:
    """Whether a record is inactive already, or its side has no way to say so."""
    cell = member.on(target).cells.get("is_active")
    known = cell is not None and cell.value is False
    return known or "is_active" not in shape.writable(target, member.entity, member.kind)


def _create(lane: LaneState, member: Member, target: Side, shape: Shape, plan: Plan) -> list[Step]:
    parent = lane.root
    if member is not parent and parent.on(target).existence is not Existence.ALIVE:
        return []
    intent = member.intent
    if member is parent and (intent is None or not intent.searched_at):
        return [Step(member.binding_id, target, Operation.FIND)]
    fields = _to_create(member, target, shape, plan)
    children = {}
    if member is parent and target is Side.ZOHO and member.kind == "business":
        children = {
            m.binding_id: _to_create(m, target, shape, plan)
            for m in lane.members
            if m is not parent and _unborn(m, target)
        }
    return [Step(member.binding_id, target, Operation.CREATE, "main", fields, children)]


def _unborn(member: Member, target: Side) -> bool:
    there, here = member.on(target), member.on(target.other)
    return (
        there.existence is Existence.ABSENT
        and here.existence is Existence.ALIVE
        and here.in_scope
        and member.state is BindingState.PROVISIONAL
    )


def _to_create(member: Member, target: Side, shape: Shape, plan: Plan) -> Fields:
    writable = shape.writable(target, member.entity, member.kind)
    decisions = decide_fields(member, shape)
    plan.decisions[member.binding_id] = decisions
    return {d.name: d.value for d in decisions if d.name in writable and not is_blank(d.value)}
