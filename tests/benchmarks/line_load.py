"""A joined pair with people at both ends: what arrives is accepted as the receiver and the listener do it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from integration.canonical.values import Side
from integration.errors import Fault
from integration.flows.accept import accept
from integration.ports.services import Services
from tests.benchmarks.edits import edit, edited_at
from tests.benchmarks.targets import Phones

TICK_SECONDS = 0.02
LOOK_SECONDS = 0.1
MOST_BACKLOG_SECONDS = 2.0
PAGE = 100


@dataclass(frozen=True)
class Pair:
    """One pair and its customers; each is edited on the side its number names."""

    services: Services
    phones: Phones

    def side_of(self, n: int, *, other: bool = False) -> Side:
        """Half of the customers belong to people of each side."""
        home = Side.SALESFORCE if n % 2 else Side.ZOHO
        return home.other if other else home

    def fill(self, numbers: Sequence[int], *, other: bool = False) -> None:
        """Everybody is edited once, and all of it accepted."""
        for start in range(0, len(numbers), PAGE):
            page = numbers[start : start + PAGE]
            accept(self.services, [edit(self.phones, self.side_of(n, other=other), n) for n in page])

    def are_settled(self, numbers: Sequence[int], *, other: bool = False) -> bool:
        """Whether an edit of each now bears a later time than what was last written there."""
        written = (self.phones.get(self.side_of(n, other=other), n)[0] for n in numbers)
        return max(written) < edited_at()

    def age_ms(self) -> int:
        """How long the oldest event without an end has waited; 0 when there is none."""
        with self.services.stores.reading(self.services.pair_id) as uow:
            since = uow.inbox.oldest_unended()
            return uow.now - since if since else 0

    def is_idle(self) -> bool:
        """Every event has ended."""
        return not self.age_ms()

    def outcomes(self) -> dict[str, int]:
        """Events by how they ended."""
        with self.services.stores.reading(self.services.pair_id) as uow:
            return uow.inbox.outcomes()

    def different(self) -> int:
        """Customers whose numbers are not the same on both sides."""
        pairs = ([self.phones.get(side, n)[1] for side in Side] for n in range(self.phones.customers))
        return sum(left != right for left, right in pairs)


@dataclass
class Watch:
    """Looks at the backlog all the time, from a thread of its own."""

    pair: Pair
    worst_seconds: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """For the length of the block."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self.note(self.pair.age_ms() / 1000)
            except Fault:
                self.note(float("inf"))  # what cannot be looked at does not count as good
                raise

    def note(self, seconds: float) -> None:
        """One look."""
        self.worst_seconds = max(self.worst_seconds, seconds)


def steady_backlog(pair: Pair, rate: float, seconds: float, say: Callable[[float], None]) -> float:
    """Offer events at a constant rate; returns the worst backlog in seconds, given up where it is too long.

    An event that could not even be accepted in time counts as waiting since it was due. Webhooks are accepted
    one by one, as they come; a fetch of the stream holds what was committed since the last one.
    """
    watch, began, sent = Watch(pair), time.monotonic(), 0
    pause = threading.Event()
    with watch.looking():
        while (elapsed := time.monotonic() - began) < seconds:
            due = int(rate * elapsed)
            _offer(pair, range(sent, due))
            sent = due
            watch.note(time.monotonic() - began - elapsed)
            if watch.worst_seconds > MOST_BACKLOG_SECONDS:
                break
            say(elapsed)
            pause.wait(TICK_SECONDS)
    return watch.worst_seconds


def _offer(pair: Pair, numbers: Sequence[int]) -> None:
    told = [n % pair.phones.customers for n in numbers]
    fetched = [edit(pair.phones, Side.SALESFORCE, n) for n in told if pair.side_of(n) is Side.SALESFORCE]
    if fetched:
        accept(pair.services, fetched)
    for n in told:
        if pair.side_of(n) is Side.ZOHO:
            accept(pair.services, [edit(pair.phones, Side.ZOHO, n)])
