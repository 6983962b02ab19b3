"""Scripted faults: the next calls that match answer wrongly, late or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args, get_type_hints

from integration.sandbox.errors import BadInstructionError

KINDS = frozenset({
    "status",         # answer `status` and `body`, change nothing
    "status_after",   # do the work, then answer `status` and `body` all the same
    "html",           # a page of a proxy instead of the API: `status` (default 503) and HTML
    "slow",           # wait `seconds`, then work as usual
    "hang",           # take the request, change nothing, never answer
    "hang_after",     # do the work, never answer
    "reset_before",   # close the connection before anything is changed
    "reset_after",    # do the work, close the connection before the first byte of the answer
    "token_revoked",  # every access token dies before the call is looked at
})  # fmt: skip
BEFORE_AUTHORISATION = frozenset({"token_revoked"})
SYSTEMS = frozenset({"zoho", "salesforce"})


@dataclass(frozen=True)
class Fault:
    """One fault: which calls it meets, what happens, how often, and how many it lets pass before."""

    system: str
    kind: str
    method: str = ""
    path_prefix: str = "/"
    status: int | None = None
    body: Any = None
    seconds: float = 1.0
    times: int = 1
    skip: int = 0

    def meets(self, system: str, method: str, path: str) -> bool:
        """Whether the call is one of those the fault is meant for."""
        wanted = not self.method or self.method == method
        return wanted and self.system == system and path.startswith(self.path_prefix)


def parse_fault(spec: Mapping[str, Any]) -> Fault:
    """A fault from the admin's JSON.

    :raises BadInstructionError: a key, kind, system or number that does not exist
    """
    unknown = set(spec) - set(Fault.__dataclass_fields__)
    if unknown:
        raise BadInstructionError(
            f"a fault has no {sorted(unknown)}; it has {sorted(Fault.__dataclass_fields__)}"
        )
    if spec.get("system") not in SYSTEMS or spec.get("kind") not in KINDS:
        raise BadInstructionError(f"a fault needs system of {sorted(SYSTEMS)} and kind of {sorted(KINDS)}")
    hints = get_type_hints(Fault)
    for key, value in spec.items():
        allowed = get_args(hints[key]) or ((int, float) if hints[key] is float else (hints[key],))
        if hints[key] is not Any and not isinstance(value, allowed):
            raise BadInstructionError(f"fault.{key} does not take {value!r}")
    return Fault(**{**spec, "method": str(spec.get("method", "")).upper()})


class Faults:
    """The faults still to come, taken in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[list[Any]] = []  # [fault, skips left, times left]

    def add(self, fault: Fault) -> None:
        """Let it meet the next calls that match."""
        self._waiting.append([fault, fault.skip, fault.times])

    def take(self, system: str, method: str, path: str, kinds: frozenset[str] = KINDS) -> Fault | None:
        """The fault of one of the kinds that meets this call, used up by one, or None."""
        for entry in self._waiting:
            fault: Fault = entry[0]
            if fault.kind not in kinds or not fault.meets(system, method, path):
                continue
            if entry[1] > 0:
                entry[1] -= 1
                continue
            entry[2] -= 1
            if entry[2] <= 0:
                self._waiting.remove(entry)
            return fault
        return None

    def clear(self) -> None:
        """Forget every fault."""
        self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """The faults still to come, with what is left of each."""
        return [{**asdict(fault), "skip": skip, "times": times} for fault, skip, times in self._waiting]
