"""Every way two people's records of one customer can come together, and what is wrong with where it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from integration.canonical.values import Side
from tests.properties.join_key import key
from tests.properties.join_systems import Bounds
from tests.properties.join_world import JoinWorld, Move, is_calm


@dataclass
class Explored:
    """What came out: `wrong` is empty when all is well, else it says what, and `way` how to get there."""

    states: int = 0
    settled: int = 0
    ends: set[str] = field(default_factory=set)
    wrong: str = ""
    way: list[Move] = field(default_factory=list)


@dataclass
class _Found:
    """All states so far: put away, what can happen next, how they came about, and where calm moves lead."""

    kept: list[bytes] = field(default_factory=list)
    moves: list[list[Move]] = field(default_factory=list)
    came: list[tuple[int, Move]] = field(default_factory=list)
    calm: list[list[int]] = field(default_factory=list)
    good: list[int] = field(default_factory=list)
    ends: set[str] = field(default_factory=set)

    def add(self, world: JoinWorld, came: tuple[int, Move]) -> str:
        """One more state; returns what is wrong with it."""
        self.kept.append(world.put_away())
        self.came.append(came)
        self.calm.append([])
        standing = world.line.depths()
        self.moves.append(world.moves(standing))
        if standing or not world.quiet:
            return world.left.wrong
        self.good.append(len(self.kept) - 1)
        self.ends.add(picture(world))
        return world.left.wrong or judge(world)

    def told(self, at: int, wrong: str = "") -> Explored:
        """What came out, with the way to a state where something is wrong."""
        way = []
        while wrong and at > 0:
            at, move = self.came[at]
            way.append(move)
        return Explored(len(self.kept), len(self.good), self.ends, wrong, way[::-1])


def explore(path: Path, bounds: Bounds, most_states: int) -> Explored:
    """Visit every state within the bounds, breadth first; stops at the first that is wrong."""
    world = JoinWorld(path, bounds)
    try:
        return _explore(world, most_states)
    finally:
        world.close()


def _explore(world: JoinWorld, most_states: int) -> Explored:
    found, index = _Found(), {key(world): 0}
    found.add(world, (-1, ()))
    for at in count():
        if at == len(found.kept):
            break
        for move in found.moves[at]:
            world.take_out(found.kept[at])
            world.do(move)
            after = index.setdefault(key(world), len(found.kept))
            if after == len(found.kept) and (wrong := found.add(world, (at, move))):
                return found.told(after, wrong)
            if after > most_states:
                return found.told(after, "too many states for these bounds")
            if after != at and is_calm(move):
                found.calm[at].append(after)
    stuck = _stuck(found)
    return found.told(stuck, "a state from which nothing comes to rest" if stuck else "")


def _stuck(found: _Found) -> int:
    """A state from which calm moves never lead to rest (P1), or 0."""
    back: list[list[int]] = [[] for _ in found.kept]
    for source, targets in enumerate(found.calm):
        for target in targets:
            back[target].append(source)
    able, todo = set(found.good), list(found.good)
    while todo:
        fresh = [state for state in back[todo.pop()] if state not in able]
        able.update(fresh)
        todo.extend(fresh)
    return next((state for state in range(len(found.kept)) if state not in able), 0)


# --------------------------------------------------------------------- what is wrong


def judge(world: JoinWorld) -> str:
    """P2, P4 and P6 at rest: one pair, nothing made twice, whatever else exists is told."""
    living = {side: world.living(side) for side in Side}
    ours = {side: [r for r in living[side] if r not in world.left.typed] for side in Side}
    if ours[Side.SALESFORCE] and ours[Side.ZOHO]:
        return "P2: we created the customer on both sides"
    told = world.told()
    for side, records in living.items():
        for record in records:
            partner = world.partner(record)
            if not (partner and world.lives(partner)) and record not in told:
                return f"P4: {side} {record} belongs to nothing and nobody is told"
    if sum(world.bounds.people) == len(world.left.typed) == 2 and all(len(r) == 1 for r in living.values()):
        [left], [right] = living.values()
        if world.partner(left) != right:
            return "P4: each side has the customer once, and nothing binds them"
    if unended := [event.event.key for event in world.line.events() if event.outcome is None]:
        return f"P6: {len(unended)} events have not ended"
    return _put_away_wrongly(world, living)


def _put_away_wrongly(world: JoinWorld, living: dict[Side, list[str]]) -> str:
    partners = {
        record: other
        for row in world.line.bindings()
        for record, other in ((row.salesforce_id, row.zoho_id), (row.zoho_id, row.salesforce_id))
    }
    for record, side in world.left.typed.items():
        partner = partners.get(record, "")
        if world.lives(record) and record not in living[side] and (not partner or world.lives(partner)):
            return f"P4: {side} {record} is put away and nobody deleted its partner"
        if not world.lives(record) and partner in living[side.other] and partner not in world.left.typed:
            return f"P4: {side} {record} is deleted, its copy stays active"
    return ""


def picture(world: JoinWorld) -> str:
    """An end in words: what each side holds, who made it, what is bound and what is told."""
    told = world.told()
    sides = []
    for side in Side:
        records = world.living(side)
        words = [
            ("ours" if record not in world.left.typed else "typed")
            + (" bound" if world.partner(record) else "")
            + (" told" if record in told else "")
            for record in records
        ]
        sides.append(f"{side}: {', '.join(sorted(words)) or 'nothing'}")
    return "; ".join(sides)
