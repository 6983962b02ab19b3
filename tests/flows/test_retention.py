"""What ended long ago is let go; what is alive stays, and so does the proof of what happened."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.flows import retention
from integration.flows.retention import let_go
from integration.ports import DeadLetter, ExceptionCase
from integration.stores.tables_line import (
    bindings,
    changes,
    intents,
    outbox_writes,
    snapshots,
    write_attempts,
)
from integration.stores.tables_operation import audit_values
from integration.stores.tables_people import waits
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import joined

DAY_MS = 86_400_000
LIVING = (bindings, snapshots)
CASES = ("waits", "dead letters", "exceptions")
UNTOUCHED = ("runs", *CASES)
ENDED = (outbox_writes, write_attempts, changes, intents, audit_values)


def forget(line: Line, days: int = 91) -> dict[str, object]:
    """Days later, at night."""
    line.clock.advance(days * DAY_MS)
    with line.stores.begin(line.pair_id) as uow:
        uow.audit.seal(10_000)
    return dict(let_go(line.services, 14 * DAY_MS))


def rows(line: Line, table: sa.Table) -> int:
    with line.stores.engine.connect() as connection:
        counted = sa.select(sa.func.count()).where(table.c.pair_id == line.pair_id)
        return int(connection.execute(counted).scalar_one())


def verify(line: Line) -> tuple[int, str]:
    with line.stores.begin(line.pair_id) as uow:
        return uow.audit.verify()


def test_what_ended_goes_and_what_lives_stays(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    account, customer = joined(line)
    line.zoho.book.save({"notes": "typed"}, customer)
    line.settle()
    living, audited = {table: rows(line, table) for table in LIVING}, verify(line)
    assert audited[0] > 0
    assert all(rows(line, table) for table in ENDED)
    assert not any(forget(line, days=89).values()), "too early"
    assert rows(line, outbox_writes) > 0

    removed = forget(line, days=2)
    assert all(number for shelf, number in removed.items() if shelf not in UNTOUCHED), removed
    assert [(table.name, rows(line, table)) for table in ENDED if rows(line, table)] == []
    assert line.events() == []
    assert {table: rows(line, table) for table in LIVING} == living
    assert verify(line) == audited, "the chain is whole without the values"
    assert not any(forget(line, days=0).values())

    line.salesforce.org.edit("Account", {"Website": "https://later.example"}, account)
    line.settle()
    assert line.in_zoho(customer)["website"] == "https://later.example"
    assert_agreement(line)


def test_what_has_not_ended_stays_however_old_it_is(line: Line) -> None:
    _, customer = joined(line)
    forget(line)
    line.zoho.book.save({"notes": "typed"}, customer)
    line.receive()
    [unended] = line.events()
    forget(line)
    assert [event.id for event in line.events()] == [unended.id]
    line.settle()
    assert line.accounts[0]["Description"] == "typed"


def test_the_event_of_an_open_dead_letter_stays_until_it_is_closed(line: Line) -> None:
    _, customer = joined(line)
    forget(line)
    line.zoho.book.save({"notes": "typed"}, customer)
    line.settle()
    kept = line.events()[0]
    add_letter(line, kept.id)
    forget(line)
    assert [event.id for event in line.events()] == [kept.id]
    [letter] = line.dead_letters()
    with line.stores.begin(line.pair_id) as uow:
        uow.cases.close_dead_letter(letter.id, "discarded", "me", "seen")
    forget(line)
    assert line.events() == []


def test_a_row_that_waits_to_be_sent_keeps_its_change(line: Line) -> None:
    """In mode observe it waits for as long as people like."""
    account, _ = joined(line)
    forget(line)
    with line.stores.begin(line.pair_id) as uow:
        uow.pairs.set_mode(Side.ZOHO, Mode.OBSERVE, "me")
    line.salesforce.org.edit("Account", {"Website": "https://later.example"}, account)
    for _ in range(5):
        line.listen()
        line.work()
        line.clock.advance(1_000)
    assert (rows(line, outbox_writes), rows(line, changes)) == (1, 1)
    forget(line)
    assert (rows(line, outbox_writes), rows(line, changes)) == (1, 1)


def test_what_is_closed_goes_and_what_is_open_waits_for_people(line: Line) -> None:
    joined(line)
    lane = line.bindings()[0].lane_id
    binding = line.bindings()[0].binding_id
    with line.stores.begin(line.pair_id) as uow:
        for name in ("closed", "open"):
            uow.cases.wait(lane, binding, Side.SALESFORCE, "Account", f"001 {name}")
        uow.cases.release(Side.SALESFORCE, ["001 closed"])
        letters = [DeadLetter("write", "zoho.too_long", "", "", digest=name) for name in ("closed", "open")]
        closed, kept_letter = uow.cases.add_dead_letters(letters)
        uow.cases.close_dead_letter(closed, "discarded", "me", "seen")
        cases = [ExceptionCase(name, "", "", lane_id=lane) for name in ("closed", "open")]
        closed, kept_case = uow.cases.add_exceptions(cases)
        uow.cases.close_exception(closed, {"as": "create"}, "me")
    removed = forget(line, days=89)
    assert not any(removed[shelf] for shelf in CASES), "too early"
    removed = forget(line, days=2)
    assert [removed[shelf] for shelf in CASES] == [1, 1, 1]
    assert [letter.id for letter in line.dead_letters()] == [kept_letter]
    assert [case.id for case in line.exceptions()] == [kept_case]
    assert rows(line, waits) == 1
    assert line.dead_letters("discarded") == []
    removed = forget(line)
    assert not any(removed[shelf] for shelf in CASES), "what is open stays however old it is"


@pytest.mark.parametrize("deleted", [False, True], ids=["edited", "deleted"])
def test_a_repeat_whose_inbox_row_is_gone_does_no_harm(line: Line, deleted: bool) -> None:
    account, customer = joined(line)
    hooks = line.take_hooks()
    for number in range(3):
        line.zoho.book.save({"notes": f"note {number}"}, customer)
        line.salesforce.org.edit("Account", {"Website": f"https://m{number}.example"}, account)
        line.clock.advance(1_000)
        hooks += line.take_hooks()
        line.receive(hooks[-1:])
        line.settle()
    if deleted:
        line.zoho.book.delete(customer)
        hooks += line.take_hooks()
        line.receive(hooks[-1:])
        line.settle()
    before, log = (list(line.accounts), list(line.customers), line.bindings()), list(line.salesforce.org.log)
    forget(line)
    assert line.events() == []
    line.forget_calls()

    assert line.receive(hooks).new == len({hook.key for hook in hooks}), "nobody knows them any more"
    line.salesforce.org.log.extend(log)
    line.settle()
    assert (list(line.accounts), list(line.customers), line.bindings()) == before
    assert line.salesforce.calls.writes + line.zoho.calls.writes == 0
    assert line.dead_letters() + line.exceptions() == []


def add_letter(line: Line, event_id: int) -> None:
    letter = DeadLetter("write", "zoho.too_long", "refused", "Correct it.", event_id=event_id)
    with line.stores.begin(line.pair_id) as uow:
        uow.cases.add_dead_letters([letter])
