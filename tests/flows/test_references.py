"""Look-up rules: fields that name another record, both ways, whichever of the two is known first."""

from __future__ import annotations

import pytest

from tests.fakes.zoho_book import custom
from tests.flows.agreement import assert_agreement
from tests.flows.databases import MakesLine
from tests.flows.line import Line

PARENTS = """
record: salesforce_account
rules:
  parent: {canonical: custom.parent, field: ParentId, lookup: {entity: customer, record: Account}}
---
record: zoho_contact
rules:
  parent: {roles: [business], canonical: custom.parent, field: cf_parent, lookup: {entity: customer, record: contact}}
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
