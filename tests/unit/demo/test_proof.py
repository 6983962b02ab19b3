"""The demo's own proof goes red for everything it claims to rule out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from integration.demo.life import Life
from integration.demo.proof import Books, Check, World, check_world
from integration.demo.report import Report
from integration.flows.reconcile import Difference, Proof
from tests.unit.demo.sample import account, customer, truth

OURS, THEIRS = "001S00000000000AAA", "34000000"
OTHER = "34000001"
CASE = {"001A00000000001AAA", "37000001", "37000002"}


def world(accounts: list[dict[str, Any]], customers: list[dict[str, Any]]) -> World:
    return World({a["Id"]: a for a in accounts}, {}, {c["contact_id"]: c for c in customers})


def books(partners: dict[str, str], *, asked: set[str] | None = None, known: set[str] | None = None) -> Books:
    everything = {*partners, *partners.values(), *CASE}
    return Books(partners, CASE if asked is None else asked, set(), everything if known is None else known)


def checked(world_: World, books_: Books, gone: set[str] | None = None) -> Check:
    return check_world(truth(shared=1), books_, world_, gone or set())


GOOD = world([account(OURS)], [customer(THEIRS)])


def test_a_right_join_with_equal_values_holds() -> None:
    check = checked(GOOD, books({OURS: THEIRS}))
    assert check.holds
    assert check.joined == 1
    assert check.told == 3


def test_a_wrong_join_is_found() -> None:
    assert "is joined to 34000001" in checked(GOOD, books({OURS: OTHER})).wrong_joins[0]


def test_a_missing_join_is_found_unless_a_person_was_asked_or_the_record_is_gone() -> None:
    assert checked(GOOD, books({})).wrong_joins
    assert not checked(GOOD, books({}, asked={OURS, *CASE})).wrong_joins
    assert not checked(GOOD, books({}), gone={OURS}).wrong_joins


def test_an_ambiguous_case_nobody_was_asked_about_is_found() -> None:
    assert "nobody was asked" in checked(GOOD, books({OURS: THEIRS}, asked=set())).wrong_joins[0]


def test_one_key_on_two_records_is_a_duplicate() -> None:
    twins = [customer(i, cf_salesforce_id=OURS) for i in (THEIRS, OTHER)]
    assert (
        "2 records of zoho carry"
        in checked(world([account(OURS)], twins), books({OURS: THEIRS})).duplicates[0]
    )


@pytest.mark.parametrize("key", [OURS, "001A00000000001AAA"])
def test_a_copy_of_somebody_the_other_system_knew_is_a_duplicate(key: str) -> None:
    """Whether both knew it for certain, or nobody could say."""
    made = customer("99000001", "Acme Ltd (2)", cf_salesforce_id=key)
    check = checked(world([account(OURS)], [customer(THEIRS), made]), books({OURS: THEIRS}))
    assert check.duplicates == [f"zoho 99000001 is a second copy of {key}"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"contact_name": "Acme"}, "name"),
        ({"billing_address": {"phone": "99"}}, "phone"),
        ({"billing_address": {"phone": "0031201", "city": "Leeds"}}, "city"),
        ({"website": "https://other.example.com"}, "web site"),
    ],
)
def test_different_values_are_found_without_our_books(changed: dict[str, Any], field: str) -> None:
    check = checked(world([account(OURS)], [customer(THEIRS, **changed)]), books({OURS: THEIRS}))
    assert check.unequal[0].startswith(f"{field} of {OURS}")


def test_a_record_we_know_nothing_of_is_found() -> None:
    stranger = customer("99000002", contact_persons=[{"contact_person_id": "99000003"}])
    check = checked(world([account(OURS)], [customer(THEIRS), stranger]), books({OURS: THEIRS}))
    assert check.unseen == ["99000002", "99000003"]


def report(**changed: Any) -> Report:
    life = Life([])
    life.made["edit"] = 300
    facts: dict[str, Any] = {
        "proof": Proof(), "check": Check(), "life": life, "outcomes": {"written": 4, "echo": 3}, "echo_writes": 0,
        "api_calls": {"zoho": 5, "salesforce": 2}, "webhooks": {}, "restarts": {}, "limits": "", "seconds": 1.0,
    }  # fmt: skip
    return Report(**{**facts, **changed})


def test_a_good_report_holds_and_its_outcomes_sum_up() -> None:
    told = report().to_json()
    assert told["holds"] is True
    assert told["events_accepted"] == sum(dict(told["outcomes"]).values()) == 7  # type: ignore[arg-type]
    assert told["api_calls"] == {"salesforce": 2, "zoho": 5}


@pytest.mark.parametrize(
    "changed",
    [
        {"proof": Proof(differences=[Difference(1, 1, "customer", "1", "2", "field name")])},
        {"proof": Proof(duplicates=["twice"])},
        {"check": Check(wrong_joins=["x"])},
        {"check": Check(duplicates=["x"])},
        {"check": Check(unequal=["x"])},
        {"check": Check(unseen=["x"])},
        {"echo_writes": 1},
        {"outcomes": {"waiting": 1}},
        {"life": Life([], made=Counter({"edit": 299}))},
    ],
)
def test_each_broken_promise_breaks_the_proof(changed: dict[str, Any]) -> None:
    assert not report(**changed).holds
    assert report(**changed).to_json()["reasons"]


def test_a_difference_with_a_reason_does_not() -> None:
    why = Difference(1, 1, "customer", "1", "2", "field name", "dead letter 1: zoho.too_long")
    assert report(proof=Proof(differences=[why])).holds
