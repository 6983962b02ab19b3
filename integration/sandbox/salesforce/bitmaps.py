"""Field lists of change events as bitmaps: upper-case hex of whole bytes, nested for compounds."""

from __future__ import annotations

from collections.abc import Iterable


def encode_bits(positions: Iterable[int]) -> str:
    """`0x400800` for positions 11 and 22; as few bytes as the highest position needs."""
    number = sum(1 << position for position in set(positions))
    digits = f"{number:X}"
    return "0x" + digits.rjust((len(digits) + 1) // 2 * 2, "0")


def encode_bitmap(fields: Iterable[tuple[int, int | None]]) -> list[str]:
    """The header's array for (position, position inside the compound or None) pairs."""
    top: set[int] = set()
    nested: dict[int, set[int]] = {}
    for position, inner in fields:
        if inner is None:
            top.add(position)
        else:
            nested.setdefault(position, set()).add(inner)
    first = [encode_bits(top)] if top else []
    return first + [f"{position}-{encode_bits(nested[position])}" for position in sorted(nested)]
