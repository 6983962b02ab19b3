"""LIKE: `%` is any text, `_` one character."""

from __future__ import annotations

import re
from collections.abc import Callable

from integration.sandbox.salesforce.soql_paths import fold

Piece = re.Pattern[str]


def like(pattern: list[tuple[str, bool]], *, ignore_case: bool) -> Callable[[str], bool]:
    """Whether a text that was folded alike has the form of the pattern's characters.

    Pieces between two `%` are looked for one after the other, which no pattern can make slow.
    """
    shape = fold if ignore_case else str
    pieces: list[list[str]] = [[]]
    for character, escaped in pattern:
        if character == "%" and not escaped:
            pieces.append([])
        elif character == "_" and not escaped:
            pieces[-1].append(".")
        else:
            pieces[-1].append(re.escape(shape(character)))
    found = [re.compile("".join(piece), re.DOTALL) for piece in pieces]
    if len(found) == 1:
        whole = found[0]
        return lambda text: whole.fullmatch(text) is not None
    first, *middle, last = found
    return _Pieces(first, [piece for piece in middle if piece.pattern], last, len(pieces[-1])).matches


class _Pieces:
    """A beginning, what follows in order, and an end of known length."""

    def __init__(self, first: Piece, middle: list[Piece], last: Piece, last_length: int) -> None:
        self._first, self._middle, self._last = first, middle, last
        self._last_length = last_length

    def matches(self, text: str) -> bool:
        begun = self._first.match(text)
        end = len(text) - self._last_length
        if begun is None or end < begun.end():
            return False
        position = begun.end()
        for piece in self._middle:
            found = piece.search(text, position, end)
            if found is None:
                return False
            position = found.end()
        return self._last.fullmatch(text, end) is not None


def prefix(pattern: list[tuple[str, bool]]) -> str:
    """The characters every match begins with."""
    found = ""
    for character, escaped in pattern:
        if character in {"%", "_"} and not escaped:
            break
        found += character
    return found
