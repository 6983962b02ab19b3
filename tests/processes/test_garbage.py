"""Processes of the line look for garbage seldom, and still find it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, weakref
from integration.processes.garbage import OBJECTS, collect_seldom

class Knot: pass

collect_seldom()
looks = gc.get_stats()[0]["collections"]
knot = Knot()
knot.itself, seen = knot, weakref.ref(knot)
del knot
kept = [[] for _ in range(OBJECTS // 2)]
assert gc.get_stats()[0]["collections"] == looks and seen() is not None, "looked too early"
kept += [[] for _ in range(OBJECTS)]
assert seen() is None, "never looked"
"""


def test_what_goes_in_circles_is_let_go_after_many_objects() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
