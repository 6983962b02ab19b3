"""P3 and P4 on the pure rules: whatever the order of edits, notices, reads, writes and crashes, both sides
end equal.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.canonical.values import Side
from tests.properties.lane_space import Bounds, explore
from tests.properties.lane_world import FIELDS, World

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
WIDE = [
    Bounds(edits=3, grain=2, values=("0", "1"), most_states=300_000),
    Bounds(faults=2, late=True, values=("0", "1"), most_states=300_000),
]
SIDES = st.sampled_from(list(Side))
STEPS = st.one_of(
    st.tuples(st.just("edit"), SIDES, st.sampled_from(FIELDS), st.sampled_from("0123")),
    st.tuples(st.just("deliver"), st.integers(0, 3)),
    st.tuples(st.just("deliver_twice"), st.integers(0, 3)),
    st.tuples(st.just("lose"), st.integers(0, 3)),
    st.tuples(st.just("fold")),
    st.tuples(st.just("begin_read")),
    st.tuples(st.just("end_read")),
    st.tuples(st.just("crash_read")),
    st.tuples(st.just("send"), SIDES),
    st.tuples(st.just("answered")),
    st.tuples(st.just("answer_lost")),
    st.tuples(st.just("request_lost")),
    st.tuples(st.just("crash_write")),
    st.tuples(st.just("finish")),
    st.tuples(st.just("recover")),
)


def play(world: World, step: tuple) -> None:
    name, *arguments = step
    if name == "deliver_twice":
        world.deliver(*arguments, keep=True)
    elif name == "answered":
        world.take_effect(answered=True)
    elif name == "answer_lost":
        world.take_effect(answered=False)
    elif name == "request_lost":
        world.take_effect(answered=False, arrives=False)
    else:
        getattr(world, name)(*arguments)


@settings(deadline=None)
@given(
    owner=st.sampled_from(["latest", "salesforce", "zoho"]),
    grain=st.integers(1, 3),
    steps=st.lists(STEPS, max_size=60),
)
def test_both_sides_end_equal_after_any_history(owner: str, grain: int, steps: list[tuple]) -> None:
    world = World(owner, grain)
    for step in steps:
        play(world, step)
    world.settle()
    assert world.real[Side.SALESFORCE] == world.real[Side.ZOHO]


@settings(deadline=None)
@given(side=SIDES, grain=st.integers(1, 3), steps=st.lists(STEPS, max_size=60))
def test_the_last_word_of_the_only_side_that_speaks_stands(
    side: Side, grain: int, steps: list[tuple]
) -> None:
    world = World("latest", grain)
    for step in steps:
        play(world, (step[0], side, *step[2:]) if step[0] == "edit" else step)
    expected = dict(world.real[side])
    pending = {name: value for (where, name), value in world.typed.items() if where is side}
    world.settle()
    for name in FIELDS:
        typed = [value for _, what, value in world.edits if what == name]
        assert world.real[side.other][name] == (typed[-1] if typed else "0"), (expected, pending)


@settings(deadline=None)
@given(
    owner=st.sampled_from(["salesforce", "zoho"]), grain=st.integers(1, 3), steps=st.lists(STEPS, max_size=60)
)
def test_the_owner_of_a_field_says_what_it_is(owner: str, grain: int, steps: list[tuple]) -> None:
    world = World(owner, grain)
    for step in steps:
        play(world, step)
    world.settle()
    for name in FIELDS:
        typed = [value for side, what, value in world.edits if what == name and side is Side(owner)]
        assert world.real[Side(owner)][name] == (typed[-1] if typed else "0")


@settings(deadline=None)
@given(steps=st.lists(STEPS, max_size=40))
def test_a_quiet_lane_writes_no_more_than_it_was_asked_to(steps: list[tuple]) -> None:
    """No ping-pong: writes stay within what edits and faults can cause."""
    world = World("latest", 1)
    for step in steps:
        play(world, step)
    world.settle()
    faults = sum(step[0] in ("answer_lost", "request_lost", "crash_write") for step in steps)
    assert world.writes <= 2 * len(world.edits) + faults


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(),
        Bounds(grain=2),
        Bounds(grain=3, values=("0", "1")),
        Bounds(owner="salesforce", values=("0", "1")),
        Bounds(owner="zoho", values=("0", "1")),
        Bounds(losses=1, values=("0", "1")),
        Bounds(late=True, values=("0", "1")),
        Bounds(edits=3, faults=0, grain=2, values=("0", "1")),
        *(WIDE if THOROUGH else []),
    ],
    ids=str,
)
def test_every_interleaving_of_a_small_world_ends_well(bounds: Bounds) -> None:
    explored = explore(bounds)
    assert not explored.wrong, [explored.wrong, *explored.way]
    assert explored.settled > 10
