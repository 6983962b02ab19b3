"""What one transaction of the line works with and gathers to store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from integration.canonical.outcome import Mode, Outcome
from integration.canonical.values import Fields, Json, Side, Value
from integration.errors import Fault
from integration.flows import letters
from integration.flows.lookups import BoundLookups
from integration.mapping.compile import CompiledMapping
from integration.mapping.equality import same
from integration.policy.fold import Same
from integration.policy.merge import Ownership
from integration.ports import AuditRow, EventEnd, PairState, UnitOfWork
from integration.ports.services import Services


@dataclass(frozen=True)
class MappingShape:
    """A compiled mapping as the plan sees it."""

    mapping: CompiledMapping

    def ownership(self, entity: str) -> Ownership:
        """Who decides fields of a canonical entity."""
        return Ownership(
            lambda name: self.mapping.owner(entity, name),
            lambda name: self.mapping.first_contact_owner(entity, name),
        )

    def same(self, entity: str) -> Same:
        """Equality of canonical values."""
        return same_in(entity)

    def writable(self, side: Side, entity: str, kind: str) -> frozenset[str]:
        """Canonical fields a side can receive."""
        return self.mapping.writable(side, entity, kind)

    def settle(self, entity: str, kind: str, desired: Fields, moved: frozenset[str]) -> Fields:
        """Composed fields and their parts say the same again."""
        return self.mapping.settle(entity, kind, desired, moved)

    def facet(self, side: Side, entity: str, kind: str, name: str) -> str:
        """Which outside call carries a field."""
        return self.mapping.facet(side, entity, kind, name)

    def unsaid(self, side: Side, entity: str, kind: str) -> list[str]:
        """Fields that no create carries: a call of their own follows."""
        writable = self.mapping.writable(side, entity, kind)
        return [name for name in sorted(writable) if self.facet(side, entity, kind, name) == "status"]


def same_in(entity: str) -> Same:
    """Equality of canonical values of one entity."""

    def equal(name: str, left: Value, right: Value) -> bool:
        return same(entity, name, left, right)

    return equal


@dataclass
class Bench:
    """One unit of work with the mapping and pair state it decides by.

    `waits`: what changes validated here wait for: (binding id, side, record id).
    `touched`: writes done, as `InboxStore.touch_all` takes them; `succeeded`: bindings written to.
    """

    services: Services
    uow: UnitOfWork
    mapping: CompiledMapping
    pair: PairState
    census: bool
    correlation: dict[int, str] = field(default_factory=dict)
    folded: dict[int, list[EventEnd]] = field(default_factory=dict)
    audits: list[AuditRow] = field(default_factory=list)
    keep_ready: dict[int, int] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    endings: list[tuple[int, list[int] | None, Outcome, str]] = field(default_factory=list)
    rings: set[str] = field(default_factory=set)
    touched: list[tuple[int, list[int] | None, int]] = field(default_factory=list)
    succeeded: set[int] = field(default_factory=set)
    waits: set[tuple[int, Side, str]] = field(default_factory=set)

    @classmethod
    def open(cls, services: Services, uow: UnitOfWork) -> Bench:
        """Load what every decision of this unit needs."""
        pair = uow.pairs.state()
        census = all(_census_done(uow, side) for side in Side)
        return cls(services, uow, services.mappings.version(pair.mapping_version), pair, census)

    @property
    def shape(self) -> MappingShape:
        """The mapping as the plan sees it."""
        return MappingShape(self.mapping)

    def lookups(self) -> BoundLookups:
        """What the mapping may look up within this unit."""
        return BoundLookups(self.uow, self.services.tables, self.mapping)

    def mode(self, target: Side) -> Mode:
        """What may be written to a side."""
        return self.pair.modes[target]

    def later(self, lane_id: int, milliseconds: int) -> None:
        """Look at this lane again after a while."""
        due = self.uow.now + milliseconds
        self.keep_ready[lane_id] = min(due, self.keep_ready.get(lane_id, due))

    def audit(
        self,
        kind: str,
        lane_id: int,
        binding_id: int | None,
        detail: dict[str, Json],
        values: dict[str, Json] | None = None,
    ) -> None:
        """Note something that happened, for the audit log."""
        self.audits.append(
            AuditRow(
                kind,
                lane_id,
                binding_id,
                correlation_id=self.correlation.get(lane_id, ""),
                detail=detail,
                values=values or {},
            )
        )

    def bury(
        self,
        lane_id: int,
        binding_ids: Sequence[int],
        stage: str,
        fault: Fault,
        *,
        side: str,
        digest: str,
        event_ids: Sequence[int] = (),
    ) -> int:
        """A dead letter, announced on its queue."""
        self.rings.add("dead-letter")
        letter = letters.bury(
            self.uow, lane_id, binding_ids, stage, fault, side=side, digest=digest, event_ids=event_ids
        )
        if binding_ids:
            self.endings.append(
                (lane_id, list(binding_ids), Outcome.DEAD_LETTER, f"{fault.code} (dead letter {letter})")
            )
        return letter

    def ask(
        self,
        lane_id: int,
        binding_id: int,
        kind: str,
        text: str,
        advice: str,
        suggestions: Sequence[dict[str, Json]] = (),
        digest: str = "",
    ) -> int:
        """An exception, announced like a dead letter."""
        self.rings.add("dead-letter")
        case = letters.ask_person(self.uow, lane_id, binding_id, kind, text, advice, suggestions, digest)
        self.endings.append((lane_id, None, Outcome.EXCEPTION, f"{kind} (exception {case})"))
        return case

    def end_events(self) -> None:
        """End the events whose end was decided on this bench; they are stored as waiting by now."""
        for lane_id, bindings, outcome, reason in self.endings:
            self.uow.inbox.end_waiting(lane_id, bindings, outcome, reason)
        self.endings = []

    def ring(self, queues: Collection[str] = ()) -> None:
        """After the commit: wake who has work now."""
        for queue in sorted({*self.rings, *queues}):
            self.services.bell.ring(queue, self.services.pair_id)


def _census_done(uow: UnitOfWork, side: Side) -> bool:
    """Until all records of a side are known once, nothing is created: what looks missing may only be
    unread.
    """
    cursor = uow.cursors.get(side, "census")
    return cursor is not None and cursor.watermark > 0
