"""Which of two facts about one side is the later one."""

from __future__ import annotations

from enum import Enum

from integration.canonical.event import Position


class Order(Enum):
    """How a fact stands to the one already known."""

    OLDER = -1
    TIE = 0
    NEWER = 1


def compare(new: Position, known: Position) -> Order:
    """Place `new` against `known`.

    Within one stream generation the arrival number decides, because the stream is in commit order. A full
    read carries the arrival number from before it began: what had arrived by then is older, the rest is told
    apart by source time, whose resolution may be a whole second (then: a tie).
    """
    if new.generation and new.generation == known.generation and not new.is_read:
        if not known.is_read:
            return Order.OLDER if new.arrival <= known.arrival else Order.NEWER
        if new.arrival <= known.arrival:
            return Order.OLDER
    if new.at == known.at:
        return Order.TIE
    return Order.OLDER if new.at < known.at else Order.NEWER


def later(left: Position, right: Position) -> Position:
    """The later of two positions; at a tie the one that knows its place in the stream."""
    order = compare(left, right)
    if order is Order.TIE:
        return left if left.arrival >= right.arrival else right
    return left if order is Order.NEWER else right
