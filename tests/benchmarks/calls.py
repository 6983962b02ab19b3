"""API calls per effective change: what people do, what the line then asks of both systems, and what it may.

One line in one process between two systems in memory; its clock moves only when it waits, so every run counts
the same. `tests/flows/test_calls.py` holds the line to these figures, the benchmark shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from integration.canonical.values import Side
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.flows.write import write
from tests.flows.line import Line
from tests.flows.people import family, joined, persons

MANY = 200
"""So many records travel in one Collections call of Salesforce."""
FEW = 5


class Count(StrEnum):
    """What is counted."""

    ZOHO_WRITES = "Zoho writes"
    ZOHO_READS = "Zoho reads"
    SALESFORCE_WRITES = "Salesforce writes"
    SALESFORCE_READS = "Salesforce reads"


NOTHING = (Count.ZOHO_WRITES, Count.ZOHO_READS, Count.SALESFORCE_WRITES, Count.SALESFORCE_READS)


@dataclass(frozen=True)
class Scenario:
    """People do something `changes` times; `exactly` and `most` are calls a change."""

    name: str
    prepare: Callable[[Line], list[str]]
    act: Callable[[Line, list[str]], None]
    changes: int
    exactly: Mapping[Count, float]
    most: Mapping[Count, float]
    outcome: str = "written"
    """How the events end that people's doing caused; empty where no new event is."""

    def count(self, line: Line) -> Counted:
        """Let people do it and the line come to rest."""
        records = self.prepare(line)
        _echoes_over(line)
        line.forget_calls()
        before = line.outcomes().get(self.outcome, 0)
        self.act(line, records)
        line.settle()
        calls = {
            Count.ZOHO_WRITES: line.zoho.calls.writes,
            Count.ZOHO_READS: line.zoho.calls.reads,
            Count.SALESFORCE_WRITES: line.salesforce.calls.writes,
            Count.SALESFORCE_READS: line.salesforce.calls.reads,
        }
        ended = line.outcomes().get(self.outcome, 0) - before
        return Counted({name: number / self.changes for name, number in calls.items()}, ended)

    def holds(self, calls: Mapping[Count, float]) -> bool:
        """Whether every promised figure is kept."""
        return all(calls[name] == number for name, number in self.exactly.items()) and all(
            calls[name] <= number for name, number in self.most.items()
        )


@dataclass(frozen=True)
class Counted:
    """Calls a change, and how many events ended as the scenario says: proof that something was told."""

    calls: dict[Count, float]
    ended: int


def _echoes_over(line: Line) -> None:
    """What the preparation caused is told, known and at rest."""
    line.settle()
    line.clock.advance(60_000)
    line.settle()


# ------------------------------------------------------------- beginnings


def _joined(number: int) -> Callable[[Line], list[str]]:
    """Accounts with their customers; answers the ids of the Accounts."""

    def prepare(line: Line) -> list[str]:
        made = [line.account(f"Harbour Mills {n:03} Ltd", BillingCity="Hull") for n in range(number)]
        line.settle()
        return made

    return prepare


def _joined_from_zoho(number: int) -> Callable[[Line], list[str]]:
    """Customers with their Accounts; answers the ids of the Accounts."""

    def prepare(line: Line) -> list[str]:
        made = [line.customer(f"Harbour Mills {n:03} Ltd", notes="pays late") for n in range(number)]
        line.settle()
        return [line.partner(customer) for customer in made]

    return prepare


def _family(line: Line) -> list[str]:
    account, ann, bo, _ = family(line)
    return [account, ann, bo]


def _one(line: Line) -> list[str]:
    return [joined(line)[0]]


# ------------------------------------------------------------- what people do


def _phone(number: int) -> str:
    return f"+44 20 7946 {number:04}"


def _edit_fields(line: Line, accounts: list[str]) -> None:
    for number, account in enumerate(accounts):
        line.salesforce.org.edit("Account", {"Phone": _phone(number), "BillingCity": "York"}, account)


def _deactivate(line: Line, accounts: list[str]) -> None:
    for account in accounts:
        line.salesforce.org.edit("Account", {"Is_Active__c": False}, account)


def _edit_fields_and_status(line: Line, accounts: list[str]) -> None:
    for number, account in enumerate(accounts):
        line.salesforce.org.edit("Account", {"Phone": _phone(number), "Is_Active__c": False}, account)


def _edit_two_persons(line: Line, records: list[str]) -> None:
    for number, contact in enumerate(records[1:]):
        line.salesforce.org.edit("Contact", {"Phone": _phone(number), "Title": "Miller"}, contact)


def _edit_account_and_persons(line: Line, records: list[str]) -> None:
    line.salesforce.org.edit("Account", {"Phone": _phone(99)}, records[0])
    _edit_two_persons(line, records)


def _edit_in_zoho(line: Line, accounts: list[str]) -> None:
    """One after another, each at its end before the next begins."""
    for number, account in enumerate(accounts):
        _zoho_phone(line, account, number)
        line.settle()


def _zoho_phone(line: Line, account: str, number: int) -> None:
    line.zoho.book.save({"billing_address": {"phone": _phone(number)}}, line.partner(account))


def _edit_many_in_zoho(line: Line, accounts: list[str]) -> None:
    """All at once: they wait in the outbox together when the writer comes."""
    partners = {row.salesforce_id: row.zoho_id for row in line.bindings()}
    for number, account in enumerate(accounts):
        line.zoho.book.save({"billing_address": {"phone": _phone(number)}}, partners[account])
    line.receive()
    while transform(line.services) + validate(line.services):
        pass
    while write(line.services, Side.SALESFORCE):
        pass


