"""Two systems where people make the same customer on both sides, and what they tell the product of it.

A world can be put away and taken out again, the product's database included.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import BindingState
from integration.canonical.values import Side
from integration.errors import NameTaken
from integration.flows.accept import accept, accept_stream
from integration.flows.answer import Answer
from integration.policy.state import LaneState
from integration.ports.services import LineSettings
from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.flows.kept import put_away, take_out
from tests.flows.line import Line

SETTLE_MS, LEASE_MS, LAG_MS, PAUSE_MS = 4_000, 10_000, 8_000, 5_000
FRESH_MS = 500
"""A record read so lately need not be read again before it is bound. Less than what passes between two acts
of people, so that a binding is told apart that rests on what was before them.
"""
ACT_MS = 1_000
PHONE = "+44 20 7946 0018"
MAILBOX = "jane@ferry.example"
COMPANIES = ("Harbour Mills Ltd", "Harbour Mills Limited", "Harbour Mills")
PERSONS = ("Jane Ferry", "Jane Fery", "Jayne Ferry")
"""One customer, as different people write it."""


@dataclass(frozen=True)
class Bounds:
    """How much may happen.

    `people`: records typed on each side; `spellings`: how each side's people write the name first; `has_keys`:
    whether Zoho keeps our key unique; `individual`: the customer is a person; `on_name_taken`: the policy for
    a name another record owns; `kinds`: the faults that may happen.
    """

    people: tuple[int, int] = (1, 1)
    deletes: int = 0
    faults: int = 0
    spellings: tuple[int, int] = (0, 0)
    has_keys: bool = True
    individual: bool = False
    on_name_taken: str = "pattern"
    kinds: tuple[str, ...] = ("lose_request", "lose_answer", "time_out", "die", "leave", "stop_reading")


@dataclass
class Call:
    """A worker in the middle of a write: claimed, then answered."""

    side: Side
    sent: list[Any]
    answers: list[Answer] = field(default_factory=list)
    said: bool = False


@dataclass
class Look:
    """A worker in the middle of a full read."""

    claims: list[Any]
    answers: list[Any]


@dataclass
class Left:
    """What bounds still allow and what is under way outside the database.

    `ghosts`: requests under way whose worker is gone or has given up; `zombies`: workers that were taken for
    dead; `typed`: who made which record; `unbound`: records deleted before they had a partner, and when.
    """

    people: list[int]
    deletes: int
    faults: int
    streamed: int = 0
    calls: list[Call] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    ghosts: list[Call] = field(default_factory=list)
    zombies: list[Call | Look] = field(default_factory=list)
    typed: dict[str, Side] = field(default_factory=dict)
    unbound: dict[str, int] = field(default_factory=dict)
    wrong: str = ""


class JoinSystems:
    """Both systems and the people who work in them."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self.bounds, self.clock = bounds, FakeClock()
        upgrade(f"sqlite:///{path}")
        self.stores = SqlStores(f"sqlite:///{path}", settle_ms=SETTLE_MS, clock=self.clock.now_ms)
        settings = LineSettings(
            settle_ms=SETTLE_MS,
            write_lease_ms=LEASE_MS,
            read_lease_ms=LEASE_MS,
            search_lag_ms=LAG_MS,
            on_name_taken=bounds.on_name_taken,
            on_name_taken_individual=bounds.on_name_taken,
            name_pattern="{name} (2)",
        )
        self.line = Line(self.stores, self.clock, settings=settings, has_keys=bounds.has_keys, lag_ms=LAG_MS)
        self.rows = sqlite3.connect(path)
        self.left = Left(list(bounds.people), bounds.deletes, bounds.faults)

    def close(self) -> None:
        """Give the database back."""
        self.rows.close()
        self.stores.close()

    @property
    def entity(self) -> str:
        """What the customer is in Salesforce."""
        return "Contact" if self.bounds.individual else "Account"

    def put_away(self) -> bytes:
        """Everything, as bytes."""
        return pickle.dumps((put_away(self.line), self.left))

    def take_out(self, kept: bytes) -> None:
        """The world is as it was when that was put away."""
        line, self.left = pickle.loads(kept)  # noqa: S301 - our own bytes
        take_out(self.line, line)

    # ------------------------------------------------------------- people

    def create(self, side: Side) -> None:
        """A person makes the customer on a side, unless Zoho tells them that it is there already."""
        at = list(Side).index(side)
        number = self.bounds.people[at] - self.left.people[at]
        self.left.people[at] -= 1
        names = PERSONS if self.bounds.individual else COMPANIES
        self.clock.advance(ACT_MS)
        try:
            record = self._typed(side, names[(self.bounds.spellings[at] + number) % len(names)])
        except NameTaken:
            return
        self.left.typed[record] = side

    def _typed(self, side: Side, name: str) -> str:
        if not self.bounds.individual:
            if side is Side.SALESFORCE:
                return self.line.account(name, Phone=PHONE)
            return self.line.customer(name, billing_address={"phone": PHONE})
        first, last = name.split()
        if side is Side.SALESFORCE:
            return self.line.contact(last, FirstName=first, Email=MAILBOX)
        person = {"first_name": first, "last_name": last, "email": MAILBOX, "is_primary_contact": True}
        return self.line.customer(name, customer_sub_type="individual", contact_persons=[person])

    def delete(self, record: str) -> None:
        """A person deletes what people made."""
        self.left.deletes -= 1
        self.clock.advance(ACT_MS)
        if not self.partner(record):
            self.left.unbound[record] = self.clock.now_ms()
        if self.left.typed[record] is Side.SALESFORCE:
            self.line.salesforce.org.delete(self.entity, record)
        else:
            self.line.zoho.book.delete(record)
        self.clock.advance(ACT_MS)

    # ------------------------------------------------------------- news

    def stream(self) -> None:
        """The listener stores the next event of the stream, which is in order."""
        event = self.line.salesforce.org.log[self.left.streamed]
        self.left.streamed += 1
        self._listen([event])

    def _listen(self, events: Sequence[ArrivedEvent]) -> None:
        services = self.line.services
        with self.stores.begin(self.line.pair_id) as uow:
            epoch = uow.cursors.claim(Side.SALESFORCE, "listener", "world", 1)
        assert epoch is not None
        accept_stream(services, "/data/ChangeEvents", events, self.left.streamed.to_bytes(8), epoch, 1)
        with self.stores.begin(self.line.pair_id) as uow:
            uow.cursors.release(Side.SALESFORCE, "listener", epoch)

    def webhook(self, number: int) -> None:
        """Webhooks come in any order."""
        accept(self.line.services, [self.line.zoho.book.hooks.pop(number)])

    # ------------------------------------------------------------- looking

    def ask(self, question: str, side: str = "") -> bool:
        """Ask the database something that is answered by yes or no."""
        told = {"now": self.clock.now_ms(), "side": side, "settle": SETTLE_MS}
        [(answer,)] = self.rows.execute(question, told).fetchall()
        return bool(answer)

    def lanes(self) -> list[LaneState]:
        """All lanes."""
        with self.stores.reading(self.line.pair_id) as uow:
            return list(uow.lanes.load(uow.lanes.all_ids()).values())

    def lives(self, record: str) -> bool:
        """Whether a record exists, active or not."""
        org, book = self.line.salesforce.org, self.line.zoho.book
        row = org.rows.get((self.entity, record))
        return record in book.contacts or (row is not None and not row.deleted)

    def living(self, side: Side) -> list[str]:
        """Records that exist and are active."""
        if side is Side.SALESFORCE:
            rows = self.line.salesforce.org.alive(self.entity)
            return [row.record_id for row in rows if row.fields["Is_Active__c"]]
        return [c["contact_id"] for c in self.line.customers if c["status"] == "active"]

    def partner(self, record: str) -> str:
        """Its partner by an active binding."""
        for row in self.line.bindings():
            if row.state is BindingState.ACTIVE and record in (row.salesforce_id, row.zoho_id):
                return row.zoho_id if record == row.salesforce_id else row.salesforce_id
        return ""

    def told(self) -> set[str]:
        """Records of lanes that wait for a person's decision."""
        lanes = {case.lane_id for case in self.line.exceptions()}
        rows = [row for row in self.line.bindings() if row.lane_id in lanes]
        return {row.salesforce_id for row in rows} | {row.zoho_id for row in rows}
