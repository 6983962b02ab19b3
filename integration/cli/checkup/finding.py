"""What one look of the doctor came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from integration.errors import Fault


class Level(StrEnum):
    """`warn`: it runs, somebody should know; `fail`: it does not run like this."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line: where, what was looked at, how it stands, what to do about it."""

    place: str
    what: str
    level: Level
    text: str
    advice: str = ""


Look = Callable[[], Iterable[Finding]]


@dataclass(frozen=True)
class Ward:
    """The findings of one place; a look that meets a fault is a failed finding, and the others go on."""

    place: str

    def ok(self, what: str, text: str) -> Finding:
        """All is well."""
        return Finding(self.place, what, Level.OK, text)

    def warn(self, what: str, text: str, advice: str) -> Finding:
        """It runs, but somebody should know."""
        return Finding(self.place, what, Level.WARN, text, advice)

    def fail(self, what: str, text: str, advice: str) -> Finding:
        """It cannot run like this."""
        return Finding(self.place, what, Level.FAIL, text, advice)

    def look(self, what: str, look: Look, *, advice: str = "") -> Iterator[Finding]:
        """The findings of a look, or that it could not be taken; `advice` where the fault brings none."""
        try:
            yield from look()
        except Fault as fault:
            yield self.fail(what, told(fault), fault.advice or advice or ADVICE)


def told(fault: Fault) -> str:
    """A fault in one line, with what was behind it."""
    cause = fault.evidence.get("cause")
    text = f"{fault.code}: {fault.text}".rstrip(": ")
    return f"{text} ({cause})" if cause else text


ADVICE = "Mend this first; what depends on it could not be looked at."
