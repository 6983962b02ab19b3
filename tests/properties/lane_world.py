"""A world of two sides around one lane, for driving the pure rules through any interleaving.

Salesforce tells changes in commit order, only the changed fields, and answers a write without a time. Zoho
tells the whole record with a clock of whole seconds, in any order, and answers a write with its time. People
edit both at any moment. Every step here is what one SQL transaction or one outside call of the product does;
the rules themselves are the product's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from integration.canonical.event import Position
from integration.canonical.outcome import BindingState
from integration.canonical.values import Fields, Side, Value
from integration.policy.confirm import claim, confirm, doubt
from integration.policy.fold import Same, fold_event, fold_read
from integration.policy.merge import Ownership
from integration.policy.plan import DeletePolicy, Plan, Step, plan_lane
from integration.policy.state import Existence, Intent, LaneState, Member, Write

FIELDS = ("name",)
SECOND = 1000
LONG = 1_000_000_000
"""A settle time that no world outlasts, in milliseconds."""


def same(_name: str, left: Value, right: Value) -> bool:
    """Plain equality: the world uses short texts."""
    return left == right


@dataclass(frozen=True)
class WorldShape:
    """A mapping of two plain fields with one owner for both."""

    owner: str

    def ownership(self, _entity: str) -> Ownership:
        return Ownership(lambda _name: self.owner, lambda _name: Side.SALESFORCE)

    def same(self, _entity: str) -> Same:
        return same

    def writable(self, _side: Side, _entity: str, _kind: str) -> frozenset[str]:
        return frozenset(FIELDS)

    def facet(self, _side: Side, _entity: str, _kind: str, _name: str) -> str:
        return "main"

    def settle(self, _entity: str, _kind: str, desired: Fields, _moved: frozenset[str]) -> Fields:
        return desired


@dataclass(frozen=True)
class Notice:
    """A notification under way: number of its change, the fields told, the source's time."""

    side: Side
    number: int
    fields: Fields
    at: int


@dataclass
class Flight:
    """A request that left and may still take effect; `heard` while its worker waits for the answer."""

    write: Write
    heard: bool = True


