"""A process dies at every commit and around every outside call; another one finishes: the same end.

Nothing is created twice (P2), nothing acknowledged is lost (P1), both sides agree (P4). Dying before a commit,
before a call or after a look leaves what the place before it left, because an open transaction is rolled back;
so on SQLite every end is tried from a copy of the world taken after each commit and each write. On PostgreSQL
the process really unwinds, before and after, at some places of every scenario.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.crash.crashing import Crash, Place, Places
from tests.crash.picture import Picture, picture_of
from tests.crash.scenarios import CHANGES, CREATES, MATCHES, Scenario
from tests.fakes.clock import FakeClock
from tests.flows.agreement import assert_agreement
from tests.flows.kept import put_away, take_out
from tests.flows.line import SETTLE_MS, Line

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SCENARIOS = [one for one in (*CREATES, *MATCHES, *CHANGES) if THOROUGH or not one.is_variant]
IDLE = ("listener.", "census.", "sweep.")
"""What only takes and gives back a role."""
ONE_IN = 32
"""The share of places that is tried where every try plays the scenario from its beginning."""


def finished(line: Line) -> Picture:
    """Let another process finish, and see that all promises were kept."""
    line.watch = lambda services: services
    line.settle()
    assert_agreement(line)
    assert line.reading(lambda uow: uow.reports.echo_writes()) == 0
    assert not line.dead_letters()
    assert not line.exceptions()
    return picture_of(line)


def assert_ends_alike(line: Line, expected: Picture, place: Place) -> None:
    """The end after dying there is the end without dying."""
    try:
        assert finished(line) == expected
    except BaseException as problem:
        problem.add_note(f"the process died {place}")
        raise


def is_worth_dying_at(place: Place) -> bool:
    return not place.name.startswith(IDLE)


def changes_the_world(place: Place) -> bool:
    """Whether a dead process leaves here what it did not leave at the place before."""
    is_change = place.when == "after commit" or (place.when == "after call" and " write " in place.name)
    return is_change and is_worth_dying_at(place)


@pytest.fixture
def sqlite_stores(tmp_path: Path) -> Iterator[tuple[SqlStores, FakeClock]]:
    """A database of this test's own, which goes by a time of its own."""
    url, clock = f"sqlite:///{tmp_path / 'line.db'}", FakeClock()
    upgrade(url)
    with closing(SqlStores(url, settle_ms=SETTLE_MS, clock=clock.now_ms)) as stores:
        yield stores, clock


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_crash_anywhere_changes_nothing(
    sqlite_stores: tuple[SqlStores, FakeClock], scenario: Scenario
) -> None:
    line = scenario.begin(Line(*sqlite_stores, **scenario.options))
    kept: list[tuple[Place, bytes]] = []

    def keep(place: Place) -> None:
        if changes_the_world(place):
            kept.append((place, put_away(line)))

    line.watch = Places(keep).watch
    line.settle()
    expected = finished(line)
    assert len(kept) > 10
    for place, state in kept:
        take_out(line, state)
        assert_ends_alike(line, expected, place)


@pytest.mark.postgres
@pytest.mark.parametrize("scenario", SCENARIOS[:: 1 if THOROUGH else 3], ids=lambda scenario: scenario.name)
def test_a_process_that_unwinds_keeps_nothing_open(
    postgres_stores: SqlStores, line_clock: FakeClock, scenario: Scenario
) -> None:
    line, places = scenario.begin(Line(postgres_stores, line_clock, **scenario.options)), Places()
    line.watch = places.watch
    line.settle()
    expected = finished(line)
    worth = [place for place in places.passed if is_worth_dying_at(place)]
    chosen = worth[len(scenario.name) % min(ONE_IN, len(worth)) :: ONE_IN]
    assert chosen
    for place in chosen:
        line = scenario.begin(Line(postgres_stores, line_clock, **scenario.options))
        line.watch = Places(target=place).watch
        with pytest.raises(Crash):
            line.settle()
        assert_ends_alike(line, expected, place)
