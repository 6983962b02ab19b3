"""What people really type, and what systems really send: a clear answer each time, and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.outcome import Outcome
from integration.canonical.values import Side
from integration.flows.reconcile import reconcile
from tests.flows.agreement import assert_agreement, assert_ended
from tests.flows.databases import MakesLine
from tests.flows.line import Line
from tests.flows.people import individual, joined


def person(first_name: str = "", last_name: str = "", **fields: Any) -> dict[str, Any]:
    return {"first_name": first_name, "last_name": last_name, **fields}


def test_an_undecodable_event_is_kept_raw_and_the_stream_goes_on(line: Line) -> None:
    account, customer = joined(line)
    raw = ArrivedEvent(
        *(Side.SALESFORCE, "bytes-1", "Account", "", EventKind.UNDECODABLE, Channel.STREAM),
        at=line.clock.now_ms(),
        body={"raw": "AAECAwQ="},
    )
    line.salesforce.org.log.append(raw)
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.settle()
    [letter] = line.dead_letters()
    assert (letter.stage, letter.code) == ("accept", "event.undecodable")
    assert letter.advice
    [kept] = [stored for stored in line.events() if stored.event.kind is EventKind.UNDECODABLE]
    assert (kept.outcome, kept.event.body) == (Outcome.DEAD_LETTER, raw.body)
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"


def test_a_missing_mandatory_field_is_told_and_a_correction_supersedes_it(line: Line) -> None:
    customer = line.customer(contact_persons=[person("Nomen"), person("Bo", "Sample")])
    line.settle()
    assert [contact["LastName"] for contact in line.contacts] == ["Sample"], "siblings go on"
    [letter] = line.dead_letters()
    assert (letter.stage, letter.side, letter.code) == ("validate", "salesforce", "value.missing")
    assert "LastName" in letter.text
    assert "LastName" in str(letter.evidence["problems"])
    assert letter.advice
    assert letter.evidence["field"] == "LastName"
    assert "dead-letter" in line.bell.rung, "its task groups and alerts"
    assert line.alarms() == [], "nobody is told twice"
    assert_ended(line)
    [nameless] = [p for p in line.in_zoho(customer)["contact_persons"] if not p["last_name"]]
    line.zoho.book.change_person(nameless["contact_person_id"], {"last_name": "Nescio"})
    line.settle()
    assert {contact["LastName"] for contact in line.contacts} == {"Sample", "Nescio"}
    assert line.dead_letters() == []
    assert len(line.dead_letters("superseded")) == 1
    assert_agreement(line)


def test_a_name_longer_than_the_target_takes_names_its_field(line: Line) -> None:
    good, long = line.account("Good Mills Ltd"), line.account("N" * 240)
    line.settle()
    assert line.partner(good)
    assert not line.partner(long)
    [letter] = line.dead_letters()
    assert (letter.stage, letter.code) == ("validate", "value.too_long")
    assert "contact_name" in letter.text
    line.salesforce.org.edit("Account", {"Name": "N" * 200}, long)
    line.settle()
    assert line.partner(long)
    assert line.dead_letters() == []


def test_a_field_too_long_for_the_other_side_stops_only_its_own_record(line: Line) -> None:
    account, customer = joined(line)
    other = line.account("Other Mills Ltd")
    line.settle()
    line.zoho.book.save({"billing_address": {"city": "C" * 60}}, customer)
    line.zoho.book.save({"notes": "pays"}, line.partner(other))
    line.settle()
    assert line.in_salesforce("Account", other)["Description"] == "pays"
    [letter] = line.dead_letters()
    assert letter.code == "value.too_long"
    assert "BillingCity" in letter.text
    assert line.in_salesforce("Account", account)["BillingCity"] == "Hull"
    assert_ended(line)


def test_an_address_that_is_no_e_mail_address(line: Line) -> None:
    """Salesforce takes fewer addresses than Zoho does, and lets nobody type the others in."""
    contact, customer = individual(line)
    [ann] = line.in_zoho(customer)["contact_persons"]
    line.zoho.book.change_person(ann["contact_person_id"], {"email": "ann(home)@ferry.example"})
    line.settle()
    [letter] = line.dead_letters()
    assert letter.code == "value.bad_email"
    assert "email" in letter.text
    assert line.in_salesforce("Contact", contact)["Email"] == "ann@ferry.example"
    line.zoho.book.change_person(ann["contact_person_id"], {"email": "ann@mended.example"})
    line.settle()
    assert line.dead_letters() == []
    assert line.in_salesforce("Contact", contact)["Email"] == "ann@mended.example"
    assert_agreement(line)


NAMES = ["Mills 🚚 Delivery", "שירותי משלוחים", "حداد ونور", "Žižkov Ķēniņš", "山田商店"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_script_are_written_as_they_are(line: Line, name: str) -> None:
    line.account(f"{name} A")
    line.customer(f"{name} Z")
    line.settle()
    assert {account["Name"] for account in line.accounts} == {f"{name} A", f"{name} Z"}
    assert {customer["contact_name"] for customer in line.customers} == {f"{name} A", f"{name} Z"}
    assert_agreement(line)


def test_long_names_that_differ_in_case_only_are_never_two_of_one(line: Line) -> None:
    name = ("Harbour Mills " * 20)[:200].strip()
    first = line.account(name)
    line.settle()
    line.account(name.upper())
    line.settle()
    assert [customer["contact_name"] for customer in line.customers] == [name]
    assert line.partner(first)
    assert len(line.exceptions()) == 1
    assert_ended(line)


CHOICE = """
record: zoho_contact
rules:
  tier: {canonical: custom.tier, field: cf_tier, values: {Gold: g, Silver: s}}
