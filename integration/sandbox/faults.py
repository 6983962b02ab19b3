"""Scripted faults: the calls that match answer wrongly, late or not at all.

Whether a fault strikes its n-th matching call follows from the seed, its name and n alone, so what other
calls do at the same time changes nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from typing import Any

from integration.sandbox.fault import Fault
from integration.sandbox.fault_kinds import BEFORE_AUTHORISATION, KINDS
from integration.sandbox.fault_parsing import parse_fault

__all__ = ["BEFORE_AUTHORISATION", "KINDS", "Fault", "Faults", "parse_fault"]

PLAYED_AT_MOST = 1000


@dataclass
class Standing:
    """A fault with what has come of it; `owner` names the plan it belongs to, if any."""

    fault: Fault
    seed: int
    since: float
    owner: str = ""
    matched: int = 0
    played: int = 0

    @property
    def over(self) -> bool:
        """Whether it has struck as often as it may."""
        return 0 < self.fault.times <= self.played

    def shown(self) -> dict[str, Any]:
        """What is left of it."""
        fault = self.fault
        left = fault.times - self.played if fault.times else 0
        return {**fault.shown(), "skip": max(0, fault.skip - self.matched), "times": left}


@dataclass
class Faults:
    """The faults still to come. Of those due at a call the first added strikes; the others wait on."""

    seed: int = 7
    time: Callable[[], float] = time.monotonic
    _standing: list[Standing] = field(default_factory=list)
    _played: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=PLAYED_AT_MOST))
    _added: int = 0
    _number: int = 0

    def add(self, fault: Fault, *, seed: int | None = None, owner: str = "") -> None:
        """Let it meet the calls that match from now on; a fault without a name is called by its number."""
        self._added += 1
        named = fault if fault.name else replace(fault, name=f"fault-{self._added}")
        self._standing.append(Standing(named, self.seed if seed is None else seed, self.time(), owner))

    def take(self, system: str, method: str, path: str, kinds: Container[str] = KINDS) -> Fault | None:
        """The fault of one of the kinds that strikes this call, or None."""
        struck: tuple[Standing, Fault] | None = None
        for standing in self._standing:
            fault = standing.fault
            if standing.over or fault.kind not in kinds or not fault.meets(system, method, path):
                continue
            if not fault.begin <= self.time() - standing.since < fault.end:
                continue
            standing.matched += 1
            if struck is None and fault.strikes(standing.seed, standing.matched):
                struck = (standing, fault.drawn(standing.seed, standing.matched))
        if struck is None:
            return None
        self._note(struck[0], method, path)
        return struck[1]

    def clear(self) -> None:
        """Forget every fault."""
        self._standing.clear()
        self._played.clear()
        self._added = 0

    def end(self, owner: str) -> None:
        """Forget the faults of a plan."""
        self._standing = [standing for standing in self._standing if standing.owner != owner]

    def waiting(self) -> list[dict[str, Any]]:
        """The faults still to come, with what is left of each."""
        return [standing.shown() for standing in self._standing if not standing.over]

    def of(self, owner: str) -> list[dict[str, Any]]:
        """Every fault of a plan, with how many calls it matched and struck."""
        return [
            {"name": each.fault.name, "kind": each.fault.kind, "matched": each.matched, "played": each.played,
             "over": each.over}
            for each in self._standing if each.owner == owner
        ]  # fmt: skip

    def played(self, owner: str | None = None) -> list[dict[str, Any]]:
        """The last strikes, oldest first; `call` counts the calls the fault matched."""
        return [dict(each) for each in self._played if owner is None or each["owner"] == owner]

    def _note(self, standing: Standing, method: str, path: str) -> None:
        standing.played += 1
        self._number += 1
        fault = standing.fault
        self._played.append({
            "n": self._number, "fault": fault.name, "kind": fault.kind, "system": fault.system,
            "method": method, "path": path, "call": standing.matched,
            "seconds": round(self.time() - standing.since, 3), "owner": standing.owner,
        })  # fmt: skip
        if standing.over and not standing.owner:
            self._standing.remove(standing)
