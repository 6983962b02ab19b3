"""Units that take the same lanes take them in one order: else two of them wait for each other, and the database
ends one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.outcome import WorkClass
from integration.canonical.values import Side
from integration.flows.accept import accept
from integration.flows.reading import read_dirty
from integration.flows.route import route
from integration.ports import NewRecord, WriteAnswer, WriteRequest
from integration.stores.migrate import upgrade
from integration.stores.tables_line import bindings
from integration.stores.unit_of_work import SqlStores
from tests.deadline import wait_until
from tests.fakes.clock import FakeClock
from tests.flows.agreement import assert_agreement
from tests.flows.line import SETTLE_MS, Line

pytestmark = pytest.mark.postgres
SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


@pytest.fixture
def line(postgres_line_url: str, line_clock: FakeClock) -> Iterator[Line]:
    upgrade(postgres_line_url)
    stores = SqlStores(postgres_line_url, settle_ms=SETTLE_MS, clock=line_clock.now_ms)
    yield Line(stores, line_clock)
    stores.close()


@pytest.fixture
def waiting(postgres_line_url: str) -> Iterator[Callable[[], int]]:
    """How many units wait for a lock."""
    with psycopg.connect(postgres_line_url, autocommit=True) as connection:

        def ask() -> int:
            row = connection.execute(WAITING).fetchone()
            assert row is not None
            return int(row[0])

        yield ask


def lane_of(line: Line, side: Side, entity: str, record_id: str) -> int:
    with line.stores.reading(line.pair_id) as uow:
        return uow.lanes.by_record(side, [record_id])[entity, record_id].lane_id


def both_at_once(
    line: Line, low: int, high: int, act: Callable[[], object], waiting: Callable[[], int]
) -> None:
    """Run `act` while another unit has the lower lane and then asks for the higher one; both must end well."""
    assert low < high
    taken, go_on = threading.Event(), threading.Event()

    def orderly() -> None:
        with line.stores.begin(line.pair_id) as uow:
            assert uow.lanes.lock([low]) == [low]
            taken.set()
            assert go_on.wait(20)
            assert uow.lanes.lock([high]) == [high]

    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(orderly)
        assert taken.wait(20)
        acting = pool.submit(act)
        try:
            wait_until(lambda: acting.done() or waiting() > 0, what="the unit waits for the lower lane")
            assert not acting.done(), "the two never met"
        finally:
            go_on.set()
        other.result(30)
        acting.result(30)


def told(side: Side, entity: str, record_id: str) -> ArrivedEvent:
    return ArrivedEvent(
        side, f"{entity}-{record_id}", entity, record_id, EventKind.HINT, Channel.POLL, 1_000, {}
    )


def test_events_of_both_sides_are_routed(line: Line, waiting: Callable[[], int]) -> None:
    with line.stores.begin(line.pair_id) as uow:
        uow.lanes.add_records([NewRecord(ZOHO, "contact", "71", "customer", "business", dirty=False)])
        uow.lanes.add_records([NewRecord(SALESFORCE, "Account", "001A", "customer", "business", dirty=False)])
    low, high = lane_of(line, ZOHO, "contact", "71"), lane_of(line, SALESFORCE, "Account", "001A")
    accept(line.services, [told(SALESFORCE, "Account", "001A"), told(ZOHO, "contact", "71")])
    both_at_once(line, low, high, lambda: route(line.services, 10), waiting)
    assert {event.state.value for event in line.events()} == {"queued"}


def test_an_event_under_a_known_parent_is_routed(line: Line, waiting: Callable[[], int]) -> None:
    """The parent's lane is needed before the contact's lane is made, and others are needed too."""
    with line.stores.begin(line.pair_id) as uow:
        uow.lanes.add_records([NewRecord(SALESFORCE, "Account", "001A", "customer", "business", dirty=False)])
        uow.lanes.add_records([NewRecord(SALESFORCE, "Account", "001B", "customer", "business", dirty=False)])
    low, high = (lane_of(line, SALESFORCE, "Account", record_id) for record_id in ("001A", "001B"))
    under = ArrivedEvent(
        SALESFORCE, "c", "Contact", "003A", EventKind.CHANGE, Channel.STREAM, 1_000,
        body={"fields": {"AccountId": "001B"}, "create": True},
    )  # fmt: skip
    accept(line.services, [under, told(SALESFORCE, "Account", "001A")])
    both_at_once(line, low, high, lambda: route(line.services, 10), waiting)
    assert lane_of(line, SALESFORCE, "Contact", "003A") == high


def test_a_create_is_answered_whose_own_event_came_first(
    line: Line, waiting: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zoho told of the record before it answered, and the event has a lane of its own."""
    with line.stores.begin(line.pair_id) as uow:
        uow.lanes.add_records([NewRecord(ZOHO, "contact", "early", "customer", "business", dirty=False)])
    account = line.account("Harbour Mills Ltd")
    line.listen()
    route(line.services, 10)
    low, high = lane_of(line, ZOHO, "contact", "early"), lane_of(line, SALESFORCE, "Account", account)
    send = line.zoho.write

    def made(requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        answers = list(send(requests, work))
        naming = sa.update(bindings).where(bindings.c.zoho_id == "early")
        with line.stores.engine.begin() as connection:
            connection.execute(naming.values(zoho_id=answers[0].record_id))
        return answers

    monkeypatch.setattr(line.zoho, "write", made)
    both_at_once(line, low, high, lambda: line.settle(deliver=False), waiting)
    monkeypatch.undo()
    line.settle()
    assert line.partner(account)
    assert len(line.customers) == 1
    assert_agreement(line)


def test_a_read_shows_a_child_that_another_lane_holds(line: Line, waiting: Callable[[], int]) -> None:
    person = {"last_name": "Ferry", "email": "ann@ferry.example"}
    contact = line.customer("Harbour Mills Ltd", contact_persons=[person])
    line.take_hooks()
    [shown] = line.in_zoho(contact)["contact_persons"]
    child = str(shown["contact_person_id"])
    with line.stores.begin(line.pair_id) as uow:
        uow.lanes.add_records([NewRecord(ZOHO, "contact_person", child, "person", dirty=False)])
        uow.lanes.add_records([NewRecord(ZOHO, "contact", contact, "customer", "business", dirty=True)])
    low, high = lane_of(line, ZOHO, "contact_person", child), lane_of(line, ZOHO, "contact", contact)
    both_at_once(line, low, high, lambda: read_dirty(line.services), waiting)
    with line.stores.reading(line.pair_id) as uow:
        [lane] = uow.lanes.load([low]).values()
    assert lane.root.on(ZOHO).dirty == 1
