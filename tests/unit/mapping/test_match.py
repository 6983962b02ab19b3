"""Who is the same customer: strong evidence joins, plausible likeness asks, the rest is new."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from integration.canonical.values import Fields
from integration.policy.match import Likeness, choose, judge, judge_person, name_likeness
from integration.sandbox.names import Company, NameSource
from integration.sandbox.typing_differences import NAME_DIFFERENCES, written_name, written_phone

ACME: Fields = {
    "name": "Acme Tools Ltd",
    "website": "https://acme.example",
    "phone": "+44 20 7946 0018",
    "billing_address.city": "Bristol",
    "billing_address.zip": "BS1 4DJ",
    "billing_address.street": "12 High St",
}


def business(left: Fields, right: Fields) -> Likeness:
    return judge(left, right, "business", "business")


def test_typing_differences_do_not_matter() -> None:
    likeness = business(
        ACME,
        {**ACME, "name": "ACME-TOOLS LIMITED", "phone": "0044 (20) 79460018", "website": "www.acme.example/"},
    )
    assert likeness.strong
    assert likeness.reasons == (
        "same name",
        "same phone",
        "same domain",
        "same street",
        "same zip",
        "same city",
    )
    assert likeness.contradictions == ()


@pytest.mark.parametrize(
    ("left", "right", "strong"),
    [
        ({"email": "a@acme.example"}, {"email": "A@acme.example"}, True),
        ({"phone": "020 7946 0018"}, {"phone": "+44 20 79460018"}, True),
        ({"website": "acme.example"}, {"persons.0.email": "x@acme.example"}, True),
        ({"billing_address.city": "Bristol"}, {"billing_address.city": "BRISTOL"}, True),
        ({"billing_address.zip": "BS1 4DJ"}, {"billing_address.zip": "bs14dj"}, True),
        ({}, {}, False),
        ({"billing_address.city": "Bristol"}, {"billing_address.city": "Bath"}, False),
        (
            {"email": "a@gmail.com", "phone": "0207946001"},
            {"email": "b@gmail.com", "phone": "0307946999"},
            False,
        ),
    ],
)
def test_the_same_name_needs_something_else(left: Fields, right: Fields, strong: bool) -> None:
    likeness = business({"name": "Acme Tools Ltd", **left}, {"name": "Acme Tools", **right})
    assert likeness.strong is strong
    assert choose([("1", likeness)]).kind == ("one" if strong else "ambiguous")


@pytest.mark.parametrize("name", ["Acme Tols", "Acme Toosl", "Acmee Tools", "AcmeTool", "Tools Acme"])
def test_a_slip_of_typing_with_an_identifier_is_strong_without_one_it_is_not(name: str) -> None:
    known: Fields = {"name": name, "billing_address.city": "Bristol"}
    assert business(ACME, {**known, "website": "acme.example"}).strong
    assert not business(ACME, known).strong


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Northwind Traders Berlin", "Northwind Traders Munich"),
        ("Store 12", "Store 13"),
        ("Acme North", "Acme South"),
        ("Northwind", "Southwind"),
        ("Test Customer 101", "Test Customer 102"),
        ("Kim Ltd", "Lim Ltd"),
        ("Acme", "Acme Trading"),
    ],
)
def test_other_names_are_never_strong_whatever_they_share(left: str, right: str) -> None:
    likeness = business({**ACME, "name": left}, {**ACME, "name": right})
    assert not likeness.strong
    assert choose([("1", likeness)]).kind != "one"


def test_a_business_and_an_individual_are_not_joined() -> None:
    likeness = judge(
        {"name": "Jane Doe", "email": "j@x.example"},
        {"name": "Jane Doe", "email": "j@x.example"},
        "business",
        "individual",
    )
    assert not likeness.strong
    assert likeness.contradictions == ("a business and an individual",)
    assert choose([("1", likeness)]).kind == "ambiguous"


def test_one_mailbox_under_two_names_is_for_a_person() -> None:
    likeness = business(
        {"name": "Acme", "persons.0.email": "jo@gmail.com"},
        {"name": "Zenith", "persons.3.email": "jo@gmail.com"},
    )
    assert not likeness.strong
    assert choose([("1", likeness)]).kind == "ambiguous"


def test_a_shared_switchboard_alone_is_nothing() -> None:
    likeness = business(
        {"name": "Acme", "phone": "020 7946 0018"}, {"name": "Zenith", "phone": "020 7946 0018"}
    )
    assert choose([("1", likeness)]).kind == "none"


JANE: Fields = {"name": "Jane Doe", "primary_person.first_name": "Jane", "primary_person.last_name": "Doe"}


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ({"primary_person.email": "j@gmail.com"}, {"primary_person.email": "J@GMAIL.com"}, "one"),
        ({"primary_person.mobile": "07700 900123"}, {"primary_person.phone": "+44 7700 900123"}, "one"),
        ({"billing_address.zip": "BS1"}, {"billing_address.zip": "BS1"}, "one"),
        ({"billing_address.city": "London"}, {"billing_address.city": "London"}, "ambiguous"),
        ({}, {}, "ambiguous"),
        ({"primary_person.email": "j@gmail.com"}, {"primary_person.email": "jd@gmail.com"}, "ambiguous"),
        (
            {"primary_person.email": "j@gmail.com", "billing_address.city": "London"},
            {"primary_person.email": "jd@gmail.com", "billing_address.city": "Leeds"},
            "none",
        ),
        ({"primary_person.email": "j@acme.example"}, {"primary_person.email": "k@acme.example"}, "ambiguous"),
    ],
)
def test_individuals(left: Fields, right: Fields, verdict: str) -> None:
    likeness = judge({**JANE, **left}, {**JANE, "name": "Doe, Jane", **right}, "individual", "individual")
    assert choose([("1", likeness)]).kind == verdict


def test_colleagues_are_not_one_individual() -> None:
    other: Fields = {"name": "John Roe", "primary_person.email": "k@acme.example"}
    likeness = judge({**JANE, "primary_person.email": "j@acme.example"}, other, "individual", "individual")
    assert choose([("1", likeness)]).kind == "none"


def test_choosing_among_several() -> None:
    sure = Likeness(1.2, (), strong=True)
    also = Likeness(1.1, (), strong=True)
    near = Likeness(1.05, (), strong=False)
    far = Likeness(0.6, (), strong=False)
    unlike = Likeness(0.3, (), strong=False)
    assert choose([]).kind == "none"
    assert choose([("1", unlike)]).kind == "none"
    assert choose([("1", far), ("2", sure), ("3", unlike)]).id == "2"
    assert choose([("1", near), ("2", sure)]).ids == ("2", "1")
    assert choose([("1", near), ("2", sure)]).kind == "ambiguous"
    assert choose([("1", also), ("2", sure)]).ids == ("2", "1")
    assert choose([("1", far)]).kind == "ambiguous"


@pytest.mark.parametrize(
    ("left", "right", "strong"),
    [
        ({"first_name": "Jane", "last_name": "Doe"}, {"first_name": "JANE", "last_name": "Doe"}, True),
        (
            {"last_name": "Doe", "email": "j@x.de"},
            {"first_name": "Jane", "last_name": "Doe", "email": "j@x.de"},
            True,
        ),
        (
            {"first_name": "J.", "last_name": "Doe", "email": "j@x.de"},
            {"first_name": "Jane", "last_name": "Doe", "email": "J@x.de"},
            True,
        ),
        (
            {"first_name": "Jane", "last_name": "Deo", "email": "j@x.de"},
            {"first_name": "Jane", "last_name": "Doe", "email": "j@x.de"},
            True,
        ),
        (
            {"first_name": "Rosa", "last_name": "Perreira", "email": "r@x.de"},
            {"first_name": "Rosa", "last_name": "Pereira", "email": "r@x.de"},
            True,
        ),
        ({"email": "info@x.de"}, {"first_name": "Jane", "last_name": "Doe", "email": "info@x.de"}, True),
        (
            {"first_name": "John", "last_name": "Roe", "email": "info@x.de"},
            {"first_name": "Jane", "last_name": "Doe", "email": "info@x.de"},
            False,
        ),
        (
            {"first_name": "Jane", "last_name": "Doe", "phone": "0207946001"},
            {"first_name": "John", "last_name": "Roe", "phone": "0207946001"},
            False,
        ),
        ({"phone": "0207946001"}, {"phone": "0207946001"}, False),
        ({}, {}, False),
    ],
)
def test_persons_of_one_customer(left: Fields, right: Fields, strong: bool) -> None:
    assert judge_person(left, right).strong is strong
    assert judge_person(right, left).strong is strong


def test_name_likeness_is_symmetric_and_bounded() -> None:
    names = [
        ["acme"],
        ["acme", "tools"],
        ["tools", "acme"],
        ["acme", "tolls"],
        ["store", "12"],
        ["store", "13"],
        [],
    ]
    for left in names:
        for right in names:
            assert 0.0 <= name_likeness(left, right) <= 1.0
            assert name_likeness(left, right) == name_likeness(right, left)


def fields_of(company: Company, name: str, rng: random.Random, *, with_identifiers: bool) -> Fields:
    place: Fields = {
        "name": name,
        "billing_address.city": company.place.city,
        "billing_address.zip": company.zip_code,
        "billing_address.street": company.street,
    }
    if not with_identifiers:
        return place
    people = {f"persons.{n}.email": person.email for n, person in enumerate(company.people)}
    return {**place, "website": company.website, "phone": written_phone(company.digits, rng), **people}


@pytest.mark.parametrize("with_identifiers", [True, False])
@pytest.mark.parametrize("difference", NAME_DIFFERENCES)
def test_generated_companies_find_their_own_record_and_no_other(
    difference: str, with_identifiers: bool
) -> None:
    rng = random.Random(difference)
    source = NameSource(11)
    companies = [replace(company) for company in (source.company(2) for _ in range(60))]
    there = [
        fields_of(company, written_name(company, difference, rng), rng, with_identifiers=with_identifiers)
        for company in companies
    ]
    for number, company in enumerate(companies):
        here = fields_of(company, company.name, rng, with_identifiers=with_identifiers)
        verdict = choose([(str(n), business(here, other)) for n, other in enumerate(there)])
        assert (verdict.kind, verdict.id) == ("one", str(number))


def test_generated_companies_that_are_new_are_new() -> None:
    rng = random.Random(5)
    source = NameSource(12)
    companies = [source.company(1) for _ in range(120)]
    fields = [fields_of(company, company.name, rng, with_identifiers=True) for company in companies]
    for here in fields[:60]:
        assert choose([(str(n), business(here, other)) for n, other in enumerate(fields[60:])]).kind == "none"


def test_a_shared_number_outweighs_what_has_moved() -> None:
    moved: Fields = {**ACME, "website": "acme-group.example", "billing_address.city": "Bath"}
    assert business(ACME, moved).strong
    assert business(ACME, moved).contradictions == ()
    other = business(ACME, {**moved, "phone": "0117 4960 0001"})
    assert not other.strong
    assert other.contradictions == ("another domain", "another phone", "another city")
