"""Lanes and a mapping in small, for tests of the pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from integration.canonical.event import Position
from integration.canonical.outcome import BindingState, Operation
from integration.canonical.values import Fields, Side, Value
from integration.policy.fold import Same
from integration.policy.merge import Ownership
from integration.policy.state import Cell, Existence, LaneState, Member, Write

SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
NAMES = frozenset({"name", "phone", "city", "notes", "is_active"})


def same(_name: str, left: Value, right: Value) -> bool:
    """Texts that differ in case only mean the same."""
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return left == right


def stream(at: int, arrival: int, generation: int = 1) -> Position:
    """The place of a stream event."""
    return Position(at, generation, arrival)


def read_at(at: int, arrival: int = 0, generation: int = 1) -> Position:
    """The place of a full read that began when `arrival` was current."""
    return Position(at, generation, arrival, is_read=True)


def told_at(at: int) -> Position:
    """The place of what a system tells without a stream."""
    return Position(at)


def cells(values: Mapping[str, Value], position: Position | None = None) -> dict[str, Cell]:
    """Cells of one position that were never written by us."""
    return {name: Cell(value, position or told_at(0)) for name, value in values.items()}


def member(
    left: Fields | None = None,
    right: Fields | None = None,
    *,
    base: Fields | None = None,
    number: int = 1,
    entity: str = "customer",
    kind: str = "business",
) -> Member:
    """A member; a side that is given lives, the other is absent. With both it is joined, and `base` agreed
    on.
    """
    made = Member(number, entity, kind)
    for side, values in ((SALESFORCE, left), (ZOHO, right)):
        if values is not None:
            state = made.on(side)
            state.entity, state.record_id = side.value, f"{side.value}-{number}"
            state.existence = Existence.ALIVE
            state.cells = cells(values)
    if left is not None and right is not None:
        made.state, made.joined = BindingState.ACTIVE, True
        made.base = dict(left if base is None else base)
    return made


def lane(*members: Member) -> LaneState:
    """A lane of a customer."""
    return LaneState(1, "customer", members=list(members))


_numbers = count(7)


def update(values: Fields, side: Side = ZOHO, binding_id: int = 1, **more: object) -> Write:
    """An update of some fields under way."""
    return Write(next(_numbers), binding_id, side, Operation.UPDATE, side.value, values=values, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PlainShape:
    """A mapping that carries every field to both sides, `latest` deciding unless told otherwise."""

    owners: Mapping[str, str] = field(default_factory=dict)
    facets: Mapping[str, str] = field(default_factory=dict)
    unwritable: Mapping[Side, frozenset[str]] = field(default_factory=dict)

    def ownership(self, _entity: str) -> Ownership:
        return Ownership(lambda name: self.owners.get(name, "latest"), lambda _name: SALESFORCE)

    def same(self, _entity: str) -> Same:
        return same

    def writable(self, side: Side, _entity: str, _kind: str) -> frozenset[str]:
        return (NAMES | {"is_primary", "first", "last"}) - self.unwritable.get(side, frozenset())

    def facet(self, _side: Side, _entity: str, _kind: str, name: str) -> str:
        return self.facets.get(name, "main")

    def settle(self, _entity: str, _kind: str, desired: Fields, _moved: frozenset[str]) -> Fields:
        return desired
