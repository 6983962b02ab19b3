"""What happens to events on their way into the log and to streams after a delivery, as chance has it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.event_log import EventLog, NewEvent

REORDER_SECONDS = 0.8
_SHARES = ("lose", "double", "late", "cut", "half_open")


@dataclass(frozen=True)
class Accidents:
    """How likely each accident is; shares are between 0 and 1."""

    lose: float = 0.0
    """Share of change events that are never persisted."""
    double: float = 0.0
    """Share that comes twice, the second time with a position of its own."""
    late: float = 0.0
    """Share that comes later by `late_seconds` and is overtaken meanwhile."""
    late_seconds: tuple[float, float] = (1.0, 5.0)
    reorder: bool = False
    """Every event waits up to REORDER_SECONDS, so that neighbours change places."""
    cut: float = 0.0
    """Share of responses with events after which their stream ends as in maintenance."""
    half_open: float = 0.0
    """Share of responses with events after which their stream says nothing any more."""
    seed: int | None = None
    """Of its own; None: the org's."""


def parse_accidents(spec: Mapping[str, Any]) -> Accidents:
    """Settings from plain data; what is left out does not happen.

    :raises BadInstructionError: an unknown key or a value out of its range
    """
    unknown = set(spec) - set(Accidents.__dataclass_fields__)
    if unknown:
        known = sorted(Accidents.__dataclass_fields__)
        raise BadInstructionError(f"the bus's chaos has no {sorted(unknown)}; it has {known}")
    try:
        low, high = (float(bound) for bound in spec.get("late_seconds", Accidents.late_seconds))
        shares = {name: float(spec.get(name, 0.0)) for name in _SHARES}
    except (TypeError, ValueError) as error:
        raise BadInstructionError(f"a value of the wrong type: {error}") from error
    reorder, seed = spec.get("reorder", False), spec.get("seed")
    if not isinstance(reorder, bool) or not isinstance(seed, int | None) or not 0 <= low <= high:
        raise BadInstructionError("reorder is true or false, seed a whole number, late_seconds [low, high]")
    if not all(0 <= share <= 1 for share in shares.values()):
        raise BadInstructionError(f"{', '.join(_SHARES)} are between 0 and 1")
    return Accidents(**shares, late_seconds=(low, high), reorder=reorder, seed=seed)


class Stream(Protocol):
    """A subscriber of either transport."""

    cut: bool
    silent: bool


class EventAccidents:
    """Decides for every event and response; the decisions follow from the seed and their number alone."""

    def __init__(self, log: EventLog, seed: int) -> None:
        self._log = log
        self._org_seed = seed
        self._number = 0
        self._counts: Counter[str] = Counter()
        self.settings = Accidents()

    def configure(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Other chances from now on, counted anew; nothing given is none.

        Shape: `{"lose", "double", "late", "cut", "half_open": share, "late_seconds": [low, high],
        "reorder": bool, "seed": int}`.

        :raises BadInstructionError: an unknown key or a value out of its range
        """
        self.settings = parse_accidents(spec)
        self._number = 0
        self._counts.clear()
        return self.configured()

    def configured(self) -> dict[str, Any]:
        """The chances in force, and under `happened` how often each struck."""
        return {**asdict(self.settings), "happened": dict(self._counts)}

    def pass_on(self, event: NewEvent) -> None:
        """Puts the event into the log once, twice, later or never."""
        settings = self.settings
        if settings == _NOTHING:
            self._log.append(event)
            return
        # Each chance is drawn whether it matters or not: one setting must not move the others' luck.
        dice = self._dice()
        lost, doubled, late = (dice.random() < s for s in (settings.lose, settings.double, settings.late))
        delay, jitter = dice.uniform(*settings.late_seconds), dice.uniform(0, REORDER_SECONDS)
        if lost:
            self._counts["lose"] += 1
            return
        wait = (delay if late else 0.0) + (jitter if settings.reorder else 0.0)
        self._counts["late"] += late
        self._enter(event, wait)
        if doubled:
            self._counts["double"] += 1
            self._enter(event, wait)

    def befall(self, stream: Stream, *, told: bool = True) -> None:
        """What becomes of a stream that has just been answered, with events or without."""
        settings = self.settings
        if not told or (not settings.cut and not settings.half_open):
            return
        dice = self._dice()
        cut, silent = dice.random() < settings.cut, dice.random() < settings.half_open
        stream.cut = stream.cut or cut
        stream.silent = stream.silent or silent
        self._counts["cut"] += cut
        self._counts["half_open"] += silent

    def dump(self) -> dict[str, Any]:
        return {"settings": asdict(self.settings), "number": self._number, "counts": dict(self._counts)}

    def load(self, state: Mapping[str, Any]) -> None:
        self.settings = parse_accidents(state["settings"])
        self._number = int(state["number"])
        self._counts = Counter(state["counts"])

    def _enter(self, event: NewEvent, wait: float) -> None:
        if wait > 0:
            self._log.hold(event, wait)
        else:
            self._log.append(event)

    def _dice(self) -> random.Random:
        seed = self._org_seed if self.settings.seed is None else self.settings.seed
        self._number += 1
        return random.Random(f"{seed}:{self._number}")


_NOTHING = Accidents()
