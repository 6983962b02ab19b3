"""Canonical records and their flat form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from integration.canonical.customer import Address, Customer, Person
from integration.canonical.reference import Reference
from integration.mapping import default_documents


def test_flat_and_back() -> None:
    fields = {
        "name": "Acme",
        "website": None,
        "billing_address.city": "Bristol",
        "primary_person.email": "j@x.de",
        "custom.region": "North",
        "custom.score": Decimal("1.5"),
        "is_active": True,
    }
    customer = Customer.unflatten(fields)
    assert customer.billing_address == Address(city="Bristol")
    assert customer.primary_person == Person(email="j@x.de")
    assert customer.flatten() == fields


def test_absent_is_not_empty() -> None:
    assert Customer.unflatten({"website": None}).flatten() == {"website": None}
    assert Customer().flatten() == {}


def test_records_are_frozen_and_strict() -> None:
    with pytest.raises(ValidationError):
        Customer.unflatten({"nmae": "Acme"})
    with pytest.raises(ValidationError):
        Customer(name="Acme").name = "Other"  # type: ignore[misc]


def test_full_name() -> None:
    assert Person(first_name="Jane", last_name="Doe").full_name == "Jane Doe"
    assert Person(last_name="Doe").full_name == "Doe"


@pytest.mark.parametrize(("record", "file"), [(Customer, "customer"), (Person, "person")])
def test_the_mapping_and_the_records_know_the_same_fields(record: type[Customer | Person], file: str) -> None:
    document = next(d for d in default_documents() if d.tree.get("canonical") == file)
    declared = document.tree["fields"]
    assert isinstance(declared, dict)
    for name in declared:
        value = True if name.startswith("is_") else "x"
        assert record.unflatten({name: value}).flatten() == {name: value}


def test_references() -> None:
    reference = Reference(entity="customer", key="a:7")
    assert Reference.parse(str(reference)) == reference
    for text in ("customer", "Customer:7", "customer:"):
        with pytest.raises(ValueError, match=r"reference|entity|key"):
            Reference.parse(text)
