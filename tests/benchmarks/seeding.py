"""Customers known and joined on both sides, stored as the line itself would leave them."""

from __future__ import annotations

from integration.canonical.event import NativeRecord, Position
from integration.canonical.outcome import BindingState
from integration.canonical.values import Side
from integration.flows.absorb import Absorber
from integration.flows.bench import Bench, MappingShape
from integration.flows.lookups import BoundLookups
from integration.flows.match import refresh_keys
from integration.mapping.compile import CompiledMapping
from integration.policy.merge import merge
from integration.policy.state import LaneState, Member
from integration.ports import Cursor, NewRecord, UnitOfWork
from integration.ports.services import Services
from tests.benchmarks.people import salesforce_records, zoho_records
from tests.benchmarks.targets import Phones

CHUNK = 500


def seed(services: Services, phones: Phones) -> None:
    """Every customer of `phones`, joined, and a first load that is over."""
    for start in range(0, phones.customers, CHUNK):
        with services.stores.begin(services.pair_id, "benchmark.seed") as uow:
            _seed(services, uow, phones, range(start, min(start + CHUNK, phones.customers)))
    with services.stores.begin(services.pair_id, "benchmark.census") as uow:
        for side in Side:
            uow.cursors.put(Cursor("census", side, watermark=uow.now, run={"listed": True}))


def _seed(services: Services, uow: UnitOfWork, phones: Phones, numbers: range) -> None:
    mapping = services.mappings.live()
    families = {n: _family(phones, n) for n in numbers}
    roots = [family[Side.SALESFORCE][0] for family in families.values()]
    bound = uow.lanes.add_records(
        [NewRecord(r.side, r.entity, r.record_id, "customer", "business", dirty=False) for r in roots]
    )
    lanes = uow.lanes.load([one.lane_id for one in bound.values()])
    made = []
    for n, root in zip(numbers, roots, strict=True):
        lane = lanes[bound[root.entity, root.record_id].lane_id]
        _join(lane, families[n], mapping, Absorber(lane, mapping, BoundLookups(uow, services.tables)))
        made.append(lane)
    refresh_keys(Bench.open(services, uow), made)
    uow.lanes.save(made)


def _family(phones: Phones, n: int) -> dict[Side, list[NativeRecord]]:
    at, phone = phones.get(Side.SALESFORCE, n)
    zoho_at, zoho_phone = phones.get(Side.ZOHO, n)
    return {
        Side.SALESFORCE: salesforce_records(n, phone, at),
        Side.ZOHO: zoho_records(n, zoho_phone, zoho_at),
    }


def _join(
    lane: LaneState, family: dict[Side, list[NativeRecord]], mapping: CompiledMapping, absorber: Absorber
) -> None:
    for side, records in family.items():
        for place, record in enumerate(records):
            if place < len(lane.members):
                _address(lane.members[place], record)
            absorber.record(record, Position(record.at, is_read=True), is_read=True)
        lane.root.on(side).children_at = records[0].at
    for member in lane.members:
        member.state, member.joined, member.how = BindingState.ACTIVE, True, "benchmark"
        shape = MappingShape(mapping)
        merge(member, shape.ownership(member.entity), shape.same(member.entity))


def _address(member: Member, record: NativeRecord) -> None:
    state = member.on(record.side)
    state.entity, state.record_id = record.entity, record.record_id
