"""One lane in memory: what is known of both sides of an aggregate, what was confirmed, what is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from integration.canonical.event import Position
from integration.canonical.outcome import BindingState, Operation, WorkClass
from integration.canonical.values import Fields, Json, Side, Value

IGNORED = "ignore"
"""What `waived_match` says of a record a person wants to be left alone."""


class Existence(StrEnum):
    """What is known of a record on one side.

    unknown: named by somebody, never read; absent: there is none (yet); alive; gone: deleted at its own
    system.
    """

    UNKNOWN = "unknown"
    ABSENT = "absent"
    ALIVE = "alive"
    GONE = "gone"


@dataclass(slots=True)
class Cell:
    """One canonical field on one side.

    `value` is what the side was last known to hold; `sent` the form we sent for it, when the side answered
    another one: both count as equal. `written` are the values we wrote there, oldest first; `own`:
    written by us, without a time in the answer, since the last full read; `again`: so already when the last
    write was claimed; `prior`: the position our last confirmed write moved it from (what lies between was
    covered). `late` are values whose write was neither answered nor seen, one for each attempt: up to
    `late_until` (source time, milliseconds) it may still take effect; `late_at`: the source time since when
    `value` is taken for such an effect (0: it is not).
    """

    value: Value
    position: Position = field(default_factory=Position)
    prior: Position = field(default_factory=Position)
    sent: Value = None
    has_sent: bool = False
    written: tuple[Value, ...] = ()
    own: bool = False
    late: tuple[Value, ...] = ()
    late_until: int = 0
    late_at: int = 0
    again: bool = False


@dataclass
class SideState:
    """One member's record on one side.

    `dirty` counts the reasons to read it whole (0: none); `waived`: what was refused, by facet or field, as a
    digest of its content, so that it is not tried again unchanged; `children_at`: source time at which the
    list of its children was last known whole; `image_at`: position of the image; `read_at`: when it was last
    read whole, by our clock; `recheck_at`: when to read once more, because the record was told within a
    second that was not over.
    """

    side: Side
    entity: str = ""
    record_id: str = ""
    existence: Existence = Existence.ABSENT
    image: dict[str, Json] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    dirty: int = 0
    in_scope: bool = True
    scope_reason: str = ""
    merged_into: str = ""
    children_at: int = 0
    image_at: Position = field(default_factory=Position)
    recheck_at: int = 0
    read_at: int = 0
    mapping_version: int = 0
    waived: dict[str, str] = field(default_factory=dict)


@dataclass
class Intent:
    """We mean to create this member on `side`; committed before anything is sent."""

    side: Side
    key: str
    opened_at: int
    searched_at: int = 0
    negatives: int = 0
    sent: bool = False
    found: tuple[str, ...] = ()


@dataclass
class Member:
    """One record of the aggregate on both sides; its binding.

    `waived_match`: what a person decided about its partner: its record id, "create" or "ignore"; `noted`: the
    newest write whose claim its cells tell of.
    """

    binding_id: int
    entity: str
    kind: str = ""
    state: BindingState = BindingState.PROVISIONAL
    sides: dict[Side, SideState] = field(default_factory=dict)
    base: Fields = field(default_factory=dict)
    joined: bool = False
    how: str = ""
    alias_of: int | None = None
    intent: Intent | None = None
    overrides: Fields = field(default_factory=dict)
    waived_match: str = ""
    noted: int = 0
    match_keys: dict[Side, frozenset[str]] = field(default_factory=dict)

    def on(self, side: Side) -> SideState:
        """The member's state on a side, made empty when nothing is known there."""
        state = self.sides.get(side)
        if state is None:
            state = self.sides[side] = SideState(side)
        return state

    @property
    def has_lost_merge(self) -> bool:
        """Whether its Salesforce record lost a merge that its binding has not followed yet."""
        lost = self.sides.get(Side.SALESFORCE)
        followed = self.state in (BindingState.ALIAS, BindingState.TOMBSTONE)
        return (
            lost is not None and bool(lost.merged_into) and lost.existence is Existence.GONE and not followed
        )


@dataclass
class Write:
    """One outbox row: one outside call on one member.

    `values` are the canonical fields it carries, for confirming them; `children` those of child members made
    by the same create, by binding id. `composed` are fields whose value follows from others and stood on
    neither side when the write was planned.
    """

    id: int
    binding_id: int
    side: Side
    operation: Operation
    entity: str
    record_id: str = ""
    parent_id: str = ""
    fields: dict[str, Json] = field(default_factory=dict)
    key: str = ""
    values: Fields = field(default_factory=dict)
    children: dict[int, Fields] = field(default_factory=dict)
    child_fields: list[dict[str, Json]] = field(default_factory=list)
    facet: str = "main"
    epoch: int = 0
    attempts: int = 0
    not_before: int = 0
    unknown: bool = False
    change_id: int = 0
    mapping_version: int = 0
    correlation_id: str = ""
    blanked: int = 0
    composed: tuple[str, ...] = ()
    work: WorkClass = WorkClass.EVENT
    digest: str = ""
    """Of the step it came from: what is refused is not planned again unchanged."""


@dataclass
class LaneState:
    """A lane with everything a decision needs."""

    id: int
    aggregate: str
    epoch: int = 0
    members: list[Member] = field(default_factory=list)
    sending: Write | None = None
    waiting: dict[Side, Write] = field(default_factory=dict)

    @property
    def root(self) -> Member:
        """The member the aggregate is named after."""
        return next(m for m in self.members if m.entity == self.aggregate)

    @property
    def dirty(self) -> bool:
        """Whether some record of the lane must be read whole before anything is decided (rule A11)."""
        return any(state.dirty for m in self.members for state in m.sides.values())

    def member(self, binding_id: int) -> Member | None:
        """The member with that binding."""
        return next((m for m in self.members if m.binding_id == binding_id), None)

    def by_record(self, side: Side, entity: str, record_id: str) -> Member | None:
        """The member that is this record."""
        for m in self.members:
            state = m.sides.get(side)
            if state and state.record_id == record_id and state.entity == entity:
                return m
        return None
