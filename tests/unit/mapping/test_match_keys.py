"""Keys under which equal records find each other."""

from __future__ import annotations

import re

from integration.canonical.values import Fields
from integration.mapping.match_keys import match_keys

ACME: Fields = {
    "name": "Acme Tools GmbH & Co. KG",
    "website": "https://www.acme-tools.example/shop",
    "phone": "+49 (30) 1234-567",
    "persons.0.email": "Jo@acme-tools.example",
    "persons.1.email": "jo@gmail.com",
    "notes": "x@y.zz",
}


def test_keys_hold_no_personal_data() -> None:
    keys = match_keys("customer", "business", ACME)
    assert {key.partition(":")[0] for key in keys} == {"email", "phone", "domain", "name"}
    assert all(re.fullmatch(r"[a-z]+:[0-9a-f]{16}", key) for key in keys)


def test_writing_differently_gives_the_same_keys() -> None:
    other: Fields = {
        "name": "ACME  TOOLS",
        "website": "acme-tools.example",
        "phone": "0049301234567",
        "email": "jo@ACME-tools.example",
        "primary_person.email": "JO@gmail.com",
    }
    assert match_keys("customer", "business", ACME) == match_keys("customer", "business", other)


def test_shared_domains_and_short_numbers_are_no_keys() -> None:
    assert (
        match_keys(
            "customer", "business", {"website": "facebook.com/acme", "phone": "110", "email": "no address"}
        )
        == frozenset()
    )


def test_individuals_are_not_found_by_domain_but_by_their_name() -> None:
    spoken: Fields = {
        "primary_person.first_name": "Jane",
        "primary_person.last_name": "Doe",
        "primary_person.email": "j@acme.example",
    }
    keys = match_keys("customer", "individual", spoken)
    assert {key.partition(":")[0] for key in keys} == {"email", "name"}
    assert keys & match_keys("customer", "individual", {"name": "Doe, Jane"})
    assert keys == match_keys(
        "person", "", {"first_name": "JANE", "last_name": "Doe", "email": "J@acme.example"}
    )


def test_nothing_known_gives_no_key() -> None:
    assert match_keys("customer", "business", {"name": None, "website": ""}) == frozenset()
