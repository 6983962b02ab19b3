"""Edits of both sides in every order: both end equal, and whatever a person typed stands or is told (P4, P6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations, product

import pytest

from integration.canonical.values import Side
from integration.flows import decide
from tests.flows.agreement import assert_agreement
from tests.flows.kept import own_line, put_away, take_out
from tests.flows.line import Line
from tests.flows.people import joined

FIELDS = {
    Side.SALESFORCE: {"note": "Description", "site": "Website"},
    Side.ZOHO: {"note": "notes", "site": "website"},
}
VALUES = ("https://a.example", "https://b.example", "https://c.example")
SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
EDITS = [
    ((SALESFORCE, "note"), (ZOHO, "note")),
    ((SALESFORCE, "note"), (ZOHO, "site")),
    ((SALESFORCE, "note"), (ZOHO, "note"), (SALESFORCE, "note")),
    ((ZOHO, "note"), (SALESFORCE, "note"), (ZOHO, "note")),
    ((ZOHO, "site"), (SALESFORCE, "site"), (ZOHO, "note")),
]
Edit = tuple[Side, str]
Start = tuple[Line, bytes, str, str]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A joined customer, put away, with its two ids."""
    with own_line(tmp_path_factory.mktemp("two")) as line:
        account, customer = joined(line)
        yield line, put_away(line), account, customer


def play(start: Start, edits: tuple[Edit, ...], heard: tuple[str, ...]) -> list[tuple[Side, str, str]]:
    """Type one value after another; after each edit both sides are heard, one or none of them."""
    line, kept, account, customer = start
    take_out(line, kept)
    typed = []
    for (side, field), value, ears in zip(edits, VALUES, heard, strict=False):
        name = FIELDS[side][field]
        if side is SALESFORCE:
            line.salesforce.org.edit("Account", {name: value}, account)
        else:
            line.zoho.book.save({name: value}, customer)
        typed.append((side, field, value))
        line.clock.advance(1_000)
        if "s" in ears:
            line.listen()
        if "z" in ears:
            line.receive()
        line.work()
    line.settle()
    return typed


def untold(line: Line, typed: list[tuple[Side, str, str]]) -> list[str]:
    """Values that do not stand in their field, were not typed over by their own side, never reached the other one
    (whose people then typed over them with open eyes), and are in no conflict.
    """
    records = {SALESFORCE: line.accounts[0], ZOHO: line.customers[0]}
    lanes = sorted({row.lane_id for row in line.bindings()})
    told = line.reading(lambda uow: uow.audit.timeline(lanes))
    known = [row["values"] for row in told if row["kind"] in ("conflict", "written")]
    known += [event.event.body for event in line.events() if event.outcome == "conflict kept"]
    text = json.dumps(known, default=str)
    last = {(side, field): value for side, field, value in typed}
    return [
        v for (side, field), v in last.items() if records[side][FIELDS[side][field]] != v and v not in text
    ]


@pytest.mark.parametrize("edits", EDITS, ids=lambda edits: " then ".join(f"{s} {f}" for s, f in edits))
def test_every_order_ends_equal_and_told(start: Start, edits: tuple[Edit, ...]) -> None:
    line = start[0]
    for order in sorted(set(permutations(edits)), key=str):
        for heard in product(("", "s", "z", "sz") if len(edits) == 2 else ("", "sz"), repeat=len(edits) - 1):
            typed = play(start, order, (*heard, ""))
            assert_agreement(line)
            assert untold(line, typed) == [], (order, heard)


def test_a_lost_value_would_be_untold_without_the_note(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_with_hints", lambda _bench, ends, _changes: [end for _, end in ends])
    typed = play(start, EDITS[0], ("", ""))
    assert untold(start[0], typed) == [VALUES[0]]
