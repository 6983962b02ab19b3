"""Finds the line a key stands on, so that a mistake can be shown where it is; tomllib keeps no positions."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")

Path = tuple[str | int, ...]


def line_of(text: str, location: Sequence[str | int]) -> int:
    """The 1-based line of a key path such as ("pairs", 0, "zoho", "daily"), or of its table if it is absent.

    Text over several lines that looks like tables can mislead it: the line helps a reader, no more.
    """
    wanted = tuple(location)
    best_line, best_depth = 1, 0
    for number, path in _paths(text):
        depth = _shared(path, wanted)
        if depth > best_depth and depth == len(path):
            best_line, best_depth = number, depth
    return best_line


def _paths(text: str) -> list[tuple[int, Path]]:
    found: list[tuple[int, Path]] = []
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _table_path(_split(header[2]), counts, repeated=header[1] == "[[")
            found.append((number, table))
        elif key := _KEY.match(line):
            found.append((number, (*table, *_split(key[1]))))
    return found


def _table_path(parts: Path, counts: dict[Path, int], *, repeated: bool) -> Path:
    path: Path = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        if repeated and index == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _split(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _shared(path: Path, wanted: Path) -> int:
    depth = 0
    for ours, theirs in zip(path, wanted, strict=False):
        if ours != theirs:
            break
        depth += 1
    return depth
