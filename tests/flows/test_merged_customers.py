"""Salesforce merges where only the loser is joined, or where somebody is at work on one of the two."""

from __future__ import annotations

from collections.abc import Sequence

from integration.canonical.outcome import BindingState
from tests.flows.agreement import assert_agreement
from tests.flows.during import during
from tests.flows.line import Line
from tests.flows.people import family, joined, persons


def states(line: Line) -> Sequence[str]:
    """States of all customers."""
    return sorted(row.state.value for row in line.bindings() if row.entity == "customer")


def test_a_winner_nobody_knew_takes_over_the_customer_with_its_persons(line: Line) -> None:
    account, ann, bo, customer = family(line)
    known = {last: person["contact_person_id"] for last, person in persons(line, customer).items()}
    winner = line.account("Winner Works", Phone="+44 20 7946 1111")
    line.salesforce.org.merge("Account", winner, account)
    line.settle()
    assert [found["contact_id"] for found in line.customers] == [customer]
    assert line.in_zoho(customer)["contact_name"] == "Winner Works"
    now = {last: person["contact_person_id"] for last, person in persons(line, customer).items()}
    assert now == known
    assert (line.partner(winner), line.partner(ann), line.partner(bo)) == (
        customer,
        known["Ferry"],
        known["Sample"],
    )
    assert states(line) == [BindingState.ACTIVE.value, BindingState.ALIAS.value]
    assert_agreement(line)


def test_persons_of_the_loser_that_were_not_told_yet_go_along(line: Line) -> None:
    """The loser's delete may be read before its Contacts are told to have moved."""
    account, ann, _, customer = family(line)
    winner = line.account("Winner Works", Phone="+44 20 7946 1111")
    line.salesforce.org.merge("Account", winner, account)
    line.salesforce.org.log[-4:-1], moves = [], line.salesforce.org.log[-4:-1]
    line.settle()
    assert persons(line, customer).keys() == {"Ferry", "Sample"}
    line.salesforce.org.log.extend(moves)
    line.settle()
    line.salesforce.org.edit("Contact", {"Title": "Miller"}, ann)
    line.settle()
    assert persons(line, customer)["Ferry"]["designation"] == "Miller"
    assert_agreement(line)


def test_a_customer_that_waits_for_its_heir_is_not_put_away(line: Line) -> None:
    """The winner is being created just now: until that is over the loser's customer stays as it is."""
    account, _ = joined(line)
    winner = line.account("Winner Works", Phone="+44 20 7946 1111")

    def merge() -> None:
        line.salesforce.org.merge("Account", winner, account)
        for _ in range(4):
            line.listen()
            line.work()
            line.clock.advance(1_000)
        assert [found["status"] for found in line.customers] == ["active"]

    during(line.zoho, "write", "create contact", merge)
    line.settle()
    assert line.in_zoho(line.partner(winner))["status"] == "active"
    assert sum(found["status"] == "active" for found in line.customers) == 1
    assert_agreement(line)


def test_merges_in_a_row_heard_backwards_end_at_the_last_winner(line: Line) -> None:
    """The middle one hands its customer on before it is told that it had won an earlier merge."""
    first, away = joined(line)
    middle, kept = joined(line, "Quay Traders Ltd")
    last = line.account("Winner Works", Phone="+44 20 7946 1111")
    line.salesforce.org.merge("Account", middle, first)
    log, earlier = line.salesforce.org.log, line.salesforce.org.log[-1:]
    log.pop()
    line.salesforce.org.merge("Account", last, middle)
    line.settle()
    log += earlier
    line.settle()
    assert (line.partner(last), line.in_zoho(kept)["status"]) == (kept, "active")
    assert line.in_zoho(away)["status"] == "inactive"
    assert_agreement(line)


def test_a_winner_that_was_deleted_puts_the_customer_it_took_over_away(line: Line) -> None:
    loser, customer = joined(line)
    winner = line.account("Winner Works", Phone="+44 20 7946 1111")
    line.salesforce.org.merge("Account", winner, loser)
    log, lost = line.salesforce.org.log, line.salesforce.org.log[-1:]
    log.pop()
    line.salesforce.org.delete("Account", winner)
    line.settle()
    log += lost
    line.settle()
    assert line.in_zoho(customer)["status"] == "inactive"
    assert_agreement(line)


def test_a_loser_taken_out_of_the_bin_has_its_customer_again(line: Line) -> None:
    winner, _ = joined(line)
    loser, away = joined(line, "Quay Traders Ltd")
    line.salesforce.org.merge("Account", winner, loser)
    line.settle()
    line.salesforce.org.undelete("Account", loser)
    line.settle()
    assert (line.partner(loser), line.in_zoho(away)["status"]) == (away, "active")
    assert_agreement(line)


def test_a_loser_taken_out_of_the_bin_has_no_persons_whose_contacts_stayed_with_the_winner(
    line: Line,
) -> None:
    """They stayed with its customer while that was put away."""
    winner, kept = joined(line, "Winner Works")
    loser, _ann, _bo, away = family(line)
    line.salesforce.org.merge("Account", winner, loser)
    line.settle()
    assert persons(line, kept).keys() == persons(line, away).keys() == {"Ferry", "Sample"}
    line.salesforce.org.undelete("Account", loser)
    line.settle()
    assert line.in_zoho(away)["status"] == "active"
    assert persons(line, away) == {}
    assert persons(line, kept).keys() == {"Ferry", "Sample"}
    assert_agreement(line)


def test_a_winner_of_two_merges_takes_one_customer_over_and_the_other_is_put_away(line: Line) -> None:
    """Both losers are heard of in the same moment, and the winner has no customer of its own."""
    first, one = joined(line)
    second, other = joined(line, "Quay Traders Ltd")
    winner = line.account("Winner Works", Phone="+44 20 7946 1111")
    line.salesforce.org.merge("Account", winner, first)
    line.salesforce.org.merge("Account", winner, second)
    line.listen()
    line.work()
    line.salesforce.org.edit("Account", {"BillingCity": "Hull"}, winner)  # all three are decided together
    line.settle()
    kept = line.partner(winner)
    assert kept in (one, other)
    assert {c["contact_id"]: c["status"] for c in line.customers} == {
        one: "active" if kept == one else "inactive",
        other: "active" if kept == other else "inactive",
    }
    assert [row["Name"] for row in line.accounts] == ["Winner Works"]
    assert states(line) == [BindingState.ACTIVE.value, BindingState.ALIAS.value, BindingState.ALIAS.value]
    assert_agreement(line)