@dataclass
class World:
    """Both systems, what is under way, and the product's one lane."""

    owner: str
    grain: int
    late: bool = False
    strays: list[Write] = field(default_factory=list)
    real: dict[Side, Fields] = field(default_factory=dict)
    modified: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    clock: int = 0
    coming: list[Notice] = field(default_factory=list)
    inbox: list[Notice] = field(default_factory=list)
    flight: Flight | None = None
    answer: tuple[Write, int] | None = None
    unknown: Write | None = None
    reading: tuple[Side, Fields, int, int, int] | None = None
    arrivals: int = 0
    numbers: int = 0
    edits: list[tuple[Side, str, Value]] = field(default_factory=list)
    typed: dict[tuple[Side, str], Value] = field(default_factory=dict)
    told: set[tuple[Side, str, Value]] = field(default_factory=set)
    lost: list[tuple[Side, str, Value]] = field(default_factory=list)
    writes: int = 0
    lane: LaneState = field(init=False)
    plan: Plan = field(default_factory=Plan)
    waiting: dict[Side, Step] = field(default_factory=dict)
    read_arrival: int = 0
    seen: tuple[Fields, int, int] | None = None
    bounds_left: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        self.real = {side: dict.fromkeys(FIELDS, "0") for side in Side}
        member = Member(1, "customer", "business", BindingState.ACTIVE, joined=True)
        for side in Side:
            state = member.on(side)
            state.record_id, state.entity, state.existence = side.value, side.value, Existence.ALIVE
            fold_read(member, side, dict(self.real[side]), Position(0, is_read=True), None, same)
        member.base = dict.fromkeys(FIELDS, "0")
        self.lane = LaneState(1, "customer", members=[member])

    @property
    def member(self) -> Member:
        return self.lane.members[0]

    def tick(self) -> int:
        """The next moment; `grain` changes share one second."""
        self.clock += 1
        return (self.clock + self.grain - 1) // self.grain * SECOND

    # ------------------------------------------------------------------ the world

    def edit(self, side: Side, name: str, value: Value) -> None:
        if self.real[side][name] == value:
            return
        self.edits.append((side, name, value))
        self._apply(side, {name: value}, self.tick())
        self.typed[side, name] = value

    def _apply(self, side: Side, fields: Fields, at: int) -> None:
        before = dict(self.real[side])
        self.real[side].update(fields)
        self.modified[side] = at
        changed = {n: v for n, v in self.real[side].items() if v != before[n]}
        if side is Side.ZOHO:
            self.coming.append(Notice(side, self._number(), dict(self.real[side]), at))
        elif changed:
            self.coming.append(Notice(side, self._number(), changed, at))

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def deliver(self, choice: int, *, keep: bool = False) -> None:
        """Store one notification: Salesforce's in order, Zoho's any; `keep`: it will come once more."""
        first = next((n for n in self.coming if n.side is Side.SALESFORCE), None)
        able = [n for n in self.coming if n.side is Side.ZOHO or n is first]
        if not able:
            return
        notice = able[choice % len(able)]
        if notice.side is Side.SALESFORCE:
            self.arrivals += 1
            self.coming.remove(notice)
            self.inbox.append(Notice(notice.side, self.arrivals, notice.fields, notice.at))
        else:
            if not keep:
                self.coming.remove(notice)
            self.inbox.append(notice)

    def lose(self, choice: int) -> None:
        """A Zoho webhook is lost: the poll finds the record later."""
        able = [n for n in self.coming if n.side is Side.ZOHO]
        if able:
            self.coming.remove(able[choice % len(able)])
            self.coming.append(
                Notice(Side.ZOHO, self._number(), dict(self.real[Side.ZOHO]), self.modified[Side.ZOHO])
            )

    # ------------------------------------------------------------------ the product

    def fold(self) -> None:
        """Transform: fold the inbox until a read is asked for, then decide."""
        if self.lane.dirty or self.reading:
            return
        while self.inbox:
            notice = self.inbox[0]
            position = (
                Position(notice.at, 1, notice.number)
                if notice.side is Side.SALESFORCE
                else Position(notice.at)
            )
            folded = fold_event(self.member, notice.side, notice.fields, position, self.lane.sending, same)
            if folded.unsure:
                self.member.on(notice.side).dirty += 1
                break
            self.inbox.pop(0)
        self._decide()

    def _decide(self) -> None:
        self.plan = plan_lane(self.lane, WorldShape(self.owner), DeletePolicy(), lambda _m, _s: False)
        if not self.lane.dirty:
            self.waiting = {step.side: step for step in reversed(self.plan.steps)}

    def begin_read(self) -> None:
        dirty = [side for side in Side if self.member.on(side).dirty]
        if not dirty or self.reading or self.lane.sending is not None:
            return
        side = dirty[0]
        mark = self.member.on(side).dirty
        stored = len(self.inbox)
        self.reading = (side, dict(self.real[side]), self.modified[side], mark, stored)
        self.read_arrival = self.arrivals

    def end_read(self) -> None:
        if self.reading is None:
            return
        side, fields, at, mark, stored = self.reading
        self.reading = None
        self.inbox = [n for i, n in enumerate(self.inbox) if not (i < stored and n.side is side)]
        state = self.member.on(side)
        state.dirty -= mark
        position = Position(at, 1, self.read_arrival if side is Side.SALESFORCE else 0, is_read=True)
        folded = fold_read(self.member, side, fields, position, self.lane.sending, same)
        if folded.unsure:
            state.dirty += 1
        self.waiting = {}
        self.fold()

    def crash_read(self) -> None:
        self.reading = None

    def send(self, side: Side) -> None:
        step = self.waiting.get(side)
        if step is None or self.lane.sending is not None or self.lane.dirty:
            return
        del self.waiting[side]
        write = Write(
            self.writes + 1, 1, side, step.operation, side.value, side.value, values=dict(step.fields)
        )
        claim(self.lane, write)
        self.lane.sending = write
        self.flight = Flight(write)
        self.writes += 1

    def take_effect(self, *, answered: bool, arrives: bool = True) -> None:
        """The request reaches its target; the answer, or even the request, may be lost."""
        if self.flight is None:
            return
        write, heard = self.flight.write, self.flight.heard
        self.flight = None
        at = 0
        if arrives:
            at = self.tick()
            for name in write.values:
                self.typed.pop((write.side, name), None)
            self._apply(write.side, dict(write.values), at)
        if heard and answered and arrives:
            self.answer = (write, at)
        elif heard:
            self.unknown = write

    def crash_write(self) -> None:
        """The worker dies before it heard an answer, or before it stored it."""
        if self.flight is not None and self.flight.heard:
            self.flight.heard = False
            self.unknown = self.flight.write
        elif self.answer is not None:
            self.unknown, self.answer = self.answer[0], None

    def finish(self) -> None:
        if self.answer is None:
            return
        write, at = self.answer
        self.answer = None
        position = Position(at) if write.side is Side.ZOHO else None
        if confirm(self.member, write.side, write.values, {}, position, same):
            self.member.on(write.side).dirty += 1
        self.lane.sending = None
        self._decide()

    def recover(self) -> None:
        """After the settle time nothing sent before is under way any more, unless requests may come `late`;
        the target is read before anything else.
        """
        if self.unknown is None or (self.flight is not None and not self.late):
            return
        if self.seen is None:
            if self.flight is not None:
                self.strays.append(self.flight.write)
                self.flight = None
            side = self.unknown.side
            self.seen = (dict(self.real[side]), self.modified[side], self.arrivals)
            return
        write, (fields, at, arrival) = self.unknown, self.seen
        self.unknown, self.seen = None, None
        position = Position(at, 1, arrival if write.side is Side.SALESFORCE else 0, is_read=True)
        if fold_read(self.member, write.side, fields, position, self.lane.sending, same).unsure:
            self.member.on(write.side).dirty += 1
        doubt(self.member, write.side, write.values, 0, LONG, same)
        self.lost += [(write.side, name, value) for name, value in write.values.items()]
        self.lane.sending = None
        self._decide()

    def stray(self, *, arrives: bool) -> None:
        """A request nobody waits for any more takes effect, or never does."""
        write = self.strays.pop(0)
        if arrives:
            self._apply(write.side, dict(write.values), self.tick())

    def crash_recover(self) -> None:
        """The successor dies between its read and its fold."""
        self.seen = None

    # ------------------------------------------------------------------ the end

    def settle(self) -> None:
        """No more edits and no more faults: let everything go on until nothing moves."""
        for _ in range(400):
            if self.quiet:
                return
            while self.coming:
                self.deliver(0)
            while self.strays:
                self.stray(arrives=True)
            self.take_effect(answered=True)
            self.finish()
            self.recover()
            self.end_read()
            self.begin_read()
            self.end_read()
            self.fold()
            for side in Side:
                self.send(side)
        raise AssertionError("the lane does not come to rest: a dead end or a ping-pong")

    @property
    def quiet(self) -> bool:
        return not (
            self.coming
            or self.inbox
            or self.flight
            or self.strays
            or self.answer
            or self.unknown
            or self.reading
            or self.lane.dirty
            or self.lane.sending
            or self.waiting
        )


__all__ = ["FIELDS", "Intent", "World", "WorldShape"]
