"""Updates the other side refuses because another record owns a value: said once, never sent without end."""

from __future__ import annotations

from integration.errors import DuplicateKey
from tests.flows.line import Line
from tests.flows.people import joined

ALWAYS = 1_000


def test_a_unique_value_taken_in_salesforce_is_a_dead_letter(line: Line) -> None:
    account, customer = joined(line)
    line.forget_calls()
    refused = DuplicateKey("salesforce.duplicates_detected", "a duplicate rule found the same record")
    line.salesforce.calls.spoil(refused, times=ALWAYS)
    line.zoho.book.save({"website": "https://other.example"}, customer)
    line.settle()
    assert line.salesforce.calls.writes == 1
    [letter] = line.dead_letters()
    assert letter.code == "salesforce.duplicates_detected"
    assert line.in_salesforce("Account", account)["Website"] != "https://other.example"


def test_a_unique_value_taken_in_zoho_is_a_dead_letter(line: Line) -> None:
    account, _ = joined(line)
    line.forget_calls()
    line.zoho.calls.spoil(DuplicateKey("zoho.duplicate_key", "another record owns a value"), times=ALWAYS)
    line.salesforce.org.edit("Account", {"Website": "https://other.example"}, account)
    line.settle()
    assert line.zoho.calls.writes == 1
    [letter] = line.dead_letters()
    assert letter.code == "zoho.duplicate_key"


def test_a_taken_name_is_left_out_and_the_rest_arrives(line: Line) -> None:
    account, customer = joined(line)
    line.customer("Taken Ltd")
    line.settle()
    line.salesforce.org.edit("Account", {"Name": "Taken Ltd", "Website": "https://other.example"}, account)
    line.settle()
    found = line.in_zoho(customer)
    assert (found["contact_name"], found["website"]) == ("Harbour Mills Ltd", "https://other.example")
    [case] = line.exceptions()
    assert case.kind == "name taken"


def test_a_unique_value_taken_beside_a_name_is_tried_without_the_name_and_then_left(line: Line) -> None:
    account, _ = joined(line)
    line.forget_calls()
    line.zoho.calls.spoil(DuplicateKey("zoho.duplicate_key", "another record owns a value"), times=ALWAYS)
    line.salesforce.org.edit("Account", {"Name": "Taken Ltd", "Website": "https://other.example"}, account)
    line.settle()
    assert line.zoho.calls.writes == 2
    assert [letter.code for letter in line.dead_letters()] == ["zoho.duplicate_key"]
