"""The whole line in one process: the product's flows over SQL, between two systems in memory.

Time is one clock for the systems and the stores, and moves only when a test lets it; nothing here sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from random import Random
from typing import Any

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import Mode
from integration.canonical.values import Json, Side
from integration.flows.accept import Accepted, accept, accept_stream
from integration.flows.census import take_census
from integration.flows.poll import catch_up, poll_salesforce, poll_zoho
from integration.flows.reading import read_dirty
from integration.flows.sweep import sweep
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.flows.write import write
from integration.mapping import CompiledMapping, compile_mapping, default_documents, parse_documents
from integration.ports import DeadLetter, ExceptionCase, Gateway, StoredEvent, Stores, UnitOfWork
from integration.ports.reports import BindingRow
from integration.ports.services import LineSettings, Services
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.fakes.salesforce import FakeSalesforce
from tests.fakes.zoho import FakeZoho

LISTENER_LEASE_MS = 60_000
SETTLE_MS = 4_000
MOST_ROUNDS = 600
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 200, 5_000
PATIENCE_MS = 900_000
"""When nothing moved for this long, nothing will."""

_pairs = count(1)


@dataclass
class Bell:
    """Remembers what was rung."""

    rung: list[str] = field(default_factory=list)

    def ring(self, queue: str, pair_id: int) -> None:
        self.rung.append(queue)

    def clear(self, queue: str, pair_id: int) -> None:
        """Nothing to let through."""


@dataclass
class Alarm:
    """Remembers what people were told."""

    kinds: list[str] = field(default_factory=list)

    def alert(self, pair_id: int, kind: str, text: str, advice: str, count: int = 1) -> None:
        self.kinds.append(kind)

    def due(self, pair_id: int) -> None:
        """What units of work gather is looked at in SQL: `Line.alarms`."""


@dataclass(frozen=True)
class OneMapping:
    """A mapping that has one version."""

    compiled: CompiledMapping

    def version(self, number: int) -> CompiledMapping:
        return self.compiled

    def live(self) -> CompiledMapping:
        return self.compiled


class NoTables:
    """The default mapping looks nothing up in tables."""

    def lookup(self, name: str, key: str, *, inverse: bool) -> str | None:
        raise AssertionError(f"nobody should look up {name}")


def fields_of(mapping: CompiledMapping, side: Side) -> dict[str, tuple[str, ...]]:
    """Every native field a side is asked for."""
    return {entity: mapping.native_fields(side, entity) for entity in mapping.native_entities(side)}


@cache
def compiled(documents: str, absent: tuple[tuple[str, tuple[str, ...]], ...]) -> CompiledMapping:
    """The default mapping with some YAML laid over it."""
    found = [*default_documents(), *parse_documents(documents, "test")]
    return compile_mapping(found, version=0, absent=dict(absent))


NOT_THERE = ("CurrencyIsoCode", "IsPersonAccount")
"""An org without the multi-currency and person-account features has no such fields."""

Watch = Callable[[Services], Services]


class Line:
    """Both systems, the product between them, and what a test does with them."""

    def __init__(
        self,
        stores: SqlStores,
        clock: FakeClock,
        *,
        settings: LineSettings | None = None,
        documents: str = "",
        absent: Sequence[str] = NOT_THERE,
        customs: tuple[str, ...] = (),
        has_keys: bool = True,
        lag_ms: int = 0,
        known: bool = True,
    ) -> None:
        self.clock, self.stores = clock, stores
        plain = compiled(documents, ())
        self.salesforce = FakeSalesforce(clock, fields_of(plain, Side.SALESFORCE), absent=absent)
        self.zoho = FakeZoho(clock, customs=customs, has_keys=has_keys, lag_ms=lag_ms)
        self.pair = f"pair-{next(_pairs)}"
        self.pair_id = stores.ensure_pair(self.pair, Mode.LIVE)
        self.bell, self.alarm = Bell(), Alarm()
        self.watch: Watch = lambda services: services
        lacking = tuple(
            (entity, tuple(gateway.absent_fields(entity, names)))
            for side, gateway in self._gateways().items()
            for entity, names in fields_of(plain, side).items()
        )
        self.mapping = OneMapping(compiled(documents, lacking))
        self.settings = settings or LineSettings(
            settle_ms=SETTLE_MS, search_lag_ms=lag_ms, write_lease_ms=10_000, read_lease_ms=10_000
        )
        self._ids = (f"{self.pair}-{n}" for n in count(1))
        if known:
            self.know_all()

    def _gateways(self) -> dict[Side, Gateway]:
        return {Side.SALESFORCE: self.salesforce, Side.ZOHO: self.zoho}

    @property
    def services(self) -> Services:
        """What a process that starts now works with."""
        made = Services(
            pair_id=self.pair_id,
            pair=self.pair,
            stores=self.stores,
            gateways=self._gateways(),
            mappings=self.mapping,
            tables=NoTables(),
            bell=self.bell,
            alarm=self.alarm,
            clock=self.clock,
            chance=Random(7),
            line=self.settings,
            new_id=lambda: next(self._ids),
        )
        return self.watch(made)

    def change(self, **settings: Any) -> None:
        """Other settings from now on."""
        self.settings = replace(self.settings, **settings)

    # ------------------------------------------------------------- events

    def listen(self, most: int | None = None) -> int:
        """Store what the stream has and was not stored yet, or its first `most`; returns how many events."""
        services, log = self.services, self.salesforce.org.log
        with services.stores.begin(self.pair_id, "listener.claim") as uow:
            epoch = uow.cursors.claim(Side.SALESFORCE, "listener", self.pair, LISTENER_LEASE_MS)
            stream = uow.cursors.get(Side.SALESFORCE, "/data/ChangeEvents")
        assert epoch is not None, "two listeners in one test"
        done = int.from_bytes(stream.position) if stream else 0
        events = log[done:][:most]
        if events:
            place = (done + len(events)).to_bytes(8)
            accept_stream(services, "/data/ChangeEvents", events, place, epoch, LISTENER_LEASE_MS)
        with services.stores.begin(self.pair_id, "listener.release") as uow:
            uow.cursors.release(Side.SALESFORCE, "listener", epoch)
        return len(events)

    def receive(self, hooks: Sequence[ArrivedEvent] | None = None) -> Accepted:
        """Webhooks arrive: those that wait, or the ones given."""
        services = self.services
        arriving = list(self.zoho.book.hooks) if hooks is None else list(hooks)
        answer = accept(services, arriving) if arriving else Accepted(0, 0)
        if hooks is None:
            del self.zoho.book.hooks[: len(arriving)]
        return answer

    def take_hooks(self) -> list[ArrivedEvent]:
        """Hold the webhooks that wait back, for a test to deliver as it likes."""
        held = list(self.zoho.book.hooks)
        self.zoho.book.hooks.clear()
        return held

    def poll(self) -> None:
        """All delta polls once."""
        services = self.services
        poll_zoho(services)
        for entity in services.line.streamed:
            poll_salesforce(services, entity)
        catch_up(services)

    def know_all(self) -> None:
        """Take the census and let it come to rest."""
        take_census(self.services)
        self.settle()

    # ------------------------------------------------------------- working

    def work(self) -> int:
        """Every worker once; returns how much was done."""
        done = transform(self.services)
        done += read_dirty(self.services)
        done += validate(self.services)
        done += sum(write(self.services, side) for side in Side)
        sweep(self.services)
        return done

    def settle(self, *, deliver: bool = True) -> None:
        """Let everything go on until nothing is left to do, or nothing moves any more.

        The second is over then: what a person does next has a time of its own.
        """
        idle, pause = 0, FIRST_PAUSE_MS
        for _ in range(MOST_ROUNDS):
            arrived = self.listen() + self.receive().new if deliver else 0
            if arrived + self.work():
                idle, pause = 0, FIRST_PAUSE_MS
                continue
            if idle >= PATIENCE_MS or self.at_rest():
                return self.clock.advance(1_000 if deliver else 0)
            self.clock.advance(pause)
            idle, pause = idle + pause, min(pause * 2, LONGEST_PAUSE_MS)
        raise AssertionError(f"the line does not come to rest: {self.depths()}")

    def depths(self) -> dict[str, int]:
        """What stands at each stage."""
        with self.stores.reading(self.pair_id) as uow:
            return {stage: number for stage, number in uow.reports.depths().items() if number}

    def at_rest(self) -> bool:
        """Nothing stands anywhere, due or not, and creating is allowed."""
        with self.stores.reading(self.pair_id) as uow:
            census = uow.cursors.get(Side.ZOHO, "census")
            return not any(uow.reports.depths().values()) and (census is None or census.watermark > 0)

    # ------------------------------------------------------------- people

    def account(self, name: str = "Harbour Mills Ltd", **fields: Json) -> str:
        """A person makes an Account."""
        return self.salesforce.org.edit("Account", {"Name": name, **fields})

    def contact(self, last_name: str, account: str = "", **fields: Json) -> str:
        """A person makes a Contact, under an Account or alone."""
        under = {"AccountId": account} if account else {}
        return self.salesforce.org.edit("Contact", {"LastName": last_name, **under, **fields})

    def customer(self, name: str = "Harbour Mills Ltd", **fields: Any) -> str:
        """A person makes a customer in Zoho."""
        return str(self.zoho.book.save({"contact_name": name, **fields})["contact_id"])

    # ------------------------------------------------------------- looking

    def in_salesforce(self, entity: str, record_id: str) -> Mapping[str, Json]:
        """Fields of a living record."""
        return self.salesforce.org.living(entity, record_id).fields

    def in_zoho(self, contact_id: str) -> dict[str, Any]:
        """A living contact as the API shows it."""
        return self.zoho.book.get(contact_id)

    @property
    def accounts(self) -> list[Mapping[str, Json]]:
        """All living Accounts."""
        return [row.fields for row in self.salesforce.org.alive("Account")]

    @property
    def contacts(self) -> list[Mapping[str, Json]]:
        """All living Contacts."""
        return [row.fields for row in self.salesforce.org.alive("Contact")]

    @property
    def customers(self) -> list[dict[str, Any]]:
        """All living contacts of Zoho."""
        return list(self.zoho.book.contacts.values())

    def reading(self, ask: Callable[[UnitOfWork], Any]) -> Any:
        """Ask the stores."""
        with self.stores.reading(self.pair_id) as uow:
            return ask(uow)

    def bindings(self) -> list[BindingRow]:
        """All members of all lanes."""
        found: list[BindingRow] = self.reading(lambda uow: uow.reports.bindings())
        return found

    def partner(self, record_id: str) -> str:
        """The id of the same record on the other side, empty while it has none."""
        for row in self.bindings():
            if record_id in (row.salesforce_id, row.zoho_id):
                return row.zoho_id if record_id == row.salesforce_id else row.salesforce_id
        return ""

    def events(self) -> list[StoredEvent]:
        """The newest thousand events, oldest first."""
        found: list[StoredEvent] = self.reading(lambda uow: uow.reports.recent_events(1_000))
        return found[::-1]

    def outcomes(self) -> dict[str, int]:
        """Events by how they ended, or by their state."""
        found: dict[str, int] = self.reading(lambda uow: uow.inbox.outcomes())
        return found

    def alarms(self) -> list[str]:
        """Kinds of alarms people are told of, whether gathered in a unit of work or raised outside of one."""
        gathered: list[Any] = self.reading(lambda uow: uow.reports.alarms())
        return [alarm.kind for alarm in gathered] + self.alarm.kinds

    def dead_letters(self, state: str = "open") -> list[DeadLetter]:
        found: list[DeadLetter] = self.reading(lambda uow: uow.cases.dead_letters(state))
        return found

    def exceptions(self, state: str = "open") -> list[ExceptionCase]:
        found: list[ExceptionCase] = self.reading(lambda uow: uow.cases.exceptions(state))
        return found

    def forget_calls(self) -> None:
        """Begin to count outside calls anew."""
        self.salesforce.calls.clear()
        self.zoho.calls.clear()


__all__ = ["SETTLE_MS", "Line", "Stores"]
