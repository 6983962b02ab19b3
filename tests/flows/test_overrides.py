"""Overrides: what a person says of one field stands over both sides, until a time or until somebody ends it."""

from __future__ import annotations

from typing import Any

import pytest

from integration.canonical.values import Side
from integration.errors import BadInput, Rejected
from integration.flows.cases import replay
from integration.flows.overrides import Correction, end_overdue_overrides, end_override, set_override
from integration.flows.reconcile import reconcile
from tests.flows.agreement import assert_agreement, assert_ended
from tests.flows.databases import MakesLine
from tests.flows.line import Line
from tests.flows.people import individual, joined

HOUR_MS = 3_600_000


def correct(line: Line, record: str, field: str, text: str, until: int | None = None) -> int:
    return set_override(line.services, Correction(record, field, text, "as agreed by phone", "ops", until))


def audit(line: Line, record: str) -> list[dict[str, Any]]:
    [bound] = line.reading(lambda uow: uow.reports.lanes_of(record))
    found: list[dict[str, Any]] = line.reading(lambda uow: uow.audit.timeline([bound.lane_id]))
    return found


def city(line: Line, account: str) -> tuple[object, object]:
    """What either side says."""
    there = line.in_zoho(line.partner(account))["billing_address"]["city"]
    return line.in_salesforce("Account", account)["BillingCity"], there


@pytest.mark.parametrize("by", list(Side))
def test_a_correction_goes_to_both_sides_and_stands_over_what_people_type(line: Line, by: Side) -> None:
    account, customer = joined(line)
    correct(line, account if by is Side.SALESFORCE else customer, "billing_address.city", "York")
    line.settle()
    assert city(line, account) == ("York", "York")
    if by is Side.SALESFORCE:
        line.salesforce.org.edit("Account", {"BillingCity": "Leeds"}, account)
    else:
        line.zoho.book.save({"billing_address": {"city": "Leeds"}}, customer)
    line.settle()
    assert city(line, account) == ("York", "York")
    [conflict] = [row["values"] for row in audit(line, account) if row["kind"] == "conflict"]
    assert conflict == {"billing_address.city": {"kept": "York", "lost": "Leeds", "rule": "override"}}
    assert_ended(line)
    assert_agreement(line)


def test_a_correction_lets_the_record_go_on_whose_value_was_refused(line: Line) -> None:
    long = line.account("N" * 240, Phone="+44 20 7946 0999")
    line.settle()
    [letter] = line.dead_letters()
    correct(line, long, "name", "North Mills Ltd")
    assert line.dead_letters() == []
    assert [closed.id for closed in line.dead_letters("replayed")] == [letter.id]
    line.settle()
    assert line.in_zoho(line.partner(long))["contact_name"] == "North Mills Ltd"
    assert line.in_salesforce("Account", long)["Name"] == "North Mills Ltd"
    assert line.dead_letters() == []
    assert_agreement(line)


def test_what_a_target_refused_for_good_is_sent_again_after_a_correction(line: Line) -> None:
    """The refused content is another one now, and where it is not it is tried again all the same."""
    account, customer = joined(line)
    line.zoho.calls.spoil(Rejected("zoho.refused", "not that one"), "write", times=2)
    line.salesforce.org.edit("Account", {"BillingCity": "York", "Fax": "1234567"}, account)
    line.settle()
    [letter] = line.dead_letters()
    replay(line.services, letter.id, "ops")
    line.settle()
    assert len(line.dead_letters()) == 1
    correct(line, account, "billing_address.city", "York")
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert line.dead_letters() == []
    assert_agreement(line)


def test_a_name_taken_is_solved_by_another_name(line: Line) -> None:
    joined(line)
    account, customer = joined(line, "Other Works")
    line.salesforce.org.edit("Account", {"Name": "Harbour Mills Ltd"}, account)
    line.settle()
    [case] = line.exceptions()
    assert case.kind == "name taken"
    correct(line, account, "name", "Harbour Mills North Ltd")
    line.settle()
    assert line.in_zoho(customer)["contact_name"] == "Harbour Mills North Ltd"
    assert line.exceptions() == []
    assert_agreement(line)


def test_an_override_ends_by_its_time_and_what_people_type_counts_again(line: Line) -> None:
    account, customer = joined(line)
    correct(line, account, "billing_address.city", "York", line.clock.now_ms() + HOUR_MS)
    line.settle()
    assert end_overdue_overrides(line.services) == 0
    line.clock.advance(HOUR_MS)
    assert end_overdue_overrides(line.services) == 1
    assert end_overdue_overrides(line.services) == 0
    line.settle()
    line.zoho.book.save({"billing_address": {"city": "Leeds"}}, customer)
    line.settle()
    assert city(line, account) == ("Leeds", "Leeds")
    assert_agreement(line)


