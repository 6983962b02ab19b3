"""Which of two facts about one side is the later one."""

from __future__ import annotations

import pytest

from integration.canonical.event import Position
from integration.policy.position import Order, compare, later
from tests.unit.policy.sample_lane import read_at, stream, told_at


@pytest.mark.parametrize(
    ("new", "known", "order"),
    [
        (stream(100, 6), stream(900, 5), Order.NEWER),
        (stream(900, 4), stream(100, 5), Order.OLDER),
        (stream(900, 5), stream(100, 5), Order.OLDER),
    ],
    ids=["later arrival, earlier time", "earlier arrival, later time", "told again"],
)
def test_within_a_stream_the_arrival_decides_whatever_the_times_say(
    new: Position, known: Position, order: Order
) -> None:
    assert compare(new, known) is order


@pytest.mark.parametrize(
    ("new", "known", "order"),
    [
        (stream(100, 1, generation=2), stream(99, 70), Order.NEWER),
        (stream(99, 1, generation=2), stream(100, 70), Order.OLDER),
        (stream(100, 1, generation=2), stream(100, 70), Order.TIE),
    ],
)
def test_numbers_of_two_generations_are_not_compared(new: Position, known: Position, order: Order) -> None:
    assert compare(new, known) is order


@pytest.mark.parametrize(
    ("new", "order"),
    [
        (stream(900, 5), Order.OLDER),
        (stream(900, 4), Order.OLDER),
        (stream(499, 6), Order.OLDER),
        (stream(500, 6), Order.TIE),
        (stream(501, 6), Order.NEWER),
    ],
    ids=["arrived just before", "arrived before", "A4: committed before", "same time", "committed after"],
)
def test_a_read_replaces_what_had_arrived_and_what_was_committed_before_it(
    new: Position, order: Order
) -> None:
    """A4: what a full read saw is older than the read, however late it arrives."""
    assert compare(new, read_at(500, arrival=5)) is order


@pytest.mark.parametrize(("at", "order"), [(499, Order.OLDER), (500, Order.TIE), (501, Order.NEWER)])
def test_a_read_stands_to_an_event_by_time_only(at: int, order: Order) -> None:
    assert compare(read_at(at, arrival=99), stream(500, 5)) is order


@pytest.mark.parametrize(("at", "order"), [(1_000, Order.OLDER), (2_000, Order.TIE), (3_000, Order.NEWER)])
def test_without_a_stream_time_decides_and_an_equal_second_is_never_stale(at: int, order: Order) -> None:
    assert compare(told_at(at), told_at(2_000)) is order


def test_the_later_of_two_is_the_newer_one() -> None:
    assert later(stream(1, 6), stream(2, 5)) == stream(1, 6)
    assert later(stream(2, 5), stream(1, 6)) == stream(1, 6)


def test_of_two_at_the_same_time_the_one_with_a_place_in_the_stream_is_kept() -> None:
    assert later(told_at(500), stream(500, 3)) == stream(500, 3)
    assert later(stream(500, 3), told_at(500)) == stream(500, 3)
    assert later(told_at(500), read_at(500)) == told_at(500)
