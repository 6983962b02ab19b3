"""People hear once of a thousand equal failures, and of every kind of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from integration.errors import Retryable
from integration.ports import Stores
from integration.wiring.alarm_webhook import webhook_post
from integration.wiring.alarms import GroupedAlarm, Post
from integration.wiring.pairs import Wiring
from tests.deadline import wait_until
from tests.unit.wiring.sample import RecordingBell, sample_settings

LONG_MS = 900_000


class People:
    """Where alarms arrive; refuses the first so many."""

    def __init__(self, refusals: int = 0) -> None:
        self.heard: list[str] = []
        self.refusals = refusals

    def __call__(self, text: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Retryable("alarm.refused")
        self.heard.append(text)


@pytest.fixture
def pair_of(tmp_path: Path, sqlite_url: str) -> Iterator[tuple[Stores, int]]:
    wiring = Wiring(sample_settings(tmp_path, sqlite_url), RecordingBell(), process_name="test")
    services = wiring.pair("main").services
    yield services.stores, services.pair_id
    wiring.close()


@pytest.fixture
def alarm_of(pair_of: tuple[Stores, int]) -> Iterator[Callable[..., GroupedAlarm]]:
    made: list[GroupedAlarm] = []

    def make(post: Post, gather_ms: int = LONG_MS) -> GroupedAlarm:
        alarm = GroupedAlarm(
            lambda _: pair_of[0], post, names=lambda _: "main", gather_ms=gather_ms, look_seconds=0.05
        )
        made.append(alarm)
        return alarm

    yield make
    for alarm in made:
        alarm.close()


def total(stores: Stores, pair_id: int, kind: str) -> int:
    """What SQL still holds back of a kind."""
    with stores.reading(pair_id) as uow:
        return sum(alarm.gathered for alarm in uow.reports.alarms() if alarm.kind == kind)


def test_a_thousand_equal_failures_are_one_alert(pair_of: Any, alarm_of: Any) -> None:
    people = People()
    stores, pair_id = pair_of
    alarms = [alarm_of(people), alarm_of(people)]  # two processes
    for number in range(1_000):
        alarms[number % 2].alert(
            pair_id, "write.zoho.1001", "zoho refused a customer", "See dead-letters list."
        )
    alarms[0].alert(pair_id, "brake.zoho", "writing to zoho is held", "Look first.")
    wait_until(lambda: len(people.heard) == 2)
    for alarm in alarms:
        alarm.close()
    assert len(people.heard) == 2
    first = next(text for text in people.heard if "refused" in text)
    said = int(first.split("(")[1].split()[0]) if "(" in first else 1
    assert said + total(stores, pair_id, "write.zoho.1001") == 1_000
    assert "[main] zoho refused a customer" in first
    assert "See dead-letters list." in first


def heard_of(people: People) -> int:
    """How many alarms people were told of."""
    return sum(int(text.split("(")[1].split()[0]) if "(" in text else 1 for text in people.heard)


def test_what_was_gathered_is_told_when_the_time_has_come(pair_of: Any, alarm_of: Any) -> None:
    people = People()
    alarm = alarm_of(people, gather_ms=300)
    alarm.alert(pair_of[1], "k", "something", "do this")
    wait_until(lambda: people.heard)
    for _ in range(4):
        alarm.alert(pair_of[1], "k", "something", "do this")

    def all_heard() -> bool:
        alarm.due(pair_of[1])  # as the sweep does
        return heard_of(people) == 5

    wait_until(all_heard)
    assert len(people.heard) < 5


def test_what_a_unit_of_work_gathered_is_told_by_any_process(pair_of: Any, alarm_of: Any) -> None:
    people = People()
    stores, pair_id = pair_of
    with stores.begin(pair_id) as uow:
        uow.alarms.gather("k", "text", "advice", 2)
    alarm_of(people).due(pair_id)
    wait_until(lambda: people.heard)
    assert people.heard == ["[main] text (2 times)\nadvice"]
    wait_until(lambda: total(stores, pair_id, "k") == 0)


def test_what_another_process_is_telling_is_not_told_as_well(pair_of: Any, alarm_of: Any) -> None:
    people = People()
    stores, pair_id = pair_of
    with stores.begin(pair_id) as uow:
        uow.alarms.gather("k", "text", "advice")
        uow.alarms.take(LONG_MS, 60_000)
    alarm = alarm_of(people)
    alarm.due(pair_id)
    alarm.alert(pair_id, "other", "text", "advice")
    wait_until(lambda: people.heard)
    alarm.close()
    assert total(stores, pair_id, "k") == 1
    assert len(people.heard) == 1


def test_an_alarm_within_a_unit_of_work_waits_for_nothing(pair_of: Any, alarm_of: Any) -> None:
    people = People()
    alarm = alarm_of(people)
    stores, pair_id = pair_of
    with stores.begin(pair_id) as uow:  # on SQLite nobody else can write now
        uow.pairs.state()
        alarm.alert(pair_id, "k", "text", "advice")
        assert people.heard == []
    wait_until(lambda: people.heard)


def test_a_receiver_that_refuses_hears_it_later(pair_of: Any, alarm_of: Any) -> None:
    people = People(refusals=2)
    alarm_of(people).alert(pair_of[1], "k", "text", "advice", count=3)
    wait_until(lambda: people.heard)
    assert people.heard == ["[main] text (3 times)\nadvice"]


def test_without_sql_nothing_is_raised_and_nothing_lost(pair_of: Any) -> None:
    people, broken = People(), [True]
    stores, pair_id = pair_of

    class Flaky:
        def begin(self, pair: int, name: str = "") -> Any:
            if broken[0]:
                raise Retryable("sql.unreachable")
            return stores.begin(pair, name)

    alarm = GroupedAlarm(lambda _: Flaky(), people, look_seconds=0.05)  # type: ignore[arg-type, return-value]
    alarm.alert(pair_id, "k", "text", "advice")
    alarm.alert(pair_id, "k", "text", "advice")
    broken[0] = False
    wait_until(lambda: people.heard)
    alarm.close()
    assert total(stores, pair_id, "k") + len(people.heard) >= 1


def test_slack_understands_what_is_posted() -> None:
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if len(bodies) > 1 else 500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        post = webhook_post(f"http://127.0.0.1:{server.server_port}/hook")
        with pytest.raises(Retryable):
            post("first")
        post("second")
        server.shutdown()
    assert bodies == [{"text": "first"}, {"text": "second"}]
