"""Which states of the world of two people and one customer are one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from integration.policy.state import LaneState, Write
from integration.stores.tables_line import lanes, outbox_writes
from tests.properties.join_systems import FRESH_MS, PAUSE_MS, SETTLE_MS, Call, Look
from tests.properties.join_world import JoinWorld

TIMES = ("created_time", "last_modified_time")


def key(world: JoinWorld) -> str:
    """States that behave alike are one: ids of our rows and times passed by do not count."""
    now, left, line = world.clock.now_ms(), world.left, world.line
    loaded = {lane.id: lane for lane in world.lanes()}
    names = {lane_id: _name(lane) for lane_id, lane in loaded.items()}
    under_way = [
        [(names.get(s.lane_id), _call(s.write), c.said, _said(c)) for c in left.calls for s in c.sent],
        [(names.get(s.lane_id), _call(s.write)) for ghost in left.ghosts for s in ghost.sent],
        [(names.get(c.lane_id), c.side, _shown(look)) for look in left.looks for c in look.claims],
        [repr(_late(names, zombie)) for zombie in left.zombies],
    ]
    ours = [
        sorted(_lane(lane, now) for lane in loaded.values()),
        sorted(map(repr, _times(world, names, now))),
        sorted((case.kind, names.get(case.lane_id or 0, "")) for case in line.exceptions()),
    ]
    bounds = (left.people, left.deletes, left.faults, sorted(left.typed), sorted(left.unbound), left.wrong)
    return repr((bounds, left.streamed, _systems(world, now), under_way, ours))


def _systems(world: JoinWorld, now: int) -> list[Any]:
    org, book = world.line.salesforce.org, world.line.zoho.book
    return [
        [(r.record_id, r.deleted, sorted(r.fields.items(), key=str)) for r in org.rows.values()],
        [_body(contact) for contact in book.contacts.values()],
        [(event.kind, event.record_id, _body(event.body["contact"])) for event in book.hooks],
        [(at - now, contact) for at, contact, _ in book._index if at > now],
    ]


def _body(contact: Any) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in contact.items() if name not in TIMES)


def _late(names: dict[int, str], zombie: Call | Look) -> list[Any]:
    if isinstance(zombie, Look):
        return [(names.get(c.lane_id), c.side, _shown(zombie)) for c in zombie.claims]
    return [(names.get(s.lane_id), _call(s.write), _said(zombie)) for s in zombie.sent]


def _name(lane: LaneState) -> str:
    return "|".join(state.record_id for m in lane.members for _, state in sorted(m.sides.items()))


def _call(write: Write) -> tuple[Any, ...]:
    return write.side, write.operation, write.facet, sorted(write.values.items(), key=str), write.unknown


def _said(call: Any) -> list[str]:
    return [
        str(a.fault or (a.written and a.written.record_id) or (a.found and _ids(a.found)))
        for a in call.answers
    ]


def _ids(found: Any) -> list[str]:
    return [record.record_id for record in (*found.by_key, *found.others)]


def _shown(look: Any) -> list[Any]:
    return [
        (r.record_id, r.deleted, sorted(r.image.items(), key=str)) for a in look.answers for r in a.records
    ]


def _lane(lane: LaneState, now: int) -> str:
    members = []
    for member in lane.members:
        intent = member.intent
        members.append(
            (
                (
                    member.entity,
                    member.state,
                    member.joined,
                    member.waived_match,
                    sorted(member.base.items(), key=str),
                ),
                intent and (intent.side, intent.sent, intent.negatives, intent.searched_at > 0, intent.found),
                [
                    (
                        (side, state.record_id, state.existence, state.dirty, state.recheck_at > now),
                        now - state.read_at > FRESH_MS,
                        sorted(state.waived),
                        sorted((n, str(c.value), c.own, c.written) for n, c in state.cells.items()),
                    )
                    for side, state in sorted(member.sides.items())
                ],
            )
        )
    return repr((members, lane.sending and _call(lane.sending), [_call(w) for w in lane.waiting.values()]))


def _times(world: JoinWorld, names: dict[int, str], now: int) -> list[Any]:
    """How far off everything is that waits for a time, in pauses."""

    def pauses(at: int) -> int:
        return max(0, -((now - at) // PAUSE_MS))

    lane, row = lanes.c, outbox_writes.c
    with world.stores.engine.connect() as connection:
        of_lanes = sa.select(lane.id, lane.ready, lane.not_before, lane.lease_until)
        of_writes = sa.select(row.lane_id, row.state, row.unknown, row.not_before, row.lease_until)
        open_writes = of_writes.where(row.state.in_(["waiting", "sending"]))
        found = [
            (names.get(r.id, ""), r.ready, pauses(r.not_before), pauses(r.lease_until))
            for r in connection.execute(of_lanes)
            if r.id in names
        ]
        return [
            *found,
            *(
                (names.get(r[0], ""), r[1], r[2], pauses(r[3]), pauses(r[4] + SETTLE_MS))
                for r in connection.execute(open_writes)
            ),
        ]
