"""Random histories: whatever people do on both sides, however it is told, nobody is lost, doubled or left alone
without a word (P1, P2, P4, P6).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from integration.flows.reconcile import reconcile
from tests.flows.agreement import assert_ended
from tests.flows.histories import World, history
from tests.flows.kept import own_line, put_away, take_out
from tests.flows.line import Line
from tests.flows.marks import wrong_with

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEEDS = range(300 if THOROUGH else 5)
LENGTH = 25

Start = tuple[Line, bytes]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A line between two empty systems, put away."""
    with own_line(tmp_path_factory.mktemp("histories")) as line:
        yield line, put_away(line)


@pytest.mark.timeout(1_800 if THOROUGH else 120)
def test_nobody_is_lost_doubled_or_alone_without_a_word(start: Start) -> None:
    line, kept = start
    for seed in SEEDS:
        take_out(line, kept)
        world = World(line)
        world.play(history(seed, LENGTH))
        world.end()
        assert not wrong_with(world), f"seed {seed}"
        assert_ended(line)
        proof = reconcile(line.services)
        assert proof.holds, (seed, proof.unexplained, proof.duplicates)


def test_a_record_that_vanished_is_seen(start: Start) -> None:
    line, kept = start
    take_out(line, kept)
    world = World(line)
    world.play([("account", 0, 0), ("contact", 1, 0)])
    world.end()
    assert not wrong_with(world)
    line.zoho.book.delete_person(world.persons()[0]["contact_person_id"])
    assert [text.split(":")[0] for text in wrong_with(world)] == ["m2 stands in Salesforce only"]


def test_a_contact_that_came_back_without_its_account_is_put_away_with_it(start: Start) -> None:
    line, kept = start
    take_out(line, kept)
    world = World(line)
    world.play([("account", 0, 0), ("contact", 1, 0), ("settle", 0, 0), ("delete", 0, 1), ("settle", 0, 0)])
    world.play([("delete", 0, 0), ("settle", 0, 0), ("undelete", 1, 0)])
    world.end()
    assert [row.entity for row in world.rows("Contact")] == ["Contact"]
    assert [customer["status"] for customer in line.customers] == ["inactive"]
    assert not wrong_with(world)