def _edit_person_in_zoho(line: Line, records: list[str]) -> None:
    [person] = [p for p in persons(line, line.partner(records[0])).values() if p["last_name"] == "Ferry"]
    line.zoho.book.change_person(person["contact_person_id"], {"mobile": _phone(7)})


def _burst(line: Line, accounts: list[str]) -> None:
    for number in range(50):
        line.salesforce.org.edit("Account", {"Phone": _phone(number)}, accounts[0])


def _repeat(line: Line, accounts: list[str]) -> None:
    """Everything both systems ever told comes once more."""
    hooks = [e.event for e in line.events() if e.event.side is Side.ZOHO]
    assert hooks, "nothing to repeat"
    line.receive(hooks)
    line.receive([e.event for e in line.events() if e.event.side is Side.SALESFORCE])


def _echo_of_salesforce(line: Line, accounts: list[str]) -> None:
    """Our writes to Zoho are told by webhooks; they have been sent already when these arrive."""
    for number, account in enumerate(accounts):
        line.salesforce.org.edit("Account", {"Phone": _phone(number)}, account)
    _send_and_forget(line)


def _echo_of_zoho(line: Line, accounts: list[str]) -> None:
    for number, account in enumerate(accounts):
        _zoho_phone(line, account, number)
    _send_and_forget(line)


def _send_and_forget(line: Line) -> None:
    line.listen()
    line.receive()
    line.settle(deliver=False)
    line.clock.advance(5_000)
    line.settle(deliver=False)
    assert line.salesforce.calls.writes + line.zoho.calls.writes, "nothing was written, so nothing echoes"
    line.forget_calls()


def _unmapped_in_salesforce(line: Line, accounts: list[str]) -> None:
    line.salesforce.org.fields["Account"].append("Rating")
    for account in accounts:
        line.salesforce.org.edit("Account", {"Rating": "Hot"}, account)


def _unmapped_in_zoho(line: Line, accounts: list[str]) -> None:
    for account in accounts:
        line.zoho.book.save({"company_name": "Something Else"}, line.partner(account))


def _same_on_both_sides(line: Line, accounts: list[str]) -> None:
    """Two people type the same number: nobody is to be told anything."""
    for number, account in enumerate(accounts):
        line.salesforce.org.edit("Account", {"Phone": _phone(number)}, account)
        _zoho_phone(line, account, number)


# ------------------------------------------------------------- what is promised

_NONE = dict.fromkeys(NOTHING, 0.0)
_TO_ZOHO = {Count.ZOHO_READS: 0.0, Count.SALESFORCE_WRITES: 0.0}
_TO_SALESFORCE = {Count.ZOHO_WRITES: 0.0, Count.SALESFORCE_WRITES: 1.0}
_READ_ONCE = {Count.ZOHO_READS: 1.0}

SCENARIOS = (
    Scenario("fields changed in Salesforce", _joined(FEW), _edit_fields, FEW, {Count.ZOHO_WRITES: 1.0, **_TO_ZOHO}, {}),
    Scenario("status changed in Salesforce", _joined(FEW), _deactivate, FEW, {Count.ZOHO_WRITES: 1.0, **_TO_ZOHO}, {}),
    Scenario("fields and status changed in Salesforce", _joined(FEW), _edit_fields_and_status, FEW, {Count.ZOHO_WRITES: 2.0, **_TO_ZOHO}, {}),
    Scenario("two persons changed in Salesforce", _family, _edit_two_persons, 2, {Count.ZOHO_WRITES: 1.0, **_TO_ZOHO}, {}),
    Scenario("customer and two persons changed in Salesforce", _family, _edit_account_and_persons, 3, {Count.ZOHO_WRITES: 1.0, **_TO_ZOHO}, {}),
    Scenario("burst of 50 on one record in Salesforce", _one, _burst, 1, {Count.ZOHO_WRITES: 1.0, **_TO_ZOHO}, {}),
    Scenario("fields changed in Zoho, one after another", _joined(FEW), _edit_in_zoho, FEW, _TO_SALESFORCE, _READ_ONCE),
    Scenario("person changed in Zoho", _family, _edit_person_in_zoho, 1, _TO_SALESFORCE, _READ_ONCE),
    Scenario(f"{MANY} changed in Zoho wait together", _joined(MANY), _edit_many_in_zoho, MANY, {Count.ZOHO_WRITES: 0.0}, {Count.SALESFORCE_WRITES: 0.02, **_READ_ONCE}),
    Scenario("echoes of writes to Zoho", _joined(FEW), _echo_of_salesforce, FEW, _NONE, {}, "echo"),
    Scenario("echoes of writes to Salesforce", _joined(FEW), _echo_of_zoho, FEW, _NONE, {}, "echo"),
    Scenario("repeats of everything told", _joined(FEW), _repeat, FEW, _NONE, {}, ""),
    Scenario("unmapped field changed in Salesforce", _joined(FEW), _unmapped_in_salesforce, FEW, _NONE, {}, "unchanged"),
    Scenario("unmapped field changed in Zoho", _joined_from_zoho(FEW), _unmapped_in_zoho, FEW, _NONE, {}, "unchanged"),
    Scenario("same value typed on both sides", _joined(FEW), _same_on_both_sides, FEW, {Count.ZOHO_WRITES: 0.0, Count.SALESFORCE_WRITES: 0.0}, _READ_ONCE, "unchanged"),
)  # fmt: skip
