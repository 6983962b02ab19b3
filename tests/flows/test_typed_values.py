"""Numbers that arrive as text, and times about the hours when clocks change: one value whatever its form."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from integration.canonical.values import decode_value
from tests.flows.agreement import assert_agreement, assert_ended
from tests.flows.databases import MakesLine
from tests.flows.line import Line

NUMBERS = """
record: zoho_contact
rules:
  staff: {canonical: custom.staff, field: cf_staff, type: integer}
  revenue: {canonical: custom.revenue, field: cf_revenue, type: decimal, places: 2}
---
record: salesforce_account
rules:
  staff: {canonical: custom.staff, field: NumberOfEmployees, type: integer}
  revenue: {canonical: custom.revenue, field: AnnualRevenue, type: decimal, places: 2}
"""
TIMES = """
record: zoho_contact
rules:
  visit: {canonical: custom.visit, field: cf_visit, type: datetime, timezone: Europe/Berlin}
  since: {canonical: custom.since, field: cf_since, type: date}
---
record: salesforce_account
rules:
  visit: {canonical: custom.visit, field: Visit__c, type: datetime}
  since: {canonical: custom.since, field: Since__c, type: date}
"""


@pytest.fixture
def numbers(make_line: MakesLine) -> Line:
    return make_line(documents=NUMBERS, customs=("cf_staff", "cf_revenue"))


@pytest.fixture
def times(make_line: MakesLine) -> Line:
    return make_line(documents=TIMES, customs=("cf_visit", "cf_since"))


def begun(line: Line, **fields: Any) -> tuple[str, str]:
    account = line.account(**fields)
    line.settle()
    return account, line.partner(account)


def custom(line: Line, customer: str, name: str) -> Any:
    return {entry["api_name"]: entry["value"] for entry in line.in_zoho(customer)["custom_fields"]}[name]


def typed(line: Line, customer: str, name: str, value: object) -> None:
    """A person types a value into a custom field."""
    line.zoho.book.save({"custom_fields": [{"api_name": name, "value": value}]}, customer)
    line.settle()


def test_a_number_is_the_same_in_any_form(numbers: Line) -> None:
    """Written nowhere: the text says nothing new."""
    account, customer = begun(numbers, NumberOfEmployees=120)
    numbers.forget_calls()
    for text in (" 120 ", "0120", "1.2E2", 120.0):
        typed(numbers, customer, "cf_staff", text)
        assert numbers.salesforce.calls.writes == numbers.zoho.calls.writes == 0, text
    assert numbers.in_salesforce("Account", account)["NumberOfEmployees"] == 120
    assert_agreement(numbers)


def test_a_number_typed_as_text_arrives_as_a_number(numbers: Line) -> None:
    account, customer = begun(numbers, AnnualRevenue=1)
    for text in ("250.1", "-0.005", "12345678901.99", "0"):
        typed(numbers, customer, "cf_revenue", text)
        found = decode_value(numbers.in_salesforce("Account", account)["AnnualRevenue"])
        assert found == Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert not isinstance(found, str)
    assert_agreement(numbers)


def test_a_text_that_is_no_number_is_told_and_harms_nothing(numbers: Line) -> None:
    account, customer = begun(numbers, NumberOfEmployees=120)
    for text in ("1,200", "NaN", "١٢٠", "12.5"):
        notes = f"pays {text}"
        fields = {"custom_fields": [{"api_name": "cf_staff", "value": text}], "notes": notes}
        numbers.zoho.book.save(fields, customer)
        numbers.settle()
        assert numbers.in_salesforce("Account", account)["NumberOfEmployees"] == 120, text
        assert numbers.in_salesforce("Account", account)["Description"] == notes, "the other fields go on"
        [letter] = numbers.dead_letters()
        assert letter.evidence["field"] == "custom.staff"
        assert letter.advice
    assert_ended(numbers)
    typed(numbers, customer, "cf_staff", "121")
    assert numbers.in_salesforce("Account", account)["NumberOfEmployees"] == 121
    assert numbers.dead_letters() == []
    assert_agreement(numbers)


CHANGES = [
    "2026-03-29T00:59:59.000+0000",  # a second before clocks go forward
    "2026-10-25T00:30:00.000+0000",  # 02:30 the first time
    "2026-10-25T01:30:00.000+0000",  # 02:30 the second time
    "2026-10-24T22:00:00.000+0000",  # midnight of a day of 25 hours
]


def test_an_instant_stays_the_same_where_clocks_change(times: Line) -> None:
    account, customer = begun(times)
    shown = set()
    for number, moment in enumerate(CHANGES):
        times.salesforce.org.edit("Account", {"Visit__c": moment}, account)
        times.settle()
        shown.add(custom(times, customer, "cf_visit"))
        times.forget_calls()
        times.zoho.book.save({"notes": f"pays {number}"}, customer)
        times.settle()
        times.poll()
        times.settle()
        assert times.salesforce.calls.writes == 1, "the note, and nothing bounces"
        assert times.zoho.calls.writes == 0
        assert times.in_salesforce("Account", account)["Visit__c"] == moment
    assert len(shown) == len(CHANGES), "both hours of one name are two instants"
    assert_agreement(times)


def test_a_local_time_is_taken_in_the_zone_of_its_rule(times: Line) -> None:
    account, customer = begun(times)
    for text, moment in (
        ("2026-03-29T03:30:00+0200", "2026-03-29T01:30"),
        ("2026-10-25T02:30:00+0100", "2026-10-25T01:30"),
        ("2026-10-25 02:30", "2026-10-25T00:30"),  # the first of both
        ("2026-07-01T12:00:00", "2026-07-01T10:00"),
        ("2026-12-01T12:00:00", "2026-12-01T11:00"),
    ):
        typed(times, customer, "cf_visit", text)
        found = datetime.fromisoformat(str(times.in_salesforce("Account", account)["Visit__c"]))
        assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC), text
    assert_agreement(times)


def test_a_day_is_the_same_day_on_both_sides(times: Line) -> None:
    account, customer = begun(times)
    for day in ("2026-03-29", "2026-10-25", "2024-02-29"):
        times.salesforce.org.edit("Account", {"Since__c": day}, account)
        times.settle()
        assert custom(times, customer, "cf_since") == day
        typed(times, customer, "cf_since", f"2031{day[4:7]}-28")
        assert times.in_salesforce("Account", account)["Since__c"] == f"2031{day[4:7]}-28"
    assert_agreement(times)
