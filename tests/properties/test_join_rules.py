"""Two people make one customer, each on their side: whatever happens in between, it ends well (P1, P2, P4, P6).

Every interleaving within the bounds is visited, over the product's own flows and SQLite.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from integration.canonical.values import Side
from integration.flows import match
from integration.stores.lanes import SqlLanes
from tests.properties.join_space import explore
from tests.properties.join_systems import FRESH_MS, Bounds
from tests.properties.join_world import JoinWorld

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
MOST_STATES = 20_000 if THOROUGH else 2_000
QUICK = [
    Bounds(),
    Bounds(people=(1, 0), faults=1),
]
WIDE = [
    Bounds(people=(0, 1), faults=1, has_keys=False),
    Bounds(people=(1, 0), faults=1, has_keys=False, deletes=1),
    Bounds(spellings=(0, 1), on_name_taken="adopt"),
    Bounds(individual=True),
    Bounds(people=(2, 1), has_keys=False),
    Bounds(faults=1),
    Bounds(faults=1, has_keys=False),
    Bounds(people=(1, 2), on_name_taken="exception"),
]


@pytest.fixture(autouse=True)
def _soon_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before people acted again is read anew before it is bound."""
    monkeypatch.setattr(match, "FRESH_MS", FRESH_MS)


@pytest.mark.slow
@pytest.mark.timeout(1_800 if THOROUGH else 300)
@pytest.mark.parametrize("bounds", [*QUICK, *(WIDE if THOROUGH else [])], ids=str)
def test_every_way_to_one_customer_ends_well(tmp_path: Path, bounds: Bounds) -> None:
    explored = explore(tmp_path / "world.db", bounds, MOST_STATES)
    assert not explored.wrong, [explored.wrong, *explored.way]
    assert explored.settled > 5


def test_a_create_is_taken_back_while_a_record_that_may_be_its_partner_waits_to_be_judged(
    tmp_path: Path,
) -> None:
    """Found by exploring (1, 2) people: the Account waits, because one of its two candidates must be read
    again; meanwhile the other one was created a second time.
    """
    zoho, salesforce = Side.ZOHO, Side.SALESFORCE
    made_first = (("create", zoho), ("create", zoho), ("webhook", 0), ("webhook", 0), ("claim", salesforce))
    then = (("send", 0), ("create", salesforce), ("end", 0), ("pause",), ("stream",), ("claim", salesforce))
    world = JoinWorld(tmp_path / "world.db", Bounds(people=(1, 2), on_name_taken="exception"))
    with closing(world):
        for move in (*made_first, *then):
            world.do(move)
        assert not world.left.wrong
        assert not world.left.calls


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_without_the_wait_of_a_twin_one_customer_is_made_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule A15."""
    bounds = Bounds(people=(2, 0), has_keys=False)
    assert not explore(tmp_path / "kept.db", bounds, MOST_STATES).wrong
    monkeypatch.setattr(SqlLanes, "open_intents", lambda *_asked, **_more: set())
    explored = explore(tmp_path / "taken.db", bounds, MOST_STATES)
    assert explored.wrong.startswith("P2: we created 2 records"), explored


@pytest.mark.slow
def test_without_our_own_lanes_in_the_look_up_a_known_partner_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule A14."""
    monkeypatch.setattr(match, "_candidates", lambda *_asked: [])
    explored = explore(tmp_path / "world.db", Bounds(), MOST_STATES)
    assert explored.wrong.startswith("P2: creates although"), explored


@pytest.mark.slow
def test_without_reading_both_first_a_deleted_record_is_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule A16."""
    monkeypatch.setattr(match, "FRESH_MS", 10**15)
    explored = explore(tmp_path / "world.db", Bounds(deletes=1), MOST_STATES)
    assert explored.wrong.endswith("bound after it had been deleted"), explored
