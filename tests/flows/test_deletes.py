"""Deletes and merges: what becomes of the other side's record."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import BindingState
from integration.canonical.values import Side
from integration.policy.plan import DeletePolicy
from tests.flows.agreement import assert_agreement, assert_ended
from tests.flows.databases import MakesLine
from tests.flows.line import Line
from tests.flows.people import family, individual, joined, persons


def states(line: Line) -> list[BindingState]:
    """States of all customers."""
    return sorted(
        (row.state for row in line.bindings() if row.entity == "customer"), key=lambda state: state.value
    )


def test_a_deleted_account_puts_its_customer_away(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    assert states(line) == [BindingState.TOMBSTONE]
    assert_agreement(line)


def test_a_deleted_customer_puts_its_account_away(line: Line) -> None:
    account, customer = joined(line)
    line.zoho.book.delete(customer)
    line.settle()
    assert line.in_salesforce("Account", account)["Is_Active__c"] is False
    assert states(line) == [BindingState.TOMBSTONE]
    assert_agreement(line)


def test_a_deleted_contact_puts_its_individual_away(line: Line) -> None:
    contact, customer = individual(line)
    line.salesforce.org.delete("Contact", contact)
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    assert_agreement(line)


def test_a_deleted_family(line: Line) -> None:
    """The Contacts go with their Account; the customer is put away, its persons are not touched one by
    one.
    """
    account, _, _, customer = family(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    assert_ended(line)


def test_a_tombstone_is_not_made_again(line: Line) -> None:
    account, customer = joined(line)
    line.zoho.book.delete(customer)
    line.settle()
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0009"}, account)
    line.settle()
    assert line.customers == []
    assert_ended(line)


def test_a_delete_before_the_create_was_sent_cancels_it(line: Line) -> None:
    account = line.account()
    line.listen()
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.customers == []
    assert_ended(line)


def test_a_delete_on_both_sides(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    line.zoho.book.delete(customer)
    line.settle()
    assert states(line) == [BindingState.TOMBSTONE]
    assert_agreement(line)


def test_deletes_may_be_kept_apart(make_line: MakesLine) -> None:
    line = make_line()
    line.change(deletes=DeletePolicy(customer="keep"))
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.in_zoho(customer)["status"] == "active"
    assert_ended(line)


def test_deletes_may_delete(make_line: MakesLine) -> None:
    line = make_line()
    line.change(deletes=DeletePolicy(customer="delete"))
    account, _ = joined(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.customers == []
    assert_agreement(line)


def test_a_person_for_an_account_deleted_meanwhile_does_not_hold_the_customer_up(line: Line) -> None:
    """Salesforce says that the parent is gone before the stream does, or with its event still to come."""
    account, customer = joined(line)
    line.zoho.book.add_person(customer, {"first_name": "Ann", "last_name": "Ferry"})
    line.salesforce.org.delete("Account", account)
    line.receive()
    for _ in range(3):
        line.work()
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    assert states(line) == [BindingState.TOMBSTONE]
    assert not line.depths()


def test_an_undeleted_account_brings_its_customer_back(line: Line) -> None:
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    line.salesforce.org.undelete("Account", account)
    line.settle()
    assert_ended(line)
    assert len(line.customers) == 1
    assert line.partner(account) == customer


def test_an_undeleted_account_finds_its_persons_as_they_were(line: Line) -> None:
    """Its return may be told before that of its Contacts: nobody's person is deleted meanwhile."""
    account, ann, _, customer = family(line)
    known = persons(line, customer)
    line.salesforce.org.delete("Account", account)
    line.settle()
    line.salesforce.org.undelete("Account", account)
    line.salesforce.org.log[-2:], contacts = [], line.salesforce.org.log[-2:]
    line.settle()
    line.salesforce.org.log.extend(contacts)
    line.settle()
    assert {p["contact_person_id"] for p in persons(line, customer).values()} == {
        p["contact_person_id"] for p in known.values()
    }
    assert line.partner(ann) == known["Ferry"]["contact_person_id"]
    assert_agreement(line)


