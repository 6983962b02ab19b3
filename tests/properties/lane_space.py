"""Every interleaving of a small world: breadth first, with the shortest way to whatever is wrong."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from integration.canonical.values import Side
from tests.properties.lane_world import World

Action = tuple[str, tuple, bool]
"""(name of a World method, its arguments, whether the world is at fault or a person acts)."""


@dataclass(frozen=True)
class Bounds:
    """How much may happen: values typed into one field, faults, how many changes share one second, and whether
    requests outlive the settle time.
    """

    owner: str = "latest"
    edits: int = 2
    faults: int = 1
    losses: int = 0
    grain: int = 1
    late: bool = False
    values: tuple[str, ...] = ("0", "1", "2")
    most_states: int = 150_000


@dataclass
class Explored:
    """What came out: `wrong` is empty when all is well, else it says what, and `way` how to get there."""

    states: int = 0
    settled: int = 0
    wrong: str = ""
    way: list[str] = field(default_factory=list)


def explore(bounds: Bounds) -> Explored:
    """Visit every state within the bounds; stops at the first that is wrong."""
    start = World(bounds.owner, bounds.grain, bounds.late)
    start.bounds_left = (bounds.edits, bounds.faults, bounds.losses)
    store = [pickle.dumps(start)]
    index = {key(start): 0}
    came: list[tuple[int, str]] = [(-1, "")]
    calm: list[list[int]] = []
    good: list[int] = []
    todo = deque([0])
    while todo:
        at = todo.popleft()
        world = pickle.loads(store[at])  # noqa: S301 - our own bytes
        calm.append([])
        if world.quiet:
            good.append(at)
            wrong = judge(world)
            if wrong:
                return Explored(len(store), len(good), wrong, way(came, at))
        for name, arguments, fault in actions(world, bounds):
            after = pickle.loads(store[at])  # noqa: S301 - our own bytes
            perform(after, name, arguments)
            found = index.get(known := key(after))
            if found is None:
                found = index[known] = len(store)
                store.append(pickle.dumps(after))
                came.append((at, f"{name}{arguments}"))
                todo.append(found)
                if len(store) > bounds.most_states:
                    return Explored(
                        len(store), len(good), "too many states for these bounds", way(came, found)
                    )
            if found != at and not fault:
                calm[at].append(found)
    return settle(calm, good, came)


def settle(calm: list[list[int]], good: list[int], came: list[tuple[int, str]]) -> Explored:
    """From every state rest must be reachable without new edits or faults (P1), and nothing may run in a
    circle (P4).
    """
    back: list[list[int]] = [[] for _ in calm]
    for source, targets in enumerate(calm):
        for target in targets:
            back[target].append(source)
    able, todo = set(good), list(good)
    while todo:
        fresh = [s for s in back[todo.pop()] if s not in able]
        able.update(fresh)
        todo.extend(fresh)
    stuck = next((i for i in range(len(calm)) if i not in able), None)
    if stuck is not None:
        return Explored(len(calm), len(good), "a state from which nothing comes to rest", way(came, stuck))
    circle = first_in_circle(calm)
    if circle is not None:
        return Explored(len(calm), len(good), "calm steps run in a circle", way(came, circle))
    return Explored(len(calm), len(good))


def first_in_circle(calm: list[list[int]]) -> int | None:
    """A state that calm steps never leave behind."""
    waits = [0] * len(calm)
    for targets in calm:
        for target in targets:
            waits[target] += 1
    free = [i for i, n in enumerate(waits) if n == 0]
    freed = 0
    while free:
        freed += 1
        for target in calm[free.pop()]:
            waits[target] -= 1
            if waits[target] == 0:
                free.append(target)
    return None if freed == len(calm) else next(i for i, n in enumerate(waits) if n)


def key(world: World) -> bytes:
    """States that behave alike are one."""
    member = world.member
    cells = [
        (
            side,
            name,
            c.value,
            c.position,
            c.prior,
            c.sent,
            c.has_sent,
            c.written,
            c.own,
            c.late,
            c.late_at,
            c.again,
        )
        for side in Side
        for name, c in sorted(member.on(side).cells.items())
    ]
    rest = (
        world.real,
        world.modified,
        world.clock,
        world.coming,
        world.inbox,
        world.flight,
        world.strays,
        world.answer,
        world.unknown,
        world.reading,
        world.seen,
        world.edits,
        world.lost,
        world.lane.sending,
        sorted(world.waiting.items()),
        sorted(member.base.items()),
        [member.on(side).dirty for side in Side],
        world.bounds_left,
    )
    return repr((cells, rest)).encode()


def way(came: list[tuple[int, str]], at: int) -> list[str]:
    """The steps that led to a state."""
    steps = []
    while at > 0:
        at, name = came[at]
        steps.append(name)
    return steps[::-1]


def actions(world: World, bounds: Bounds) -> Iterator[Action]:
    """What can happen next."""
    edits, faults, losses = world.bounds_left
    if edits:
        for side in Side:
            others = [v for v in bounds.values if v != world.real[side]["name"]]
            yield from (("edit", (side, "name", value), True) for value in others)
    if losses and any(n.side is Side.ZOHO for n in world.coming):
        yield ("lose", (0,), True)
    yield from (("deliver", (n,), False) for n in range(len(world.coming)))
    yield from (("send", (side,), False) for side in world.waiting)
    able = {
        "fold": bool(world.inbox),
        "begin_read": world.lane.dirty and world.reading is None,
        "end_read": world.reading is not None,
        "finish": world.answer is not None,
        "recover": world.unknown is not None and (world.flight is None or world.late),
    }
    yield from ((name, (), False) for name, possible in able.items() if possible)
    if world.flight is not None:
        yield ("take_effect", (True, True), False)
    if world.strays:
        yield ("stray", (True,), False)
        yield ("stray", (False,), False)
    if faults:
        yield from _faults(world)


def _faults(world: World) -> Iterator[Action]:
    if world.flight is not None:
        yield ("take_effect", (False, True), True)
        yield ("take_effect", (False, False), True)
    if world.flight is not None or world.answer is not None:
        yield ("crash_write", (), True)
    if world.reading is not None:
        yield ("crash_read", (), True)
    if world.seen is not None:
        yield ("crash_recover", (), True)


def perform(world: World, name: str, arguments: tuple) -> None:
    """Do one action and count what it uses up."""
    edits, faults, losses = world.bounds_left
    if name == "edit":
        edits -= 1
    elif name == "lose":
        losses -= 1
    elif name.startswith("crash_") or (name == "take_effect" and arguments != (True, True)):
        faults -= 1
    world.bounds_left = (edits, faults, losses)
    if name == "take_effect":
        world.take_effect(answered=arguments[0], arrives=arguments[1])
    elif name == "stray":
        world.stray(arrives=arguments[0])
    else:
        getattr(world, name)(*arguments)


def judge(world: World) -> str:
    """P3 and P4 at rest: both sides agree, and on what the side entitled to say so said last."""
    left, right = world.real[Side.SALESFORCE]["name"], world.real[Side.ZOHO]["name"]
    if left != right:
        return f"at rest, but Salesforce says {left} and Zoho {right}"
    mine = [(side, value) for side, _, value in world.edits if world.owner in ("latest", side.value)]
    # A person who types the very value of a lost write may be taken for it.
    doubtful = any(edit in world.lost for edit in world.edits)
    if world.owner == "latest" and mine and not doubtful and left not in dict(mine).values():
        return f"at rest on {left}, which is nobody's last word"
    expected = mine[-1][1] if mine else "0"
    if (world.owner != "latest" or len({side for side, _ in mine}) < 2) and left != expected:
        return f"at rest on {left}, but the only side entitled to say so said {expected}"
    return ""
