"""What a benchmark found: each figure beside what it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Say = Callable[[str], None]
"""Tells the person who waits what is being measured."""


class NotGivenError(Exception):
    """The machine does not offer what a part needs; its text says what."""


@dataclass(frozen=True)
class Figure:
    """One line of the table. `reached` is None where nothing is promised."""

    what: str
    measured: float
    unit: str
    against: str = ""
    reached: bool | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@dataclass(frozen=True)
class Result:
    """What one part found, or why it could not be measured."""

    part: str
    figures: tuple[Figure, ...] = ()
    skipped: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the figures were worked out from, for machines."""

    @property
    def missed(self) -> list[Figure]:
        """Figures that fall short of their target."""
        return [figure for figure in self.figures if figure.reached is False]


def times(what: str, measured: float, unit: str, base: float, factor: float, base_name: str) -> Figure:
    """A figure that must be at least `factor` times what it stands beside."""
    ratio = measured / base
    return Figure(
        what,
        measured,
        unit,
        f"{ratio:.2f} x {base_name} {base:.1f} {unit}; target {factor:.1f} x",
        ratio >= factor,
    )


def below(what: str, measured: float, unit: str, most: float) -> Figure:
    """A figure that must stay under a limit."""
    return Figure(what, measured, unit, f"target below {most:g} {unit}", measured < most)
