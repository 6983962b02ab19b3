"""How often a process that works on pairs looks for garbage that reference counting leaves."""

from __future__ import annotations

import gc

OBJECTS = 100_000
"""New objects between two looks: more than one unit of work holds at once. Python's default looks after a few
hundred, again and again at lanes that are still being loaded; it took a fifth of the line's time.
"""


def collect_seldom() -> None:
    """Set this process, begun and loaded, to look seldom, and never again at what it has by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, 10, 10)
