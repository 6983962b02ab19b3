"""Every outside call is paced in the class of what it is for: people's events before loads and sweeps (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from integration.canonical.outcome import Mode, WorkClass
from integration.canonical.values import Side
from integration.errors import Throttled
from integration.flows.modes import set_mode
from integration.ports import Gateway
from integration.ports.services import Services
from tests.flows.agreement import assert_agreement
from tests.flows.databases import MakesLine
from tests.flows.line import Line

Told = list[tuple[Side, str, WorkClass, int]]


@dataclass
class Classed:
    """A gateway whose calls are noted with their class; classes that are out of pace are refused."""

    inner: Gateway
    told: Told
    refused: set[WorkClass] = field(default_factory=set)

    def read(self, requests: Sequence[Any], work: WorkClass) -> Any:
        return self._call("read", requests, work)

    def find(self, requests: Sequence[Any], work: WorkClass) -> Any:
        return self._call("find", requests, work)

    def write(self, requests: Sequence[Any], work: WorkClass) -> Any:
        return self._call("write", requests, work)

    def _call(self, kind: str, requests: Sequence[Any], work: WorkClass) -> Any:
        if work in self.refused:
            raise Throttled("pace.minute", "no turn", seconds=5.0, scope="minute")
        self.told.append((self.inner.side, kind, work, len(requests)))
        return getattr(self.inner, kind)(requests, work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def classed(line: Line, refused: set[WorkClass]) -> Told:
    """Note the calls of a line from now on."""
    told: Told = []

    def watch(services: Services) -> Services:
        gateways: dict[Side, Any] = {
            side: Classed(one, told, refused) for side, one in services.gateways.items()
        }
        return replace(services, gateways=gateways)

    line.watch = watch
    return told


def test_what_many_wait_for_is_batch_and_lets_people_pass(make_line: MakesLine) -> None:
    line = make_line()
    set_mode(line.services, Side.ZOHO, Mode.OFF, "somebody")
    accounts = [line.account(f"Mill {n:02}", Phone=f"+44 20 7946 {n:04}") for n in range(6)]
    line.settle()
    refused = {WorkClass.BATCH}
    told = classed(line, refused)
    set_mode(line.services, Side.ZOHO, Mode.LIVE, "somebody")
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 9999"}, accounts[4])
    for _ in range(8):
        line.listen()
        line.work()
        line.clock.advance(1_000)
    assert [found["contact_name"] for found in line.customers] == ["Mill 04"]
    assert {work for _, _, work, _ in told} == {WorkClass.EVENT}
    refused.clear()
    line.settle()
    assert len(line.customers) == 6
    assert {work for side, kind, work, _ in told if (side, kind) == (Side.ZOHO, "write")} == {
        WorkClass.EVENT,
        WorkClass.BATCH,
    }
    assert_agreement(line)


def test_a_call_for_several_has_the_class_of_the_most_urgent(make_line: MakesLine) -> None:
    line = make_line()
    customers = [line.customer(f"Mill {n:02}", website=f"https://mill-{n}.example") for n in range(6)]
    line.settle()
    set_mode(line.services, Side.SALESFORCE, Mode.OFF, "somebody")
    for number, customer in enumerate(customers):
        line.zoho.book.save({"website": f"https://mills-{number}.example"}, customer)
    line.settle()
    told = classed(line, set())
    set_mode(line.services, Side.SALESFORCE, Mode.LIVE, "somebody")
    line.zoho.book.save({"website": "https://new.example"}, customers[0])
    line.settle()
    writes = [(work, rows) for side, kind, work, rows in told if (side, kind) == (Side.SALESFORCE, "write")]
    assert (WorkClass.EVENT, 6) in writes, writes
    assert_agreement(line)


def test_where_nothing_is_written_equal_records_do_not_wait_for_each_other(make_line: MakesLine) -> None:
    line = make_line()
    set_mode(line.services, Side.SALESFORCE, Mode.OFF, "somebody")
    for number in range(3):
        line.customer(f"Mill {number:02}", website="https://mill.example")
    line.settle()
    assert not line.depths(), "nobody is woken for ever"
    set_mode(line.services, Side.SALESFORCE, Mode.LIVE, "somebody")
    line.settle()
    assert len(line.accounts) == 3
    assert_agreement(line)