---
record: salesforce_account
rules:
  tier: {canonical: custom.tier, field: Rating, values: {Hot: g, Warm: s}}
"""


def test_a_choice_the_rule_does_not_list(make_line: MakesLine) -> None:
    """Read from its source: the field is told, all others go on, and it goes on by itself once it is mended."""
    line = make_line(documents=CHOICE, customs=("cf_tier",))
    account = line.account(Rating="Hot", BillingCity="Hull")
    line.settle()
    customer = line.partner(account)
    assert customs(line, customer)["cf_tier"] == "Gold"
    line.salesforce.org.edit("Account", {"Rating": "Cold", "BillingCity": "York"}, account)
    line.settle()
    assert line.in_zoho(customer)["billing_address"]["city"] == "York"
    assert customs(line, customer)["cf_tier"] == "Gold"
    [letter] = line.dead_letters()
    assert (letter.stage, letter.code, letter.evidence["field"]) == (
        "transform",
        "value.unknown_choice",
        "custom.tier",
    )
    assert line.outcomes()["dead letter"] == 1
    assert "dead-letter" in line.bell.rung, "its task groups and alerts"
    assert line.alarms() == [], "nobody is told twice"
    [difference] = reconcile(line.services).differences
    assert (difference.what, difference.why) == (
        "field custom.tier",
        f"dead letter {letter.id}: value.unknown_choice",
    )
    line.salesforce.org.edit("Account", {"Fax": "1234567"}, account)
    line.settle()
    assert [one.id for one in line.dead_letters()] == [letter.id], "told once, and as long as it lasts"
    line.salesforce.org.edit("Account", {"Rating": "Warm"}, account)
    line.settle()
    assert customs(line, customer)["cf_tier"] == "Silver"
    assert line.dead_letters() == []
    assert_agreement(line)


def test_a_choice_nobody_lists_is_told_where_nothing_else_changed(make_line: MakesLine) -> None:
    line = make_line(documents=CHOICE, customs=("cf_tier",))
    account = line.account(Rating="Hot")
    line.settle()
    line.salesforce.org.edit("Account", {"Rating": "Cold"}, account)
    line.settle()
    assert len(line.dead_letters()) == line.outcomes()["dead letter"] == 1
    line.salesforce.org.edit("Account", {"Rating": "Hot"}, account)
    line.settle()
    assert line.dead_letters() == []
    assert_agreement(line)


def customs(line: Line, customer: str) -> dict[str, Any]:
    return {entry["api_name"]: entry["value"] for entry in line.in_zoho(customer)["custom_fields"]}


def test_a_repeat_is_counted_and_has_no_effect(line: Line) -> None:
    line.customer()
    [hook] = line.take_hooks()
    assert [line.receive([hook]).repeated for _ in range(3)] == [0, 1, 1]
    again = replace(hook, key=f"{hook.key}-again")
    line.settle()
    line.forget_calls()
    line.receive([again])
    line.settle()
    assert line.salesforce.calls.writes == 0
    assert_agreement(line)


def test_a_person_with_trouble_does_not_stop_its_siblings(line: Line) -> None:
    _, customer = joined(line)
    line.zoho.book.add_person(customer, {"last_name": "Ferry", "email": "ann(home)@mills.example"})
    line.zoho.book.add_person(customer, {"last_name": "Sample", "email": "bo@mills.example"})
    line.settle()
    assert "Sample" in {contact["LastName"] for contact in line.contacts}
    [letter] = line.dead_letters()
    assert letter.code == "value.bad_email"
    assert_ended(line)


def told_in_part(line: Line, *absent: str, **wrong: Any) -> ArrivedEvent:
    """The newest webhook as somebody set it up who chose its content himself."""
    hook = line.take_hooks()[-1]
    contact = hook.body["contact"]
    assert isinstance(contact, dict)
    body = {name: value for name, value in contact.items() if name not in absent} | wrong
    return replace(hook, key=f"{hook.key} in part", body={"contact": body})


@pytest.mark.parametrize(
    "absent",
    [("contact_persons",), ("billing_address",), ("contact_persons", "billing_address", "custom_fields")],
    ids=" ".join,
)
def test_who_is_not_in_a_webhook_that_tells_a_part_was_not_deleted(
    line: Line, absent: tuple[str, ...]
) -> None:
    """A payload of somebody's own choice says that something changed; the record is read."""
    joined(line)
    customer = line.customer(
        "Quay Traders Ltd", contact_persons=[person("Ann", "Ferry", email="ann@ferry.example")]
    )
    line.settle()
    line.forget_calls()
    line.zoho.book.save({"notes": "pays late"}, customer)
    line.clock.advance(3_000)
    line.receive([told_in_part(line, *absent, notes="something else")])
    line.settle()
    assert [contact["LastName"] for contact in line.contacts] == ["Ferry"]
    account = line.in_salesforce("Account", line.partner(customer))
    assert account["Description"] == "pays late", "what stands there, not what was sent"
    assert [call.kind for call in line.zoho.calls.made] == ["read"]
    assert_agreement(line)


def test_a_webhook_in_part_about_what_is_known_makes_no_call(line: Line) -> None:
    _, customer = joined(line)
    line.zoho.book.save({"notes": "pays late"}, customer)
    early = told_in_part(line, "contact_persons")
    line.clock.advance(5_000)
    line.zoho.book.save({"notes": "pays in time"}, customer)
    line.settle()
    line.forget_calls()
    line.receive([early])
    line.settle()
    assert line.zoho.calls.made == []
    assert line.accounts[0]["Description"] == "pays in time"


def test_a_new_customer_told_in_part_is_read_and_made(line: Line) -> None:
    joined(line)
    customer = line.customer("Quay Traders Ltd", contact_persons=[person("Ann", "Ferry")])
    line.receive([told_in_part(line, "contact_persons", "billing_address")])
    line.settle()
    assert line.in_salesforce("Account", line.partner(customer))["Name"] == "Quay Traders Ltd"
    assert [contact["LastName"] for contact in line.contacts] == ["Ferry"]
    assert_agreement(line)
