"""Reconcile: read every record of both sides anew and compare them under mapping and ownership. It writes
nothing.

Every difference has a cause that is named: a write under way, a dead letter, an exception, a rule; what has
none is *unexplained*, and the proof does not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import BindingState, Mode, WorkClass
from integration.canonical.values import Fields, Json, Side
from integration.flows.bench import same_in
from integration.flows.lookups import BoundLookups
from integration.mapping.compile import CompiledMapping
from integration.mapping.mapping import Role
from integration.mapping.rules import Reading
from integration.policy.fold import equals
from integration.policy.state import Existence, LaneState, Member
from integration.ports import ReadAnswer, ReadRequest, UnitOfWork
from integration.ports.services import Services

CHUNK = 100

Progress = Callable[[int, int], None]


@dataclass
class Difference:
    """One record, or one field of it, that is not the same on both sides."""

    lane_id: int
    binding_id: int | None
    entity: str
    salesforce_id: str
    zoho_id: str
    what: str
    why: str = ""


@dataclass
class Overridden:
    """A field that is what a person says, and by whom until when (epoch milliseconds)."""

    override: int
    salesforce_id: str
    zoho_id: str
    what: str
    author: str
    until: int | None


@dataclass
class Proof:
    """What was compared and what came out."""

    salesforce: int = 0
    zoho: int = 0
    equal: int = 0
    differences: list[Difference] = field(default_factory=list)
    overrides: list[Overridden] = field(default_factory=list)
    out_of_scope: int = 0
    duplicates: list[str] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def unexplained(self) -> list[Difference]:
        """Differences nobody can account for."""
        return [d for d in self.differences if not d.why]

    @property
    def holds(self) -> bool:
        """Every record equal or accounted for, nothing double."""
        return not self.unexplained and not self.duplicates

    def to_json(self) -> dict[str, Json]:
        """The proof for machines."""
        return {
            "records": {
                "salesforce": self.salesforce,
                "zoho": self.zoho,
                "equal": self.equal,
                "different": len(self.differences),
                "unexplained": len(self.unexplained),
                "out_of_scope": self.out_of_scope,
            },
            "duplicates": len(self.duplicates),
            "outcomes": dict(self.outcomes),
            "holds": self.holds,
            "differences": [vars(d) for d in self.differences[:200]],
            "overrides": [vars(o) for o in self.overrides],
        }


def reconcile(services: Services, progress: Progress | None = None) -> Proof:
    """Compare everything. Raises Fault when a side cannot be read."""
    proof = Proof()
    mapping = services.mappings.live()
    listed = {side: _listed(services, side) for side in Side}
    with services.stores.reading(services.pair_id) as uow:
        ids = uow.lanes.all_ids()
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        with services.stores.reading(services.pair_id) as uow:
            lanes = uow.lanes.load(chunk)
            proof.overrides += _overridden(uow, list(lanes.values()))
        _compare_lanes(services, mapping, list(lanes.values()), listed, proof)
        if progress is not None:
            progress(min(start + CHUNK, len(ids)), len(ids))
    _strangers(mapping, listed, proof)
    with services.stores.reading(services.pair_id) as uow:
        _explain(uow, proof)
        proof.outcomes = uow.inbox.outcomes()
    proof.duplicates = _doubles(services)
    return proof


def _overridden(uow: UnitOfWork, lanes: Sequence[LaneState]) -> list[Overridden]:
    members = {m.binding_id: m for lane in lanes for m in lane.members if m.overrides}
    found = uow.overrides.of(members) if members else []
    return [
        Overridden(
            o.id,
            members[o.binding_id].on(Side.SALESFORCE).record_id,
            members[o.binding_id].on(Side.ZOHO).record_id,
            f"field {o.field}",
            o.author,
            o.until,
        )
        for o in found
    ]


def _listed(services: Services, side: Side) -> dict[tuple[str, str], NativeRecord]:
    """Every living record as its system lists it now; of summaries only that they are there, because the
    records are read.
    """
    entities = ("Account", "Contact") if side is Side.SALESFORCE else ("contact",)
    found: dict[tuple[str, str], NativeRecord] = {}
    for entity in entities:
        page, more = "", True
        while more:
            answer = services.gateways[side].list_page(entity, page)
            kept = (r if r.whole else replace(r, image={}) for r in answer.records)
            found.update({(r.entity, r.record_id): r for r in kept})
            page, more = answer.next_page, bool(answer.next_page)
    return found


def _compare_lanes(
    services: Services,
    mapping: CompiledMapping,
    lanes: Sequence[LaneState],
    listed: dict[Side, dict[tuple[str, str], NativeRecord]],
    proof: Proof,
) -> None:
    zoho = _read_zoho(services, lanes)
    for lane in lanes:
        for member in lane.members:
            records = {
                Side.SALESFORCE: _shown(listed[Side.SALESFORCE], member, Side.SALESFORCE),
                Side.ZOHO: _shown(zoho, member, Side.ZOHO),
            }
            with services.stores.reading(services.pair_id) as uow:
                _compare(
                    Comparison(services, mapping, lane, member, records, BoundLookups(uow, services.tables)),
                    proof,
                )
        for side in Side:
            for member in lane.members:
                state = member.on(side)
                listed[side].pop((state.entity, state.record_id), None)


def _read_zoho(services: Services, lanes: Sequence[LaneState]) -> dict[tuple[str, str], NativeRecord]:
    requests = [
        ReadRequest("contact", state.record_id)
        for lane in lanes
        for state in [lane.root.on(Side.ZOHO)]
        if state.record_id and state.entity == "contact"
    ]
    answers: list[ReadAnswer] = (
        services.gateways[Side.ZOHO].read(requests, WorkClass.BATCH) if requests else []
    )
    for answer in answers:
        if answer.fault is not None:
            raise answer.fault
    return {(r.entity, r.record_id): r for answer in answers for r in answer.records if not r.deleted}


def _shown(records: dict[tuple[str, str], NativeRecord], member: Member, side: Side) -> NativeRecord | None:
    state = member.on(side)
    return records.get((state.entity, state.record_id)) if state.record_id else None


@dataclass
class Comparison:
    """One member as both systems show it now."""

    services: Services
    mapping: CompiledMapping
    lane: LaneState
    member: Member
    records: dict[Side, NativeRecord | None]
    lookups: BoundLookups

    def role(self, side: Side) -> Role | None:
        """The role its record plays now."""
        record = self.records[side]
        if record is None:
            return None
        parent_kind = self.lane.root.kind if self.member is not self.lane.root else ""
        return self.mapping.role(side, record.entity, record.image, parent_kind)

    @cached_property
    def readings(self) -> dict[Side, Reading]:
        """Its canonical fields on each side that has it, read now."""
        return {
            side: role.read(record.image, None, self.lookups)
            for side, record in self.records.items()
            if record is not None and (role := self.role(side)) is not None
        }

    def fields(self, side: Side) -> Fields:
        """Its canonical fields on a side."""
        return self.readings[side].fields if side in self.readings else {}

    @property
    def unreadable(self) -> list[str]:
        """Fields that no rule can read on one of the sides: nobody can say that they are equal."""
        return sorted({p.field for reading in self.readings.values() for p in reading.problems})

    def in_scope(self, side: Side) -> bool:
        """Whether the mapping takes this record, and the customer it belongs to."""
        role = self.role(side)
        root = self.lane.root.on(side)
        owned = self.member is self.lane.root or not root.record_id or root.in_scope
        return role is not None and role.in_scope and owned

    def difference(self, what: str, why: str = "") -> Difference:
        """Tell a difference of this member."""
        return Difference(
            self.lane.id,
            self.member.binding_id,
            self.member.entity,
            self.member.on(Side.SALESFORCE).record_id,
            self.member.on(Side.ZOHO).record_id,
            what,
            why,
        )


def _compare(comparison: Comparison, proof: Proof) -> None:
    present = [side for side in Side if comparison.records[side] is not None]
    proof.salesforce += Side.SALESFORCE in present
    proof.zoho += Side.ZOHO in present
    if not present:
        return
    if any(not comparison.in_scope(side) for side in present):
        proof.out_of_scope += 1
        return
    if len(present) == 1:
        why = _why_alone(comparison, present[0])
        if why == "put away":
            proof.equal += 1
        else:
            proof.differences.append(comparison.difference(f"only in {present[0].value}", why))
        return
    names = [*_differing(comparison), *comparison.unreadable]
    if not names:
        proof.equal += 1
    for name in names:
        proof.differences.append(comparison.difference(f"field {name}", _why_field(comparison, name)))


def _differing(comparison: Comparison) -> Iterator[str]:
    member, mapping = comparison.member, comparison.mapping
    left, right = comparison.fields(Side.SALESFORCE), comparison.fields(Side.ZOHO)
    same = same_in(member.entity)
    for name in sorted(set(left) & set(right)):
        if same(name, left[name], right[name]):
            continue
        cells = [member.on(side).cells.get(name) for side in Side]
        if (
            cells[1] is not None
            and same(name, right[name], cells[1].value)
            and equals(same, name, left[name], cells[1])
        ) or (
            cells[0] is not None
            and same(name, left[name], cells[0].value)
            and equals(same, name, right[name], cells[0])
        ):
            continue
        if any(name in mapping.writable(side, member.entity, member.kind) for side in Side):
            yield name


def _why_alone(comparison: Comparison, side: Side) -> str:
    member = comparison.member
    if member.state is BindingState.ALIAS:
        return "put away"
    if member.state is BindingState.TOMBSTONE:
        return (
            "put away"
            if member.on(side.other).existence is Existence.GONE
            else "left alone by a person's decision"
        )
    root = comparison.lane.root
    if member is not root and root.state in (BindingState.ALIAS, BindingState.TOMBSTONE):
        return "its customer is put away"
    return ""


def _why_field(comparison: Comparison, name: str) -> str:
    if any(f"field:{name}" in comparison.member.on(side).waived for side in Side):
        return "the target refused this value; see its exception"
    member, mapping = comparison.member, comparison.mapping
    if name in member.overrides and any(
        name not in mapping.writable(side, member.entity, member.kind) for side in Side
    ):
        return "an override says what it is, and one side cannot be written"
    return ""


def _strangers(
    mapping: CompiledMapping,
    listed: dict[Side, dict[tuple[str, str], NativeRecord]],
    proof: Proof,
) -> None:
    """Records no lane knows."""
    for side in Side:
        for (entity, record_id), record in listed[side].items():
            proof.salesforce += side is Side.SALESFORCE
            proof.zoho += side is Side.ZOHO
            ids = {Side.SALESFORCE: "", Side.ZOHO: "", side: record_id}
            if not record.whole or mapping.role(side, entity, record.image).in_scope:
                proof.differences.append(
                    Difference(
                        0,
                        None,
                        entity,
                        ids[Side.SALESFORCE],
                        ids[Side.ZOHO],
                        f"not known, only in {side.value}",
                    )
                )
            else:
                proof.out_of_scope += 1


def _explain(uow: UnitOfWork, proof: Proof) -> None:
    """Name the cause of every difference that has one in our books."""
    letters = {d.binding_id: d for d in uow.cases.dead_letters(limit=100_000) if d.binding_id}
    cases = {c.lane_id: c for c in uow.cases.exceptions(limit=100_000) if c.lane_id}
    modes = uow.pairs.state().modes
    busy = uow.lanes.busy({d.lane_id for d in proof.differences if d.lane_id})
    for difference in proof.differences:
        if difference.why:
            continue
        if difference.binding_id in letters:
            letter = letters[difference.binding_id]
            difference.why = f"dead letter {letter.id}: {letter.code}"
        elif difference.lane_id in cases:
            case = cases[difference.lane_id]
            difference.why = f"exception {case.id}: {case.kind}"
        elif difference.lane_id in busy:
            difference.why = "under way"
        elif any(mode is not Mode.LIVE for mode in modes.values()):
            difference.why = "a direction is not live"


def _doubles(services: Services) -> list[str]:
    """Records of one side that carry the same key of ours."""
    doubled: list[str] = []
    for side in Side:
        key_field = services.line.key_fields[side]
        with services.stores.reading(services.pair_id) as uow:
            stamps = Counter(uow.lanes.stamps(side, key_field))
        doubled.extend(
            f"{side.value}: {count} records carry {stamp}" for stamp, count in stamps.items() if count > 1
        )
    return doubled
