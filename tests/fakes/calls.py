"""The outside calls of a stand-in: counted, and spoilt where a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from integration.errors import Ambiguous, Fault

Kind = Literal["read", "find", "write", "list"]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Call:
    """One outside call: what it was about and how many records it carried."""

    kind: Kind
    what: str
    rows: int = 1


@dataclass
class Spoilt:
    """A call that will go wrong: before anything happened, or after everything did."""

    fault: Fault
    kind: Kind
    what: str
    after: bool
    skip: int
    times: int


@dataclass
class Calls:
    """Every call so far, and those that will go wrong."""

    made: list[Call] = field(default_factory=list)
    spoilt: list[Spoilt] = field(default_factory=list)

    def spoil(
        self,
        fault: Fault,
        kind: Kind = "write",
        what: str = "",
        *,
        after: bool = False,
        skip: int = 0,
        times: int = 1,
    ) -> None:
        """The next matching call (after `skip` of them) fails; `what` is a part of its name."""
        self.spoilt.append(Spoilt(fault, kind, what, after, skip, times))

    def lose_request(self, kind: Kind = "write", what: str = "", *, skip: int = 0, times: int = 1) -> None:
        """The request never arrives, which its sender cannot know."""
        self.spoil(Ambiguous("network.reply_lost", "no answer"), kind, what, skip=skip, times=times)

    def lose_answer(self, kind: Kind = "write", what: str = "", *, skip: int = 0, times: int = 1) -> None:
        """The request takes effect and its answer is lost."""
        lost = Ambiguous("network.reply_lost", "no answer")
        self.spoil(lost, kind, what, after=True, skip=skip, times=times)

    def make(self, kind: Kind, what: str, rows: int, run: Callable[[], Found]) -> Found:
        """Count one call and run it. Raises the planned fault."""
        self.made.append(Call(kind, what, rows))
        spoilt = self._next(kind, what)
        if spoilt is not None and not spoilt.after:
            raise spoilt.fault
        found = run()
        if spoilt is not None:
            raise spoilt.fault
        return found

    def _next(self, kind: Kind, what: str) -> Spoilt | None:
        for spoilt in self.spoilt:
            if spoilt.kind == kind and spoilt.what in what:
                if spoilt.skip:
                    spoilt.skip -= 1
                    return None
                spoilt.times -= 1
                if not spoilt.times:
                    self.spoilt.remove(spoilt)
                return spoilt
        return None

    def count(self, *kinds: Kind) -> int:
        """How many calls of these kinds were made (all, when none is named)."""
        return sum(not kinds or call.kind in kinds for call in self.made)

    @property
    def reads(self) -> int:
        """Calls that change nothing."""
        return self.count("read", "find", "list")

    @property
    def writes(self) -> int:
        """Calls that change something."""
        return self.count("write")

    def clear(self) -> None:
        """Begin to count anew."""
        self.made.clear()
