"""What a sender waits for goes into the inbox by itself, and is the same as within a unit of work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from sqlalchemy.engine import make_url

from integration.errors import Retryable
from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event, store_events

NOBODY = "postgresql://postgres@127.0.0.1:1/nobody"


def test_it_is_received_once_with_the_time_of_the_database(stores: SqlStores, pair: int) -> None:
    hooked = event("k", body={"name": "\u0000 \U0001f600 \ud800", "n": 2**70})
    with stores.reading(pair) as uow:
        before = uow.now
    [number], repeats = stores.accept(pair, [hooked], ["c"])
    assert repeats == 0
    assert stores.accept(pair, [hooked], ["d"]) == ([], 1)
    with stores.begin(pair) as uow:
        [kept] = uow.inbox.received(10)
        assert (kept.id, kept.seen, kept.correlation_id) == (number, 2, "c")
        assert before <= kept.received_at <= uow.now
        [within], _ = uow.inbox.add([event("other", body=hooked.body)], ["e"])
        assert [e.event.body for e in uow.inbox.received(10)] == [kept.event.body] * 2
        assert within > number


def test_several_keep_their_order_and_repeats_among_them_are_counted(stores: SqlStores, pair: int) -> None:
    assert stores.accept(pair, [], []) == ([], 0)
    known = store_events(stores, pair, [event("b")])
    ids, repeats = stores.accept(pair, [event(key) for key in "abca"], list("wxyz"))
    assert (len(ids), repeats) == (2, 2)
    with stores.begin(pair) as uow:
        assert [e.event.key for e in uow.inbox.received(10)] == ["b", "a", "c"]
        assert [e.id for e in uow.inbox.received(10)] == [*known, *ids]


def test_many_threads_store_the_same_event_once(stores: SqlStores, pair: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: stores.accept(pair, [event(f"k{n % 10}")], ["c"]), range(80)))
    assert sum(len(ids) for ids, _ in told) == 10
    assert sum(repeats for _, repeats in told) == 70


@pytest.mark.postgres
def test_a_connection_that_died_meanwhile_is_replaced(postgres_url: str) -> None:
    upgrade(postgres_url)
    with closing(SqlStores(postgres_url)) as stores:
        pair = stores.ensure_pair("main")
        stores.accept(pair, [event("a")], ["c"])
        server = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert len(stores.accept(pair, [event("b")], ["c"])[0]) == 1
        with stores.reading(pair) as uow:
            assert sum(uow.inbox.outcomes().values()) == 2


def test_without_a_database_the_sender_is_to_come_again() -> None:
    away = SqlStores(NOBODY)
    with pytest.raises(Retryable, match=r"sql\.unreachable"):
        away.accept(1, [event("k")], ["c"])
    away.close()
