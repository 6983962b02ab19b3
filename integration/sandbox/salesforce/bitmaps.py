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


def decode_bitmap(elements: Iterable[str]) -> set[tuple[int, int | None]]:
    """The (position, position inside the compound or None) pairs of a header's array."""
    found: set[tuple[int, int | None]] = set()
    for element in elements:
        parent, _, digits = element.rpartition("-")
        number = int(digits, 16)
        places = (place for place in range(number.bit_length()) if number >> place & 1)
        found |= {(int(parent), place) if parent else (place, None) for place in places}
    return found
