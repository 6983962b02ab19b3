"""Write: claim outbox rows of one side, send them, and end them with what the target said.

Three transactions' worth of care: the claimed row tells everyone who loads its lane what may have been sent;
nothing is open while the target is called; the end is fenced by the claim's epoch. A claim that ran out is
ambiguous: its successor waits the settle time and has the target read before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from integration.canonical.outcome import Operation, most_urgent
from integration.canonical.values import Side
from integration.errors import Fault
from integration.flows.answer import Answer, finish
from integration.policy.brake import harm_of, verdict
from integration.policy.state import LaneState, Write
from integration.ports import FindRequest, ReadRequest, UnitOfWork, WriteRequest
from integration.ports.services import Services

QUEUES = {Side.SALESFORCE: "salesforce", Side.ZOHO: "zoho"}
FEW = 8
"""Calls to claim for at once while it is not known that the system answers quickly."""
GATHER_SECONDS = 0.25
"""How long answers are gathered before they are stored, and for how long one look at the claims is enough."""
BRAKE = "brake"
"""Cursor whose watermark is the time a person let the brake off: what was written before counts no more."""


@dataclass(frozen=True)
class _Sent:
    """A claimed row on its way out."""

    lane_id: int
    write: Write
    epoch: int


def write(services: Services, side: Side, calls: int = FEW, *, recovers: bool = True) -> int:
    """Send the oldest ready rows of one side, at most about `calls` outside calls; returns how many were
    taken. Rows whose claim ran out come first, unless they were looked for a moment ago.
    """
    recovered = recover(services, side) if recovers else 0
    most = services.gateways[side].batch_limit(Operation.UPDATE, "")
    limit = max(most, services.line.batch) if most > 1 else min(services.line.batch, calls)
    looked_at = monotonic()
    claimed = _claim(services, side, limit)
    if len(claimed) >= limit:
        services.bell.ring(QUEUES[side], services.pair_id)
    _Sender(services, side, claimed, looked_at, frozenset(sent.write.id for sent in claimed)).send()
    return len(claimed) + recovered


@dataclass
class _Sender:
    """Sends claimed rows call by call; answers that come quickly are stored together.

    `standing`: the rows whose claims stood at `looked_at` (monotonic seconds), at first as they were claimed.
    """

    services: Services
    side: Side
    claimed: list[_Sent]
    looked_at: float
    standing: frozenset[int]
    answers: list[Answer] = field(default_factory=list)
    gathering_since: float = 0.0

    def send(self) -> None:
        """Send all rows whose claim stands; what was answered is stored whatever happens to the others."""
        try:
            for group in _groups(self.services, self.side, self.claimed):
                self._send(group)
        finally:
            self._finish()

    def _send(self, group: Sequence[_Sent]) -> None:
        standing = self._still_mine(group)
        if not standing:
            return
        if not self.answers:
            self.gathering_since = monotonic()
        self.answers += _send(self.services, self.side, standing)
        if monotonic() - self.gathering_since > GATHER_SECONDS:
            self._finish()

    def _still_mine(self, group: Sequence[_Sent]) -> list[_Sent]:
        """One look is for all calls that begin right after it."""
        if monotonic() - self.looked_at > GATHER_SECONDS:
            self.looked_at = monotonic()
            self.standing = frozenset(s.write.id for s in _still_mine(self.services, self.claimed))
        return [s for s in group if s.write.id in self.standing]

    def _finish(self) -> None:
        answers, self.answers = self.answers, []
        if answers:
            finish(self.services, self.side, answers)


def _claim(services: Services, side: Side, limit: int) -> list[_Sent]:
    with services.stores.begin(services.pair_id, "write.claim") as uow:
        uow.outbox.claim_alone(side)
        if uow.pairs.state().held[side]:
            return []
        rows = _before_brake(services, uow, side, uow.outbox.claimable(side, limit))
        if not rows:
            return []
        epochs = uow.outbox.sending([row.id for row in rows.values()], services.line.write_lease_ms)
    return [_Sent(lane_id, row, epochs[row.id]) for lane_id, row in rows.items()]


def _before_brake(
    services: Services, uow: UnitOfWork, side: Side, rows: dict[int, Write]
) -> dict[int, Write]:
    """Rows that may be sent: the first that would pass a limit holds the side, and waits with those behind
    it.
    """
    if not rows:
        return rows
    brake, released = services.line.brake, uow.cursors.get(side, BRAKE)
    since = max(uow.now - brake.window_ms, released.watermark if released else 0)
    recent = uow.outbox.recent_harm(side, since, rows)
    harm, changed = recent.harm, recent.changed
    free: dict[int, Write] = {}
    for lane_id, row in rows.items():
        harm, changed = harm + harm_of(row), changed + (lane_id in recent.adding)
        reason = verdict(brake, harm, changed, recent.lanes)
        if reason:
            _hold(uow, side, reason)
            break
        free[lane_id] = row
    return free


def _hold(uow: UnitOfWork, side: Side, reason: str) -> None:
    uow.pairs.hold(side, f"brake: {reason}")
    uow.alarms.gather(
        f"brake.{side.value}",
        f"writing to {side.value} is held: {reason}",
        f"Look at what would be written, then `zoho-salesforce pair release {side.value}` to go on.",
    )


def _groups(services: Services, side: Side, claimed: Sequence[_Sent]) -> list[list[_Sent]]:
    """Rows that travel in one outside call: same operation and entity, no key twice."""
    groups: list[list[_Sent]] = []
    open_groups: dict[tuple[str, str], list[_Sent]] = {}
    for sent in claimed:
        kind = (sent.write.operation.value, sent.write.entity)
        limit = services.gateways[side].batch_limit(sent.write.operation, sent.write.entity)
        group = open_groups.get(kind)
        if (
            group is None
            or len(group) >= limit
            or any(_same_target(sent.write, other.write) for other in group)
        ):
            group = open_groups[kind] = []
            groups.append(group)
        group.append(sent)
    return groups


def _same_target(left: Write, right: Write) -> bool:
    return bool(left.record_id and left.record_id == right.record_id) or bool(
        left.key and left.key == right.key
    )


def _still_mine(services: Services, group: Sequence[_Sent]) -> list[_Sent]:
    """The lease is checked just before sending: a worker that slept may not send any more."""
    with services.stores.reading(services.pair_id) as uow:
        mine = uow.outbox.still_mine({s.write.id: s.epoch for s in group})
    return [s for s in group if s.write.id in mine]


def _send(services: Services, side: Side, group: Sequence[_Sent]) -> list[Answer]:
    gateway = services.gateways[side]
    operation, work = group[0].write.operation, most_urgent(s.write.work for s in group)
    try:
        if operation is Operation.FIND:
            found = gateway.find([_find(s.write) for s in group], work)
            return [
                Answer(s.lane_id, s.write, s.epoch, found=f, fault=f.fault)
                for s, f in zip(group, found, strict=True)
            ]
        written = gateway.write([_request(s.write) for s in group], work)
        return [
            Answer(s.lane_id, s.write, s.epoch, written=w, fault=w.fault)
            for s, w in zip(group, written, strict=True)
        ]
    except Fault as fault:
        return [Answer(s.lane_id, s.write, s.epoch, fault=fault) for s in group]


def _find(row: Write) -> FindRequest:
    text = {name: str(row.fields.get(name) or "") for name in ("name", "email", "phone", "website")}
    return FindRequest(row.entity, row.key, text["name"], text["email"], text["phone"], text["website"])


def _request(row: Write) -> WriteRequest:
    return WriteRequest(
        row.entity, row.operation, row.record_id, row.parent_id, row.fields, row.key, tuple(row.child_fields)
    )


def recover(services: Services, side: Side) -> int:
    """Rows whose claim ran out, or whose answer was lost, after the settle time.

    The target is read while the row still counts as under way, so that what the lost write did is known as
    ours and is not taken for a person's change.
    """
    with services.stores.begin(services.pair_id, "write.recover") as uow:
        rows = uow.outbox.expired(side, services.line.batch)
        if not rows:
            return 0
        lanes = uow.lanes.load(rows)
        epochs = uow.outbox.sending([row.id for row in rows.values()], services.line.write_lease_ms)
        stream = uow.cursors.get(Side.SALESFORCE, "stream")
    numbers = (stream.generation, stream.arrival) if stream else (0, 0)
    answers = [
        _look(services, side, lanes[lane_id], row, epochs[row.id], numbers) for lane_id, row in rows.items()
    ]
    finish(services, side, answers)
    return len(rows)


def _look(
    services: Services, side: Side, lane: LaneState, row: Write, epoch: int, numbers: tuple[int, int]
) -> Answer:
    """Read the record a lost write was meant for; a create has none: it is searched for by its key."""
    request = _addressed(lane, row)
    if request is None:
        return Answer(lane.id, row, epoch, recovered=True, numbers=numbers)
    try:
        [read] = services.gateways[side].read([request], row.work)
    except Fault as fault:
        return Answer(lane.id, row, epoch, fault=fault, recovered=True)
    return Answer(lane.id, row, epoch, read=read, fault=read.fault, recovered=True, numbers=numbers)


def _addressed(lane: LaneState, row: Write) -> ReadRequest | None:
    member = lane.root if row.side is Side.ZOHO else lane.member(row.binding_id)
    if member is None or row.operation is Operation.FIND:
        return None
    state = member.on(row.side)
    return ReadRequest(state.entity, state.record_id) if state.record_id else None


__all__ = ["recover", "write"]
