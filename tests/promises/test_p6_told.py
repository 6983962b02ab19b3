"""P6 told: whatever arrives ends once, in one way that has a name and a reason, and whoever opens the record
sees what arrived, what was decided, what was written, and from whom each value came by which rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.canonical.outcome import EventState, Outcome
from integration.cli.history import FieldStory, History, field_stories, timeline
from integration.flows.bench import Bench
from integration.ports import StoredEvent
from integration.stores.inbox import SqlInbox
from tests.flows.line import Line
from tests.flows.people import joined
from tests.promises.engines import ONE_ENGINE

ANYBODY = "005000000000001AAA"


def a_mixed_day(line: Line) -> tuple[str, str]:
    """Creates, edits, echoes, repeats, something stale, unusable, out of scope, disputed, deleted, and a
    name that another record owns.
    """
    account, customer = joined(line)
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0002"}, account)
    line.settle()
    late_and_repeated(line, customer)
    disputed(line, account, customer)
    line.customer("Reed Supplies Ltd", contact_type="vendor")
    line.settle()
    line.zoho.book.save(
        {"billing_address": {"city": "Hull upon a very long river that has that name"}}, customer
    )
    line.settle()
    gone, _ = joined(line, "Quay Traders Ltd")
    line.salesforce.org.delete("Account", gone)
    line.settle()
    line.salesforce.org.edit("Account", {"Name": "Quay Traders Ltd"}, account)
    line.settle()
    return account, customer


def late_and_repeated(line: Line, customer: str) -> None:
    """Two edits told in the wrong order, the newer one twice."""
    for notes in ("pays early", "pays late"):
        line.clock.advance(2_000)
        line.zoho.book.save({"notes": notes}, customer)
    first, second = line.take_hooks()
    for hook in (second, second, first):
        line.receive([hook])
        line.settle()


def disputed(line: Line, account: str, customer: str) -> None:
    """The same field is given two values at once."""
    line.salesforce.org.edit("Account", {"Website": "https://s.example"}, account)
    line.clock.advance(2_000)
    line.zoho.book.save({"website": "https://z.example"}, customer)
    line.settle()


def assert_told(line: Line) -> None:
    """Every event has one outcome with a reason, and none is left."""
    untold = [shown(event) for event in line.events() if not is_told(event)]
    assert not untold, f"untold: {untold}"
    refused = (Outcome.DEAD_LETTER, Outcome.EXCEPTION)
    reasons = [event.reason for event in line.events() if event.outcome in refused]
    cases = [f"{letter.code} (dead letter {letter.id})" for letter in line.dead_letters()]
    cases += [f"{case.kind} (exception {case.id})" for case in line.exceptions()]
    assert cases == reasons, f"untold: {cases}, and events say {reasons}"


def is_told(event: StoredEvent) -> bool:
    ended = event.state is EventState.ENDED and isinstance(event.outcome, Outcome)
    return ended and bool(event.reason)


def shown(event: StoredEvent) -> tuple[object, ...]:
    return event.event.kind.value, event.event.entity, event.state, event.outcome, event.reason


def test_every_event_ends_once_with_a_reason(line: Line) -> None:
    account, _ = a_mixed_day(line)
    assert_told(line)
    assert (len(line.dead_letters()), len(line.exceptions())) == (1, 1)
    found = {event.outcome for event in line.events()}
    assert found >= {
        Outcome.WRITTEN,
        Outcome.ECHO,
        Outcome.STALE,
        Outcome.OUT_OF_SCOPE,
        Outcome.CONFLICT_KEPT,
        Outcome.DEAD_LETTER,
        Outcome.EXCEPTION,
    }, line.outcomes()
    assert sum(line.outcomes().values()) == len(line.events())
    assert max(event.seen for event in line.events()) == 2, "a repeat is counted, not told again"
    texts = [entry.text for entry in timeline(history_of(line, account))]
    assert any("website from zoho by latest, over 'https://s.example'" in text for text in texts), texts


# ------------------------------------------------------------------- what a person sees


def history_of(line: Line, record_id: str) -> History:
    def ask(uow: Any) -> History:
        return History.read(uow, {found.lane_id for found in uow.reports.lanes_of(record_id)})

    found: History = line.reading(ask)
    return found


def field_of(line: Line, record_id: str, name: str) -> FieldStory:
    history = history_of(line, record_id)
    [story] = [
        s for s in field_stories(history, history.lanes[0].root, line.mapping.live()) if s.name == name
    ]
    return story


def assert_shown(line: Line) -> None:
    """From the event over the decision to the write, under one id, and each value with its origin."""
    account, customer = joined(line)
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0002"}, account)
    edited = line.clock.now_ms()
    line.settle()
    entries = timeline(history_of(line, customer))
    change = next((e for e in entries if "phone from salesforce by" in e.text), None)
    assert change is not None, "untold: the decision"
    together = [e.what.split()[0] for e in entries if e.correlation_id == change.correlation_id]
    assert {"event", "change", "write"} <= set(together), f"untold: {together}"
    story = field_of(line, customer, "phone")
    assert (story.side, story.who) == ("salesforce", ANYBODY), f"untold: {story}"
    assert edited - 1_000 <= story.when <= edited
    assert story.rule == "changed"
    assert (story.salesforce, story.zoho) == ("+44 20 7946 0002",) * 2
    assert story.mapping == {"salesforce": "salesforce_account/phone", "zoho": "zoho_contact/phone"}


def test_a_record_tells_its_story(line: Line) -> None:
    assert_shown(line)


# ------------------------------------------------------------------- without the rules

Rule = Callable[[pytest.MonkeyPatch], None]
Check = Callable[[Line], None]


def mixed(line: Line) -> None:
    a_mixed_day(line)
    assert_told(line)


def concluding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that wait for their lane's writes are not ended when these are over."""
    monkeypatch.setattr(SqlInbox, "conclude", lambda *_args: 0)


def ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused says so nowhere but in its dead letter."""
    monkeypatch.setattr(Bench, "end_events", lambda self: self.endings.clear())


def reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of an outcome is enough."""
    monkeypatch.setattr("integration.stores.inbox.CONCLUSIONS", {Outcome.WRITTEN: ""})


def decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only steps are stored, not who won."""
    monkeypatch.setattr("integration.flows.decide._is_written", lambda *_args: False)


BROKEN: list[tuple[Rule, Check]] = [
    (concluding, mixed),
    (ending, mixed),
    (reasons, mixed),
    (decisions, assert_shown),
]


@ONE_ENGINE
@pytest.mark.parametrize(("rule", "check"), BROKEN, ids=lambda one: one.__name__)
def test_it_is_broken_without(line: Line, rule: Rule, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(monkeypatch)
    with pytest.raises(AssertionError, match=r"^untold:"):
        check(line)
