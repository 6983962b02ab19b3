"""Things that happen while a call to another system is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tests.fakes.calls import Calls, Found, Kind


class Called(Protocol):
    """A stand-in that counts its calls."""

    calls: Calls


def during(system: Called, kind: Kind, what: str, act: Callable[[], object]) -> None:
    """Do something once, before the next call of that kind (`what` is a part of its name) takes effect."""
    make, acts = system.calls.make, [act]

    def interrupted(found_kind: Kind, name: str, rows: int, run: Callable[[], Found]) -> Found:
        if acts and found_kind == kind and what in name:
            acts.pop()()
        return make(found_kind, name, rows, run)

    system.calls.make = interrupted  # type: ignore[method-assign]
