"""Absorb: bring what an event or a full read tells into the lane's members. No I/O but look-ups of the
mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integration.canonical.event import NativeRecord, Position
from integration.canonical.outcome import BindingState
from integration.canonical.values import Fields, Json, Side
from integration.flows.bench import same_in
from integration.flows.unreadable import mark
from integration.mapping.compile import CompiledMapping, Lookups
from integration.mapping.mapping import Role
from integration.mapping.rules import FieldProblem
from integration.policy.fold import Folded, fold_event, fold_read
from integration.policy.position import Order, compare
from integration.policy.state import Existence, LaneState, Member, SideState, Write


@dataclass
class Absorbed:
    """What became of one record of an event."""

    binding_id: int
    folded: Folded = field(default_factory=Folded)
    problems: list[dict[str, Json]] = field(default_factory=list)
    in_scope: bool = True
    reason: str = ""
    born: bool = False
    moved_to: tuple[str, str] | None = None


@dataclass
class Absorber:
    """Absorbs records into one lane under one mapping version."""

    lane: LaneState
    mapping: CompiledMapping
    lookups: Lookups

    def record(self, record: NativeRecord, position: Position, *, is_read: bool) -> Absorbed:
        """A whole record of a webhook, a poll or a full read."""
        member = self._member(record)
        state = member.on(record.side)
        told = (
            self.mapping.whole_image(record.side, record.entity, record.image)
            if record.whole
            else record.image
        )
        image = dict(told) if self._is_older(position, state) else {**state.image, **told}
        return self._fold(member, state, image, None, position, is_read=is_read)

    def change(
        self, member: Member, side: Side, fields: Mapping[str, Json], position: Position, *, whole: bool
    ) -> Absorbed:
        """Some fields of a bound or known record, from the stream."""
        state = member.on(side)
        touched = None if whole else frozenset(fields)
        return self._fold(member, state, {**state.image, **fields}, touched, position, is_read=False)

    def told(self, member: Member, side: Side, fields: Mapping[str, Json]) -> Fields:
        """What a change says, without folding it."""
        state = member.on(side)
        image = {**state.image, **fields}
        return self.role(member, state, image).read(image, frozenset(fields), self.lookups).fields

    def gone(self, member: Member, side: Side, merged_into: str = "") -> None:
        """A full read found that the record does not exist (any more)."""
        state = member.on(side)
        state.existence = Existence.GONE
        state.merged_into = merged_into
        member.match_keys.pop(side, None)

    def _member(self, record: NativeRecord) -> Member:
        known = self.lane.by_record(record.side, record.entity, record.record_id)
        if known is not None:
            return known
        member = Member(binding_id=-len(self.lane.members) - 1, entity="person")
        state = member.on(record.side)
        state.entity, state.record_id = record.entity, record.record_id
        self.lane.members.append(member)
        return member

    def _fold(
        self,
        member: Member,
        state: SideState,
        image: dict[str, Json],
        touched: frozenset[str] | None,
        position: Position,
        *,
        is_read: bool,
    ) -> Absorbed:
        absorbed = Absorbed(member.binding_id)
        role = self.role(member, state, image)
        if not is_read and (not role.certain or state.existence is Existence.GONE):
            # A notification can outlive its record: only a read tells that a deleted one is back.
            absorbed.folded.unsure = True
            return absorbed
        if self._plays_another(member, state, role):
            if self._is_older(position, state):
                absorbed.folded.stale += sorted(touched or image)
                return absorbed
            if not is_read and not image.keys() >= set(self.mapping.native_fields(state.side, state.entity)):
                absorbed.folded.unsure = True
                return absorbed
            state.cells, touched = {}, None
        reading = role.read(image, touched, self.lookups)
        absorbed.problems = [told(problem) for problem in reading.problems]
        fold = fold_read if is_read or not role.in_scope else fold_event
        absorbed.folded = fold(
            member, state.side, reading.fields, position, self._sending(), same_in(role.canonical)
        )
        absorbed.folded.unsure &= role.in_scope  # nothing is decided by it, so nothing is read for it
        if absorbed.folded.unsure and not is_read:
            return absorbed
        absorbed.born = state.existence in (Existence.UNKNOWN, Existence.ABSENT)
        if absorbed.born or state.existence is Existence.GONE:
            state.existence = Existence.ALIVE
        if not self._is_older(position, state):
            state.image, state.image_at = image, position
            state.mapping_version = self.mapping.version
            mark(state, reading, whole=touched is None)
            self._settle_role(member, state, role, absorbed)
        if member.state in (BindingState.TOMBSTONE, BindingState.ALIAS):
            absorbed.in_scope, absorbed.reason = False, f"its partner is put away ({member.state})"
        return absorbed

    def _plays_another(self, member: Member, state: SideState, role: Role) -> bool:
        """Whether a known record has become something else to us: its fields mean other things now.

        The member may not be that yet: it becomes so when it moves, after all events were folded.
        """
        return bool(state.cells) and self.role(member, state, state.image).canonical != role.canonical

    def role(self, member: Member, state: SideState, image: Mapping[str, Json]) -> Role:
        """Which role a record plays now, its parent's kind considered."""
        parent_kind = self.lane.root.kind if member is not self.lane.root else ""
        return self.mapping.role(state.side, state.entity, image, parent_kind)

    def _settle_role(self, member: Member, state: SideState, role: Role, absorbed: Absorbed) -> None:
        state.in_scope, state.scope_reason = role.in_scope, role.reason
        absorbed.in_scope, absorbed.reason = role.in_scope, role.reason
        if role.parent is not None and state.side is Side.SALESFORCE:
            root = self.lane.root.on(state.side)
            if member is self.lane.root or root.record_id != role.parent[1]:
                absorbed.moved_to = role.parent
        elif role.parent is None and member is not self.lane.root and state.side is Side.SALESFORCE:
            absorbed.moved_to = ("", "")
        if member.state is BindingState.PROVISIONAL and absorbed.moved_to is None:
            member.entity = role.canonical
        if member.state is BindingState.PROVISIONAL or not member.kind:
            member.kind = role.kind

    def _is_older(self, position: Position, state: SideState) -> bool:
        return bool(state.image) and compare(position, state.image_at) is Order.OLDER

    def _sending(self) -> Write | None:
        return self.lane.sending


def told(problem: FieldProblem) -> dict[str, Json]:
    """A field problem as it is stored: names and places, no values."""
    return {
        "field": problem.field,
        "native_field": problem.native_field,
        "rule": problem.rule,
        "where": problem.where,
        "code": problem.code,
        "advice": problem.advice,
    }
