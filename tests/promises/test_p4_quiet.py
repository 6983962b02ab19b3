"""P4 quiet: when people stop typing, both sides end equal and nothing is sent any more; what we wrote
ourselves never comes back as somebody's change, and what somebody typed is never taken for ours.

Every interleaving of a small world is played with the product's own rules; with one of them taken away,
some interleaving ends wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.policy import confirm, fold, plan
from integration.policy.position import Order
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import family, persons
from tests.properties import lane_world
from tests.properties.lane_space import Bounds, explore

Rule = Callable[[pytest.MonkeyPatch], None]
TWO = ("0", "1")
EDITS = Bounds(faults=0, values=TWO)
FAULT = Bounds(values=TWO)
SECONDS = Bounds(edits=3, faults=0, grain=3, values=TWO)


# ------------------------------------------------------------------- the line


def edit_everywhere(line: Line) -> None:
    """Two families, each edited on both sides, in fields of their own and in one and the same."""
    account, ann, _, customer = family(line)
    line.salesforce.org.edit(
        "Account", {"Phone": "+44 20 7946 0002", "Website": "https://s.example"}, account
    )
    line.salesforce.org.edit("Contact", {"Title": "Miller"}, ann)
    line.clock.advance(1_000)
    line.zoho.book.save({"notes": "pays late", "website": "https://z.example"}, customer)
    bo = persons(line, customer)["Sample"]
    line.zoho.book.change_person(bo["contact_person_id"], {"mobile": "555 0100 300"})


def echo_twice(line: Line) -> None:
    """Whatever both systems have to tell arrives, and all webhooks once more after that."""
    for _ in range(8):
        line.settle(deliver=False)
        hooks = line.take_hooks()
        line.receive(hooks)
        line.receive(hooks[::-1])
        if not hooks and not line.listen():
            return
    raise AssertionError("not quiet: every answer causes another")


def assert_quiet(line: Line) -> None:
    """Nobody types any more: nothing is sent, whatever is still told, and both sides agree."""
    echo_twice(line)
    line.forget_calls()
    line.settle()
    line.poll()
    line.settle()
    sent = line.salesforce.calls.writes + line.zoho.calls.writes
    assert sent == 0, f"not quiet: {sent} writes that nobody asked for"
    echoes = line.reading(lambda uow: uow.reports.echo_writes())
    assert echoes == 0, f"not quiet: {echoes} writes caused by our own"
    assert_agreement(line)


def test_echoes_cause_nothing(line: Line) -> None:
    edit_everywhere(line)
    assert_quiet(line)
    assert line.outcomes()["echo"] > 0


# ------------------------------------------------------------------- the rules


def wrong_in(bounds: Bounds) -> list[str]:
    """What goes wrong within the bounds, and the way there."""
    explored = explore(bounds)
    return [explored.wrong, *explored.way] if explored.wrong else []


@pytest.mark.parametrize("bounds", [EDITS, FAULT], ids=str)
def test_every_interleaving_ends_quiet(bounds: Bounds) -> None:
    assert not wrong_in(bounds)


def no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is told is taken for the latest."""
    monkeypatch.setattr(fold, "compare", lambda *_positions: Order.NEWER)


def no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where order cannot be known, the record is not read (A5)."""
    monkeypatch.setattr(fold, "_unsure", lambda *_args, **_named: False)


def no_own_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field we wrote without being told a time is like any other (A5)."""

    def unmarked(rule: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            answer = rule(*args, **named)
            member, side, values = args[:3]
            for name in values:
                member.on(side).cells[name].own = False
            return answer

        return run

    monkeypatch.setattr(confirm, "_remember", unmarked(confirm._remember))
    monkeypatch.setattr(lane_world, "confirm", unmarked(confirm.confirm))


def old_answers_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer moves the snapshot back behind what an event told already (A6)."""
    monkeypatch.setattr(confirm, "_later_known", lambda *_args: False)


def no_lost_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that shows the content of the write under way is taken for a person's."""
    monkeypatch.setattr(fold, "_confirms", lambda *_args: False)


def decided_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane decides although one of its records must be read first (A11)."""

    def run(lane: Any, *args: Any) -> plan.Plan:
        marks = [(state, state.dirty) for member in lane.members for state in member.sides.values()]
        for state, _ in marks:
            state.dirty = 0
        try:
            return plan.plan_lane(lane, *args)
        finally:
            for state, dirty in marks:
                state.dirty = dirty

    monkeypatch.setattr(lane_world, "plan_lane", run)


BROKEN: list[tuple[Rule, Bounds]] = [
    (no_order, EDITS),
    (no_doubt, EDITS),
    (no_own_mark, EDITS),
    (old_answers_count, EDITS),
    (no_lost_answer, FAULT),
    (decided_unread, SECONDS),
]


@pytest.mark.parametrize(("rule", "bounds"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_it_is_broken_without(rule: Rule, bounds: Bounds, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(monkeypatch)
    wrong, *way = wrong_in(bounds)
    assert wrong.startswith("at rest")
    assert way
