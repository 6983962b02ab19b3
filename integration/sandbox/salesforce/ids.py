"""Record ids: 15 case-sensitive characters plus a checksum of three."""

from __future__ import annotations

from collections.abc import Mapping

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_UPPER = str.maketrans({character: "1" if "A" <= character <= "Z" else "0" for character in BASE62})
_CHECKSUM = {
    f"{bits:05b}"[::-1]: character for bits, character in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")
}
_ALPHANUMERIC = frozenset(BASE62)
_COUNTER_LENGTH = 8


def checksum(short_id: str) -> str:
    """Three characters that tell which of the 15 are upper case (bit 0 is the first of each five)."""
    bits = short_id.translate(_UPPER)
    return _CHECKSUM[bits[0:5]] + _CHECKSUM[bits[5:10]] + _CHECKSUM[bits[10:15]]


def looks_like_id(text: str) -> bool:
    """Whether the text has the shape of a record id, whatever it may point to."""
    return len(text) in {15, 18} and _ALPHANUMERIC.issuperset(text)


def to_long(text: str) -> str | None:
    """The 18-character form, or None where the text is no id or its checksum is wrong."""
    if not looks_like_id(text):
        return None
    long_id = text[:15] + checksum(text[:15])
    # The checksum exists so that systems that ignore case can still tell ids apart.
    return long_id if len(text) == 15 or text[15:].upper() == long_id[15:] else None


def to_base62(number: int, width: int) -> str:
    """The number in the alphabet of ids, padded with zeros."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits.rjust(width, "0")


class IdSource:
    """Gives ascending ids per key prefix; ascending also as text, as paging by id expects."""

    def __init__(self, instance: str = "Sb00") -> None:
        self._instance = instance
        self._counters: dict[str, int] = {}

    def next(self, key_prefix: str) -> str:
        """A fresh 18-character id."""
        number = self._counters.get(key_prefix, 0) + 1
        self._counters[key_prefix] = number
        # Real counters start high and mix cases; a large start does the same for the checksum.
        short_id = key_prefix + self._instance + to_base62(14_776_336 * 37 + number, _COUNTER_LENGTH)
        return short_id + checksum(short_id)

    def number(self, sequence: str, start: int) -> int:
        """The next number of a sequence, such as the one of order numbers."""
        number = self._counters.get(sequence, start - 1) + 1
        self._counters[sequence] = number
        return number

    def dump(self) -> dict[str, int]:
        return dict(self._counters)

    def load(self, counters: Mapping[str, int]) -> None:
        self._counters = dict(counters)
