"""Look-up rules: fields that name another record, both ways, whichever of the two is known first."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import Mode, WorkClass
from integration.canonical.values import Side
from integration.errors import Rejected
from integration.flows.cases import resolve
from integration.flows.modes import set_mode
from integration.flows.sweep import end_overdue_waits
from tests.fakes.zoho_book import custom
from tests.flows.agreement import assert_agreement
from tests.flows.databases import MakesLine
from tests.flows.line import Line
from tests.flows.test_classes import classed

PARENTS = """
record: salesforce_account
rules:
  parent: {canonical: custom.parent, field: ParentId, lookup: {entity: customer, record: Account}}
---
record: zoho_contact
rules:
  parent: {roles: [business], canonical: custom.parent, field: cf_parent, lookup: {entity: customer, record: contact}}
"""

NOT_HERE = """
---
record: salesforce_account
out_of_scope:
  elsewhere:
    when: {field: Description, op: eq, value: elsewhere}
    reason: lives elsewhere
"""


@pytest.fixture
def line(make_line: MakesLine) -> Line:
    """A line whose Accounts name their parents."""
    return make_line(documents=PARENTS, customs=("cf_parent",))


def parent_of(line: Line, customer: str) -> object:
    """What a customer in Zoho names as its parent."""
    return custom(line.in_zoho(customer), "cf_parent")


def test_a_parent_known_before(line: Line) -> None:
    upper = line.account("Upper Mills Ltd", Phone="+44 20 7946 1111")
    line.settle()
    lower = line.account("Lower Mills Ltd", Phone="+44 20 7946 2222", ParentId=upper)
    line.settle()
    assert parent_of(line, line.partner(lower)) == line.partner(upper)
    assert_agreement(line)


def test_a_parent_made_together_with_its_child_is_waited_for(line: Line) -> None:
    upper = line.account("Upper Mills Ltd", Phone="+44 20 7946 1111")
    line.account("Lower Mills Ltd", Phone="+44 20 7946 2222", ParentId=upper)
    events = line.salesforce.org.log
    events[-2:] = reversed(events[-2:])
    line.settle()
    [lower] = [found for found in line.customers if found["contact_name"] == "Lower Mills Ltd"]
    assert custom(lower, "cf_parent") == line.partner(upper)
    assert_agreement(line)


def test_a_parent_nobody_told_of_is_read_and_synced_first(line: Line) -> None:
    upper = line.account("Upper Mills Ltd", Phone="+44 20 7946 1111")
    line.salesforce.org.log.clear()
    lower = line.account("Lower Mills Ltd", Phone="+44 20 7946 2222", ParentId=upper)
    line.settle()
    assert line.partner(upper)
    assert parent_of(line, line.partner(lower)) == line.partner(upper)
    assert_agreement(line)


def test_parents_change_both_ways(line: Line) -> None:
    upper = line.account("Upper Mills Ltd", Phone="+44 20 7946 1111")
    lower = line.account("Lower Mills Ltd", Phone="+44 20 7946 2222", ParentId=upper)
    other = line.account("Other Works", Phone="+44 20 7946 3333")
    line.settle()
    line.zoho.book.save(
        {"custom_fields": [{"api_name": "cf_parent", "value": line.partner(other)}]}, line.partner(lower)
    )
    line.settle()
    assert line.in_salesforce("Account", lower)["ParentId"] == other
    line.salesforce.org.edit("Account", {"ParentId": None}, lower)
    line.settle()
    assert parent_of(line, line.partner(lower)) == ""
    assert_agreement(line)


def two(line: Line, **upper: str) -> tuple[str, str]:
    """A parent and its child, made in this order."""
    first = line.account("Upper Mills Ltd", Phone="+44 20 7946 1111", **upper)
    return first, line.account("Lower Mills Ltd", Phone="+44 20 7946 2222", ParentId=first)


def codes(line: Line, state: str = "open") -> list[str]:
    return sorted(letter.code for letter in line.dead_letters(state))


@pytest.mark.parametrize("late", [False, True], ids=["the parent fails first", "the child comes first"])
def test_what_refers_to_a_refused_record_ends_with_it_and_goes_on_with_it(line: Line, late: bool) -> None:
    line.zoho.calls.spoil(Rejected("zoho.invalid_value", "not like this"), "write", "create", times=1)
    upper, lower = two(line)
    if late:
        line.salesforce.org.log.reverse()
    line.settle()
    letters = {letter.code: letter for letter in line.dead_letters()}
    assert set(letters) == {"zoho.invalid_value", "dependency.dead_letter"}
    cause = letters["dependency.dead_letter"].evidence["dead_letter"]
    assert cause == letters["zoho.invalid_value"].id, "a link to the cause"
    assert line.outcomes() == {"dead letter": 2}
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 7777"}, upper)
    line.settle()
    assert not line.dead_letters()
    assert codes(line, "superseded") == ["dependency.dead_letter", "zoho.invalid_value"]
    assert parent_of(line, line.partner(lower)) == line.partner(upper)
    assert_agreement(line)


def test_what_refers_to_a_record_that_is_not_synced_is_told_so(make_line: MakesLine) -> None:
    line = make_line(documents=PARENTS + NOT_HERE, customs=("cf_parent",))
    upper, lower = two(line, Description="elsewhere")
    line.settle()
    assert codes(line) == ["dependency.out_of_scope"]
    line.salesforce.org.edit("Account", {"Description": None}, upper)
    line.settle()
    assert not line.dead_letters()
    assert parent_of(line, line.partner(lower)) == line.partner(upper)
    assert_agreement(line)


def test_what_refers_to_a_record_that_was_deleted_is_told_so(line: Line) -> None:
    upper, lower = two(line)
    line.salesforce.org.delete("Account", upper)
    line.salesforce.org.log[:] = [e for e in line.salesforce.org.log if e.record_id == lower]
    line.settle()
    assert codes(line) == ["dependency.gone"]
    line.salesforce.org.edit("Account", {"ParentId": None}, lower)
    line.settle()
    assert line.partner(lower)
    assert not line.dead_letters()
    assert_agreement(line)


def test_what_refers_to_a_record_people_must_decide_about_waits_for_them_too(line: Line) -> None:
    set_mode(line.services, Side.SALESFORCE, Mode.OFF, "somebody")
    for name in ("Upper Mills Ltd", "Upper Mills Limited"):
        line.customer(name, website="https://mills.example")
    line.settle()
    upper, lower = two(line)
    line.settle()
    kinds = {case.kind: case for case in line.exceptions()}
    assert "needs a decision" in kinds, set(kinds)
    decided = next(case for case in kinds.values() if case.kind != "needs a decision")
    assert kinds["needs a decision"].suggestions == [{"exception": decided.id}]
    resolve(line.services, decided.id, "somebody", join=line.customers[0]["contact_id"])
    line.settle()
    assert not [case for case in line.exceptions() if case.kind == "needs a decision"]
    assert parent_of(line, line.partner(lower)) == line.partner(upper)


def test_a_record_that_is_needed_is_as_urgent_as_who_needs_it(line: Line) -> None:
    set_mode(line.services, Side.ZOHO, Mode.OFF, "somebody")
    upper, lower = two(line)
    line.settle()
    refused = {WorkClass.BATCH}
    classed(line, refused)
    set_mode(line.services, Side.ZOHO, Mode.LIVE, "somebody")
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 9999"}, lower)
    for _ in range(20):
        line.listen()
        line.work()
        line.clock.advance(1_000)
    assert parent_of(line, line.partner(lower)) == line.partner(upper) != ""


def test_a_wait_that_lasts_too_long_is_told_once(line: Line) -> None:
    line.change(wait_limit_ms=60_000, batch=1)
    set_mode(line.services, Side.ZOHO, Mode.OFF, "somebody")
    upper = line.account("Upper Mills Ltd", Phone="+44 20 7946 1111")
    with line.stores.begin(line.pair_id) as uow:
        for binding in (901, 902, 903):
            uow.cases.wait(900, binding, Side.SALESFORCE, "Account", upper)
    assert end_overdue_waits(line.services) == 0
    line.clock.advance(61_000)
    assert end_overdue_waits(line.services) == 3
    assert end_overdue_waits(line.services) == 0
    assert [case.kind for case in line.exceptions()] == ["wait too long"] * 3
