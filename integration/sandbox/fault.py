"""One scripted fault: which calls it meets, and which of them it strikes."""

from __future__ import annotations

import random
import re
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from integration.sandbox.fault_kinds import KINDS, face_of


@dataclass(frozen=True)
class Fault:
    """One fault: which calls it meets, what happens, which of them it strikes and how often.

    `times` 0 is without end. `begin` and `end` are real seconds since it was added (in a plan: since the plan
    began); calls outside are not counted. `wait` is drawn from `seconds` when it strikes.
    """

    system: str
    kind: str
    name: str = ""
    method: str = ""
    path_prefix: str = "/"
    path: str = ""
    path_pattern: str = ""
    status: int | None = None
    body: Any = None
    code: str = ""
    seconds: tuple[float, float] = (1.0, 1.0)
    records: tuple[int, ...] = (0,)
    after_commit: bool = False
    probability: float = 1.0
    times: int = 1
    skip: int = 0
    every: int = 1
    begin: float = 0.0
    end: float = float("inf")
    wait: float = 0.0

    def meets(self, system: str, method: str, path: str) -> bool:
        """Whether the call is one of those the fault is meant for."""
        kind = KINDS[self.kind]
        if self.system != system or face_of(path) not in kind.faces:
            return False
        if kind.methods and method not in kind.methods:
            return False
        if self.method and method not in self.method.split(","):
            return False
        if self.path or self.path_pattern:
            return _path_pattern(self.path, self.path_pattern).fullmatch(path) is not None
        return path.startswith(self.path_prefix)

    def strikes(self, seed: int, count: int) -> bool:
        """Whether chance and order let it strike its `count`-th matching call (1 is the first)."""
        turn = count - self.skip
        if turn <= 0 or turn % self.every:
            return False
        return self.probability >= 1 or self._stream(seed, count).random() < self.probability

    def drawn(self, seed: int, count: int) -> Fault:
        """The fault with its wait for that call."""
        low, high = self.seconds
        stream = self._stream(seed, count)
        stream.random()
        return replace(self, wait=low + stream.random() * (high - low))

    def shown(self) -> dict[str, Any]:
        """As the admin's JSON has it."""
        found = asdict(self)
        del found["wait"]
        low, high = found.pop("seconds")
        begin, end = found.pop("begin"), found.pop("end")
        return {
            **found, "seconds": low if low == high else [low, high], "records": list(self.records),
            "from": begin, "until": None if end == float("inf") else end,
        }  # fmt: skip

    def _stream(self, seed: int, count: int) -> random.Random:
        # A text as seed is hashed the same way in every process.
        return random.Random(f"{seed}/{self.name}/{count}")


@cache
def _path_pattern(glob: str, pattern: str) -> re.Pattern[str]:
    """`*` is anything within a part of the path, `**` anything at all, `?` one character."""
    if pattern:
        return re.compile(pattern)
    parts = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*|\?)", glob)))
