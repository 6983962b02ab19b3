"""Whatever is joined, merged, moved and dropped in any order: every record has one place, and no row is left
behind.
"""

from __future__ import annotations

from collections import Counter
from itertools import count

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.canonical.outcome import WorkClass
from integration.canonical.values import Side
from integration.errors import ClaimLost
from integration.policy.state import LaneState, Member
from integration.ports import EventEnd, NewRecord
from integration.ports.stores import UnitOfWork
from integration.stores.tables_line import bindings, inbox_events, lanes, match_keys, snapshots
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event

_numbers = count(1)
ENTITY = {Side.SALESFORCE: "Account", Side.ZOHO: "contact"}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "join", "merge", "merge", "move", "drop", "event"]),
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=12,
)


class _World:
    """The records that must be found, and the events that must end somewhere."""

    def __init__(self, stores: SqlStores, pair: int) -> None:
        self.stores, self.pair = stores, pair
        self.records: set[tuple[Side, str]] = set()
        self.events = 0

    def begin(self) -> None:
        with self.stores.begin(self.pair) as uow:
            for side in Side:
                self._add(uow, side)

    def _add(self, uow: UnitOfWork, side: Side) -> None:
        new = [NewRecord(side, ENTITY[side], str(n), "customer", dirty=n % 3 == 0) for n in range(4)]
        lanes = uow.lanes.load([b.lane_id for b in uow.lanes.add_records(new).values()])
        for lane in lanes.values():
            lane.root.match_keys[side] = frozenset({f"name:{lane.root.on(side).record_id}"})
        uow.lanes.save(list(lanes.values()))
        self.records |= {(side, str(n)) for n in range(4)}

    def step(self, what: str, first: int, second: int) -> None:
        try:
            with self.stores.begin(self.pair) as uow:
                found = list(uow.lanes.load(uow.lanes.lock(uow.lanes.all_ids())).values())
                if found:
                    getattr(self, f"_{what}")(uow, found, first, second)
        except ClaimLost:
            pass  # refused as a whole

    def _join(self, uow: UnitOfWork, found: list[LaneState], first: int, second: int) -> None:
        winner, loser = found[first % len(found)], found[second % len(found)]
        if winner is not loser:
            uow.lanes.join(winner.id, loser.id)

    def _merge(self, uow: UnitOfWork, found: list[LaneState], first: int, second: int) -> None:
        members = found[first % len(found)].members
        keep, drop = members[first % len(members)], members[second % len(members)]
        if keep is not drop:
            uow.lanes.merge_bindings(keep.binding_id, drop.binding_id)

    def _move(self, uow: UnitOfWork, found: list[LaneState], first: int, second: int) -> None:
        lane = found[first % len(found)]
        member = lane.members[second % len(lane.members)]
        if Side.SALESFORCE in member.sides:
            target = None if second % 2 else found[second % len(found)].id
            uow.lanes.move_record(member.binding_id, target, "person")
            self.records -= {(Side.ZOHO, r) for s, r in _ids(member) if s is Side.ZOHO}

    def _drop(self, uow: UnitOfWork, found: list[LaneState], first: int, second: int) -> None:
        lane = found[first % len(found)]
        member = lane.members[second % len(lane.members)]
        uow.lanes.drop_binding(member.binding_id)
        self.records -= _ids(member)

    def _event(self, uow: UnitOfWork, found: list[LaneState], first: int, second: int) -> None:
        lane = found[first % len(found)]
        [number], _ = uow.inbox.add([event(f"e{self.events}", str(second))], [""])
        uow.inbox.assign({number: lane.id})
        if second % 2:
            uow.inbox.finish([EventEnd(number, binding_id=lane.members[0].binding_id)])
        uow.lanes.wake([lane.id], WorkClass.EVENT)
        self.events += 1

    def check(self) -> None:
        with self.stores.reading(self.pair) as uow:
            known = {side: uow.lanes.by_record(side, [str(n) for n in range(4)]) for side in Side}
            found = uow.lanes.load({b.lane_id for hits in known.values() for b in hits.values()})
            assert {(s, record) for s, hits in known.items() for _, record in hits} == self.records
            assert Counter(x for lane in found.values() for m in lane.members for x in _ids(m)) == Counter(
                self.records
            )
            for side, hits in known.items():
                for (_, record), bound in hits.items():
                    member = found[bound.lane_id].member(bound.binding_id)
                    assert member is not None
                    assert member.on(side).record_id == record
                    hit = uow.lanes.matches(side, {-1: [f"name:{record}"]})[-1]
                    assert [b.binding_id for _, b in hit] == [bound.binding_id]
            assert sum(uow.inbox.outcomes().values()) == self.events
        self._check_rows()

    def _check_rows(self) -> None:
        own = sa.select(bindings.c.id).where(bindings.c.pair_id == self.pair)
        living = sa.select(lanes.c.id).where(lanes.c.pair_id == self.pair, lanes.c.joined_into.is_(None))
        lost = [
            sa.select(t.c.binding_id).where(t.c.pair_id == self.pair, t.c.binding_id.not_in(own))
            for t in (snapshots, match_keys)
        ]
        lost += [
            sa.select(t.c.id).where(t.c.pair_id == self.pair, t.c.lane_id.not_in(living))
            for t in (bindings, inbox_events)
        ]
        asked = (
            sa.select(bindings.c.lane_id)
            .join(snapshots, snapshots.c.binding_id == bindings.c.id)
            .where(bindings.c.pair_id == self.pair, snapshots.c.dirty > 0)
        )
        unmarked = sa.select(lanes.c.id).where(lanes.c.id.in_(asked), sa.not_(lanes.c.dirty))
        with self.stores.engine.connect() as connection:
            assert [connection.execute(statement).all() for statement in (*lost, unmarked)] == [[]] * (
                len(lost) + 1
            )


def _ids(member: Member) -> set[tuple[Side, str]]:
    return {(side, state.record_id) for side, state in member.sides.items() if state.record_id}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_every_record_has_one_place(stores: SqlStores, steps: list[tuple[str, int, int]]) -> None:
    world = _World(stores, stores.ensure_pair(f"joining-{next(_numbers)}"))
    world.begin()
    for what, first, second in steps:
        world.step(what, first, second)
    world.check()
