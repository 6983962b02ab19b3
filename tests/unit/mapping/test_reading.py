"""Native images read into canonical fields."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.canonical.values import Json, Side
from integration.errors import DependencyMissing
from integration.mapping import NoLookups
from tests.unit.mapping.sample import mapping, read

M = mapping()


def test_missing_is_absent_and_blank_is_empty() -> None:
    reading = read(M, Side.SALESFORCE, "Account", {"Name": "Acme", "Website": None, "Phone": ""})
    assert reading.fields == {"name": "Acme", "website": None, "phone": None}
    assert reading.problems == ()


def test_only_what_was_touched_is_read() -> None:
    image: dict[str, Json] = {"Name": "Acme", "Website": "acme.example", "BillingCity": "Bristol"}
    assert read(M, Side.SALESFORCE, "Account", image, ["BillingCity", "OwnerId"]).fields == {
        "billing_address.city": "Bristol"
    }
    assert read(M, Side.SALESFORCE, "Account", image, []).fields == {}


def test_a_joined_field_is_read_when_any_part_was_touched() -> None:
    image: dict[str, Json] = {"AccountId": None, "FirstName": "Jane", "LastName": "Doe"}
    assert read(M, Side.SALESFORCE, "Contact", image, ["LastName"]).fields == {
        "name": "Jane Doe",
        "primary_person.last_name": "Doe",
    }


def test_a_joined_field_is_absent_while_a_part_is_unknown() -> None:
    image: dict[str, Json] = {"AccountId": None, "LastName": "Doe"}
    assert read(M, Side.SALESFORCE, "Contact", image).fields == {"primary_person.last_name": "Doe"}


def test_two_lines_of_a_street_are_one_field() -> None:
    image: dict[str, Json] = {
        "billing_address.address": " 12 High St\r\n",
        "billing_address.street2": "Floor 2",
    }
    assert read(M, Side.ZOHO, "contact", image).fields == {"billing_address.street": "12 High St\nFloor 2"}
    assert read(M, Side.ZOHO, "contact", {**image, "billing_address.address": None}).fields == {
        "billing_address.street": "Floor 2",
    }


@pytest.mark.parametrize(
    ("contact_name", "first", "last"),
    [
        ("Jane Doe", "Jane", "Doe"),
        ("Cher", None, "Cher"),
        ("María José García", "María José", "García"),
        ("Jane Doe (jane@example.org)", "Jane", "Doe"),
        ("محمد  علي", "محمد", "علي"),
    ],
)
def test_an_individual_known_by_contact_name_alone(contact_name: str, first: str | None, last: str) -> None:
    image: dict[str, Json] = {
        "customer_sub_type": "individual",
        "contact_name": contact_name,
        "primary_person.first_name": None,
        "primary_person.last_name": None,
    }
    fields = read(M, Side.ZOHO, "contact", image).fields
    assert fields["primary_person.first_name"] == first
    assert fields["primary_person.last_name"] == last
    assert fields["name"] == " ".join(part for part in (first, last) if part)


def test_names_of_the_person_stand_over_the_contact_name() -> None:
    image: dict[str, Json] = {
        "customer_sub_type": "individual",
        "contact_name": "Dr. Jane Doe",
        "primary_person.first_name": "Jane",
        "primary_person.last_name": None,
    }
    assert read(M, Side.ZOHO, "contact", image).fields == {
        "name": "Dr. Jane Doe",
        "primary_person.first_name": "Jane",
        "primary_person.last_name": None,
    }


def test_a_name_is_left_out_while_the_condition_of_its_rule_is_unknown() -> None:
    image: dict[str, Json] = {"customer_sub_type": "individual", "contact_name": "Jane Doe"}
    assert read(M, Side.ZOHO, "contact", image).fields == {"name": "Jane Doe"}


def test_whole_images_know_every_field() -> None:
    image = M.whole_image(
        Side.ZOHO, "contact", {"customer_sub_type": "individual", "contact_name": "Jane Doe"}
    )
    fields = read(M, Side.ZOHO, "contact", image).fields
    assert fields["primary_person.last_name"] == "Doe"
    assert fields["billing_address.city"] is None
    assert set(image) >= set(M.native_fields(Side.ZOHO, "contact"))


def test_values_that_do_not_fit_are_problems_that_show_no_value() -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n"
        "  score: {canonical: custom.score, field: Score__c, type: integer}\n"
        "  stage: {canonical: custom.stage, field: Stage__c, values: {A: first}}\n"
    )
    reading = read(
        m, Side.SALESFORCE, "Account", {"Name": "Acme", "Score__c": "s3cret", "Stage__c": "s3cret"}
    )
    assert reading.fields == {"name": "Acme"}
    assert [(p.field, p.native_field, p.rule, p.where, p.code) for p in reading.problems] == [
        ("custom.score", "Score__c", "score", "pair.yaml:3", "value.unconvertible"),
        ("custom.stage", "Stage__c", "stage", "pair.yaml:4", "value.unknown_choice"),
    ]
    assert "s3cret" not in repr(reading.problems)
    assert all(p.advice for p in reading.problems)


def test_an_image_value_of_no_kind_is_a_problem() -> None:
    [problem] = read(M, Side.SALESFORCE, "Account", {"Name": {"deep": 1}}).problems
    assert problem.code == "value.unconvertible"


def test_an_unknown_status_is_a_problem_not_an_inactive_customer() -> None:
    reading = read(M, Side.ZOHO, "contact", {"status": "frozen"})
    assert reading.fields == {}
    assert reading.problems[0].code == "value.unknown_choice"


@pytest.mark.parametrize(("otherwise", "expected"), [("keep", "other"), ("blank", None)])
def test_value_maps_with_a_policy_for_the_rest(otherwise: str, expected: str | None) -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n"
        f"  x: {{canonical: custom.x, field: X__c, values: {{A: first}}, otherwise: {otherwise}}}\n"
    )
    assert read(m, Side.SALESFORCE, "Account", {"X__c": "A"}).fields == {"custom.x": "first"}
    assert read(m, Side.SALESFORCE, "Account", {"X__c": "other"}).fields == {"custom.x": expected}


def test_look_ups_through_bindings() -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n"
        "  parent: {canonical: custom.parent, field: ParentId, lookup: {entity: customer, record: Account}}\n"
    )
    assert read(m, Side.SALESFORCE, "Account", {"ParentId": "001A"}).fields == {"custom.parent": "7"}
    assert read(m, Side.SALESFORCE, "Account", {"ParentId": None}).fields == {"custom.parent": None}
    with pytest.raises(DependencyMissing) as caught:
        read(m, Side.SALESFORCE, "Account", {"ParentId": "001B"})
    assert (caught.value.side, caught.value.entity, caught.value.record_id) == (
        "salesforce",
        "Account",
        "001B",
    )


def test_look_ups_through_a_table() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n"
        "  x: {canonical: custom.x, field: cf_x, lookup: {table: zoho_currency}}\n"
    )
    assert read(m, Side.ZOHO, "contact", {"cf_x": 9701}).fields == {"custom.x": "EUR"}
    [problem] = read(m, Side.ZOHO, "contact", {"cf_x": "1"}).problems
    assert problem.code == "value.not_in_table"


def test_conditions_choose_between_rules() -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n"
        "  s: {canonical: website, field: Site, when_reading: {field: Website, op: blank}, direction: in}\n"
    )
    assert read(m, Side.SALESFORCE, "Account", {"Website": "a.example", "Site": "b.example"}).fields == {
        "website": "a.example"
    }
    assert read(m, Side.SALESFORCE, "Account", {"Website": None, "Site": "b.example"}).fields == {
        "website": "b.example"
    }
    assert read(m, Side.SALESFORCE, "Account", {"Site": "b.example"}).fields == {}


def test_numbers_as_text_and_text_as_numbers() -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n  n: {canonical: custom.n, field: N__c, type: text}\n"
        "---\nrecord: zoho_contact\nrules:\n  n: {canonical: custom.n, field: cf_n, type: decimal}\n"
    )
    assert read(m, Side.SALESFORCE, "Account", {"N__c": " 12.50 "}).fields == {"custom.n": Decimal("12.50")}
    assert read(m, Side.ZOHO, "contact", {"cf_n": {"$decimal": "12.5"}}).fields == {
        "custom.n": Decimal("12.5")
    }
    assert m.to_native(
        Side.SALESFORCE, "customer", "business", {"custom.n": Decimal("12.50")}, {}, NoLookups()
    ).fields == {
        "N__c": "12.50",
    }


def test_a_concatenation_of_several_fields_one_way() -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n  all:\n    canonical: custom.all\n    direction: in\n"
        "    concatenate: {fields: [A__c, B__c, C__c], separator: ' / '}\n"
    )
    assert read(m, Side.SALESFORCE, "Account", {"A__c": "1", "B__c": None, "C__c": "3"}).fields == {
        "custom.all": "1 / 3"
    }
