"""Unified diffs that change events carry instead of a long text."""

from __future__ import annotations

import difflib
import hashlib

_SHORTEST = 1000


def diff_of(before: str | None, after: str | None) -> str | None:
    """The diff an event would carry, or None where it carries the whole text."""
    if before is None or after is None or len(after) < _SHORTEST:
        return None
    old, new = before.split("\n"), after.split("\n")
    hunks = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    touched = [line for line in hunks if line[:1] in {"+", "-"}]
    too_long = sum(len(line) for line in touched) > 0.5 * len(after)
    too_many = len(touched) > 0.25 * max(len(new), 1)
    digest = hashlib.sha256(after.encode()).hexdigest()
    text = "\n".join([f"--- \n+++ {digest}", *hunks])
    return None if too_long or too_many or len(text) >= len(after) else text