def test_an_override_ended_by_hand_gives_the_word_back_to_a_source_that_could_not_be_written(
    make_line: MakesLine,
) -> None:
    """A field only Salesforce says: it kept its own value beside the override, and that counts again."""
    line = make_line(documents=READ_ONLY)
    account, customer = joined(line)
    number = correct(line, customer, "billing_address.city", "York")
    line.settle()
    assert city(line, account) == ("Hull", "York")
    proof = reconcile(line.services)
    assert proof.holds
    assert [(d.what, bool(d.why)) for d in proof.differences] == [("field billing_address.city", True)]
    assert [(o.override, o.zoho_id, o.author) for o in proof.overrides] == [(number, customer, "ops")]
    end_override(line.services, number, "ops", "agreed anew")
    line.settle()
    assert city(line, account) == ("Hull", "Hull")
    assert reconcile(line.services).overrides == []
    with pytest.raises(BadInput, match=r"override\.ended"):
        end_override(line.services, number, "ops", "")


READ_ONLY = """
record: salesforce_account
rules:
  billing_city: {canonical: billing_address.city, field: BillingCity, direction: in}
"""


def test_a_field_that_cannot_be_read_is_not_missed_while_a_person_says_what_it_is(
    make_line: MakesLine,
) -> None:
    line = make_line(documents=GRADES, customs=("cf_grade",))
    account = line.account(Site="unheard of")
    line.settle()
    assert [letter.stage for letter in line.dead_letters()] == ["transform"]
    number = correct(line, account, "custom.grade", "gold")
    line.settle()
    assert line.dead_letters() == []
    [field] = line.in_zoho(line.partner(account))["custom_fields"][1:]
    assert field["value"] == "gold"
    end_override(line.services, number, "ops", "")
    line.settle()
    assert [letter.stage for letter in line.dead_letters()] == ["transform"]


GRADES = """
record: salesforce_account
rules:
  grade: {canonical: custom.grade, field: Site, direction: in, values: {A: gold, B: silver}}
---
record: zoho_contact
rules:
  grade: {roles: [business], canonical: custom.grade, field: cf_grade}
"""


def test_a_persons_name_and_its_parts_follow_each_other(line: Line) -> None:
    contact, customer = individual(line)
    correct(line, contact, "primary_person.last_name", "Harbour")
    line.settle()
    assert line.in_zoho(customer)["contact_name"] == "Ann Harbour"
    line.zoho.book.save({"contact_name": "Anna Fjord"}, customer)
    line.settle()
    assert line.in_salesforce("Contact", contact)["LastName"] == "Harbour"
    assert line.in_zoho(customer)["contact_name"].endswith(" Harbour")
    with pytest.raises(BadInput, match=r"override\.contradiction"):
        correct(line, contact, "name", "Ann Fjord")
    assert_agreement(line)


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("no_such_field", "x", "override.unknown_field"),
        ("name", "N" * 300, "override.refused"),
        ("is_active", "perhaps", "override.value"),
    ],
)
def test_a_correction_nobody_could_hold_is_refused_at_once(
    line: Line, field: str, text: str, code: str
) -> None:
    account, _ = joined(line)
    with pytest.raises(BadInput) as refused:
        correct(line, account, field, text)
    assert refused.value.code == code
    assert refused.value.advice
    assert text not in str(refused.value) or text == "x", "what a person typed is not repeated in an error"
    assert line.reading(lambda uow: uow.overrides.page(standing=True)) == []


def test_a_correction_of_nothing_or_of_the_past_is_refused(line: Line) -> None:
    account, _ = joined(line)
    with pytest.raises(BadInput, match=r"record\.unknown"):
        correct(line, "no such record", "name", "x")
    with pytest.raises(BadInput, match=r"override\.until"):
        correct(line, account, "name", "x", line.clock.now_ms())


def test_setting_and_ending_are_in_the_audit_and_the_value_only_in_its_erasable_part(line: Line) -> None:
    account, _ = joined(line)
    number = correct(line, account, "billing_address.city", "York")
    end_override(line.services, number, "ada", "mended")
    told = {row["kind"]: row for row in audit(line, account) if str(row["kind"]).startswith("override")}
    assert told["override set"]["detail"] == {
        "override": number,
        "field": "billing_address.city",
        "author": "ops",
        "until": None,
    }
    assert told["override set"]["values"] == {"value": "York", "reason": "as agreed by phone"}
    assert told["override ended"]["detail"]["author"] == "ada"
    assert told["override ended"]["values"] == {"reason": "mended"}


def test_a_corrected_name_stands_though_somebody_types_a_part_of_it(line: Line) -> None:
    contact, customer = individual(line)
    correct(line, contact, "name", "Ann Harbour")
    line.settle()
    line.salesforce.org.edit("Contact", {"LastName": "Fjord"}, contact)
    line.settle()
    assert line.in_zoho(customer)["contact_name"] == "Ann Harbour"
    assert line.in_salesforce("Contact", contact)["LastName"] == "Harbour"
    assert_agreement(line)
