"""The places at which a process can die: every commit that changes something, every outside call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Engine

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import Mode, WorkClass
from integration.canonical.values import Side
from integration.ports import (
    FindAnswer,
    FindRequest,
    Gateway,
    ReadAnswer,
    ReadRequest,
    UnitOfWork,
    WriteAnswer,
    WriteRequest,
)
from integration.ports.services import Services
from integration.stores.unit_of_work import SqlStores

Answer = TypeVar("Answer")
WRITING = ("INSERT", "UPDATE", "DELETE")


class Crash(BaseException):
    """The process is gone; nothing of the product may catch this."""


@dataclass(frozen=True)
class Place:
    """Where a process can die; `number` counts how often the same place was passed before."""

    when: str
    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.when} {self.name} #{self.number}"


@dataclass
class Places:
    """Notes every place that is passed, shows it to `passing`, and dies at one of them.

    A process that died does nothing any more: what unwinds the stack commits nothing and calls nobody.
    """

    passing: Callable[[Place], None] = lambda _place: None
    target: Place | None = None
    passed: list[Place] = field(default_factory=list)
    is_dead: bool = False
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def reach(self, when: str, name: str) -> None:
        """The process is at this place. Raises Crash."""
        self.go_on()
        place = Place(when, name, self._counts[when, name])
        self._counts[when, name] += 1
        self.passed.append(place)
        self.passing(place)
        self.is_dead = place == self.target
        self.go_on()

    def go_on(self) -> None:
        """Raises Crash when the process is dead."""
        if self.is_dead:
            raise Crash(str(self.target))

    def watch(self, services: Services) -> Services:
        """The same services, with every commit and call noted."""
        gateways: dict[Side, Gateway] = {side: self._gateway(one) for side, one in services.gateways.items()}
        return replace(services, stores=CrashingStores(services.stores, self), gateways=gateways)

    def _gateway(self, gateway: Gateway) -> Gateway:
        watched: Any = CrashingGateway(gateway, self)
        return watched  # type: ignore[no-any-return] # what it does not have itself it takes from the gateway


@contextmanager
def changes_of(engine: Engine) -> Iterator[list[str]]:
    """The statements run inside that changed a row."""
    found: list[str] = []

    def executed(_conn: Any, cursor: Any, statement: str, *_more: Any) -> None:
        # How many rows a statement with RETURNING changed is known only when they were fetched.
        if statement.startswith(WRITING) and (cursor.rowcount > 0 or "RETURNING" in statement):
            found.append(statement)

    event.listen(engine, "after_cursor_execute", executed)
    try:
        yield found
    finally:
        event.remove(engine, "after_cursor_execute", executed)


@dataclass
class CrashingStores:
    """`Stores` whose commits are places to die at."""

    inner: SqlStores
    places: Places

    @contextmanager
    def begin(self, pair_id: int, name: str = "") -> Iterator[UnitOfWork]:
        """A unit that may die just before its commit (nothing of it stays) or just after.

        One that changes nothing is no place of its own: dying there is dying at the places around it.
        """
        self.places.go_on()
        with self.inner.begin(pair_id, name) as uow:
            with changes_of(self.inner.engine) as changed:
                yield uow
            if changed:
                self.places.reach("before commit", name)
        if changed:
            self.places.reach("after commit", name)

    def reading(self, pair_id: int) -> AbstractContextManager[UnitOfWork]:
        """Reading changes nothing."""
        return self.inner.reading(pair_id)

    def accept(
        self, pair_id: int, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]
    ) -> tuple[list[int], int]:
        """A unit of one statement."""
        self.places.reach("before commit", "accept")
        done = self.inner.accept(pair_id, events, correlation_ids)
        self.places.reach("after commit", "accept")
        return done

    def pair_ids(self) -> list[int]:
        """All pairs."""
        return self.inner.pair_ids()

    def ensure_pair(self, name: str, mode: Mode) -> int:
        """The id of a pair."""
        return self.inner.ensure_pair(name, mode)


@dataclass
class CrashingGateway:
    """`Gateway` whose calls are places to die at."""

    inner: Gateway
    places: Places

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        return self._call("read", requests[0].entity, lambda: self.inner.read(requests, work))

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        return self._call("find", requests[0].entity, lambda: self.inner.find(requests, work))

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        what = f"{requests[0].operation} {requests[0].entity}"
        return self._call("write", what, lambda: self.inner.write(requests, work))

    def _call(self, kind: str, what: str, call: Callable[[], Answer]) -> Answer:
        name = f"{self.inner.side} {kind} {what}"
        self.places.reach("before call", name)
        answer = call()
        self.places.reach("after call", name)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