def test_a_contact_deleted_while_its_account_was_leaves_no_person_behind(line: Line) -> None:
    account, ann, _, customer = family(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    line.salesforce.org.undelete("Account", account)
    line.salesforce.org.delete("Contact", ann)
    line.settle()
    assert line.in_zoho(customer)["status"] == "active"
    assert persons(line, customer).keys() == {"Sample"}
    assert_agreement(line)


def test_an_undeleted_contact_brings_its_person_back(line: Line) -> None:
    _, ann, _, customer = family(line)
    line.salesforce.org.delete("Contact", ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    line.salesforce.org.undelete("Contact", ann)
    line.settle()
    assert persons(line, customer).keys() == {"Ferry", "Sample"}
    assert line.partner(ann) == persons(line, customer)["Ferry"]["contact_person_id"]
    assert_agreement(line)


def test_a_copy_that_was_put_away_as_a_strangers_is_taken_up_by_its_undeleted_source(line: Line) -> None:
    """The answer to its create was lost, and its source was deleted before it was found."""
    line.zoho.calls.lose_answer("write", "create contact")
    account = line.account()
    line.listen()
    while not line.customers:
        line.work()
    line.salesforce.org.delete("Account", account)
    line.settle()
    [customer] = line.customers
    assert customer["status"] == "inactive"
    line.salesforce.org.undelete("Account", account)
    line.settle()
    assert [(c["contact_id"], c["status"]) for c in line.customers] == [(customer["contact_id"], "active")]
    assert line.partner(account) == customer["contact_id"]
    assert_agreement(line)


def test_an_undeleted_contact_whose_persons_delete_was_not_answered_has_a_person_again(line: Line) -> None:
    _, ann, _, customer = family(line)
    line.zoho.calls.lose_answer("write", "delete contact_person")
    line.salesforce.org.delete("Contact", ann)
    line.settle()
    assert persons(line, customer).keys() == {"Sample"}
    line.salesforce.org.undelete("Contact", ann)
    line.settle()
    assert persons(line, customer).keys() == {"Ferry", "Sample"}
    assert_agreement(line)


def test_an_undeleted_account_is_made_again_where_deletes_delete(make_line: MakesLine) -> None:
    line = make_line()
    line.change(deletes=DeletePolicy(customer="delete"))
    account, customer = joined(line)
    line.salesforce.org.delete("Account", account)
    line.settle()
    line.salesforce.org.undelete("Account", account)
    line.settle()
    [again] = line.customers
    assert again["contact_id"] == line.partner(account) != customer
    assert_agreement(line)


def test_an_undeleted_account_of_a_customer_born_in_zoho_is_made_again_too(make_line: MakesLine) -> None:
    """It carries the key of the customer that was deleted after it, and is no copy of that."""
    line = make_line()
    line.change(deletes=DeletePolicy(customer="delete"))
    customer = line.customer()
    line.settle()
    account = line.partner(customer)
    line.salesforce.org.delete("Account", account)
    line.settle()
    assert line.customers == []
    line.salesforce.org.undelete("Account", account)
    line.settle()
    [again] = line.customers
    assert again["contact_id"] == line.partner(account) != customer
    assert len(line.accounts) == 1
    assert_agreement(line)


@pytest.mark.parametrize("deleted", list(Side))
@pytest.mark.parametrize("born", list(Side))
def test_what_is_deleted_may_be_made_again_wherever_it_was_born(
    make_line: MakesLine, born: Side, deleted: Side
) -> None:
    line = make_line()
    line.change(recreate_deleted=True)
    first = line.account() if born is Side.SALESFORCE else line.customer()
    line.settle()
    [row] = line.bindings()
    if deleted is Side.SALESFORCE:
        line.salesforce.org.delete("Account", row.salesforce_id)
    else:
        line.zoho.book.delete(row.zoho_id)
    line.settle()
    assert first in (row.salesforce_id, row.zoho_id)
    assert [customer["status"] for customer in line.customers] == ["active"]
    assert [account["Is_Active__c"] for account in line.accounts] == [True]
    assert_agreement(line)


# ------------------------------------------------------------------- merges


def test_a_merge_of_two_bound_accounts(line: Line) -> None:
    winner, kept = joined(line)
    loser, away = joined(line, "Harbor Mill")
    line.contact("Ferry", loser, FirstName="Ann")
    line.settle()
    line.salesforce.org.merge("Account", winner, loser, {"Fax": "555 0100 999"})
    line.settle()
    assert line.in_zoho(away)["status"] == "inactive"
    assert line.in_zoho(kept)["billing_address"]["fax"] == "555 0100 999"
    assert persons(line, kept).keys() == {"Ferry"}
    assert states(line) == [BindingState.ACTIVE, BindingState.ALIAS]
    assert_agreement(line)


def test_a_merge_where_the_losers_customer_has_open_documents(line: Line) -> None:
    winner, _ = joined(line)
    loser, away = joined(line, "Harbor Mill")
    line.in_zoho(away)["has_transaction"] = True
    line.salesforce.org.merge("Account", winner, loser)
    line.settle()
    assert line.in_zoho(away)["status"] == "active"
    [case] = line.exceptions()
    assert case.kind == "merge in Zoho"
    assert BindingState.ALIAS in states(line)
    assert not line.depths()


def test_a_merge_into_an_account_that_is_not_bound(make_line: MakesLine) -> None:
    """The winner has no customer of its own: it takes over the loser's."""
    line = make_line()
    loser, customer = joined(line, "Harbor Mill")
    winner = line.account("Quay Traders Ltd")
    line.salesforce.org.merge("Account", winner, loser)
    line.settle()
    assert [c["contact_id"] for c in line.customers] == [customer]
    assert line.partner(winner) == customer
    assert line.in_zoho(customer)["contact_name"] == "Quay Traders Ltd"
    assert_agreement(line)


def test_a_merge_of_an_account_that_is_not_bound(line: Line) -> None:
    winner, customer = joined(line)
    loser = line.account("Quay Traders Ltd")
    line.salesforce.org.merge("Account", winner, loser)
    line.settle()
    assert [c["contact_id"] for c in line.customers if c["status"] == "active"] == [customer]
    assert_agreement(line)


def test_a_merge_of_two_contacts_of_one_account(line: Line) -> None:
    _, ann, bo, customer = family(line)
    line.salesforce.org.merge("Contact", ann, bo)
    line.settle()
    assert persons(line, customer).keys() == {"Ferry"}
    assert_agreement(line)


def test_a_merge_of_two_individuals(line: Line) -> None:
    winner, kept = individual(line)
    loser = line.contact("Sample", FirstName="Bo")
    line.settle()
    away = line.partner(loser)
    line.salesforce.org.merge("Contact", winner, loser)
    line.settle()
    assert line.in_zoho(away)["status"] == "inactive"
    assert line.in_zoho(kept)["status"] == "active"
    assert_agreement(line)
