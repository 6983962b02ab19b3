"""Canonical fields written into native patches."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integration.canonical.values import Fields, Side, Value
from integration.errors import DependencyMissing
from tests.unit.mapping.sample import LOOKUPS, mapping, update

M = mapping()
WHOLE_ADDRESS: Fields = {
    "billing_address.attention": "Jo",
    "billing_address.street": "12 High St\nFloor 2",
    "billing_address.city": "Bristol",
    "billing_address.state": None,
    "billing_address.zip": "BS1",
    "billing_address.country": "UK",
    "phone": "+44 1",
    "fax": None,
    "website": "acme.example",
}


def test_one_changed_field_is_one_native_field() -> None:
    patch = update(
        M, Side.SALESFORCE, "business", {"website": "new.example"}, {"name": "Acme", "website": "old.example"}
    )
    assert patch.fields == {"Website": "new.example"}
    assert patch.carried == {"website"}
    assert patch.problems == ()


def test_a_zoho_address_travels_whole() -> None:
    patch = update(M, Side.ZOHO, "business", {"billing_address.city": "Bath"}, WHOLE_ADDRESS)
    assert patch.fields == {
        "billing_address.attention": "Jo",
        "billing_address.address": "12 High St",
        "billing_address.street2": "Floor 2",
        "billing_address.city": "Bath",
        "billing_address.state": None,
        "billing_address.zip": "BS1",
        "billing_address.country": "UK",
        "billing_address.phone": "+44 1",
        "billing_address.fax": None,
    }
    assert patch.carried == {"billing_address.city"}


def test_what_is_not_known_of_an_address_is_not_made_up() -> None:
    patch = update(M, Side.ZOHO, "business", {"billing_address.city": "Bath"}, {"billing_address.zip": "BS1"})
    assert patch.fields == {"billing_address.city": "Bath", "billing_address.zip": "BS1"}


def test_salesforce_addresses_are_fields_of_their_own() -> None:
    assert update(M, Side.SALESFORCE, "business", {"billing_address.city": "Bath"}, WHOLE_ADDRESS).fields == {
        "BillingCity": "Bath"
    }


@pytest.mark.parametrize(
    ("street", "address", "street2"),
    [
        ("12 High St", "12 High St", None),
        ("a\nb\nc", "a", "b\nc"),
        (None, None, None),
        ("a\r\n\r\n b ", "a", "b"),
    ],
)
def test_streets_split_at_their_first_line(
    street: str | None, address: str | None, street2: str | None
) -> None:
    fields = update(M, Side.ZOHO, "business", {"billing_address.street": street}).fields
    assert (fields["billing_address.address"], fields["billing_address.street2"]) == (address, street2)


def test_a_business_name_is_also_its_company_name_in_zoho() -> None:
    assert update(M, Side.ZOHO, "business", {"name": "Acme"}).fields == {
        "contact_name": "Acme",
        "company_name": "Acme",
    }
    assert update(M, Side.ZOHO, "individual", {"name": "Jane Doe"}).fields == {"contact_name": "Jane Doe"}


@pytest.mark.parametrize(
    ("changed", "desired", "first", "last"),
    [
        (
            {"name": "Jane van Dyk"},
            {"primary_person.first_name": "Jane", "primary_person.last_name": "van Dyk"},
            "Jane",
            "van Dyk",
        ),
        (
            {"name": "Jane Smith"},
            {"primary_person.first_name": "Jane", "primary_person.last_name": "Doe"},
            "Jane",
            "Smith",
        ),
        ({"name": "Cher"}, {}, None, "Cher"),
        ({"name": "Jane Doe (jane@example.org)"}, {}, "Jane", "Doe"),
        (
            {"name": "Jane Doe", "primary_person.last_name": "Roe"},
            {"primary_person.first_name": "Jane"},
            "Jane",
            "Roe",
        ),
        (
            {"name": "Cher", "primary_person.first_name": "Cher", "primary_person.last_name": None},
            {},
            None,
            "Cher",
        ),
    ],
)
def test_a_name_becomes_first_and_last_name(
    changed: dict[str, Value], desired: dict[str, Value], first: str | None, last: str | None
) -> None:
    patch = update(M, Side.SALESFORCE, "individual", changed, desired)
    assert patch.fields == {"FirstName": first, "LastName": last}
    assert patch.problems == ()
    assert patch.carried == set(changed)


def test_fields_of_the_primary_person_can_be_taken_for_its_own_call() -> None:
    patch = update(
        M, Side.ZOHO, "individual", {"primary_person.email": "Jane@Example.org", "primary_person.phone": None}
    )
    assert patch.fields == {"primary_person.email": "jane@example.org", "primary_person.phone": None}
    assert patch.inner("primary_person") == {"email": "jane@example.org", "phone": None}


def test_status_and_primary() -> None:
    assert update(M, Side.ZOHO, "business", {"is_active": False}).fields == {"status": "inactive"}
    assert update(M, Side.SALESFORCE, "business", {"is_active": False}).fields == {"Is_Active__c": False}
    assert update(M, Side.ZOHO, "", {"is_primary": True}, entity="person").fields == {
        "is_primary_contact": True
    }
    nothing = update(M, Side.ZOHO, "", {"is_primary": False}, entity="person")
    assert nothing.fields == {}
    assert nothing.carried == frozenset()


def test_a_value_is_written_as_its_key_in_a_table() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n  currency: {remove: true}\n"
        "  currency_code: {canonical: currency, field: currency_code, direction: in}\n"
        "  currency_id:\n"
        "    {canonical: currency, field: currency_id, direction: out, lookup: {table: zoho_currency}}\n"
    )
    assert update(m, Side.ZOHO, "business", {"currency": "EUR"}).fields == {"currency_id": "9701"}
    [problem] = update(m, Side.ZOHO, "business", {"currency": "XXX"}).problems
    assert (problem.code, problem.native_field, problem.rule) == (
        "value.not_in_table",
        "currency_id",
        "currency_id",
    )


def test_clearing_sends_an_empty_value_unless_the_target_demands_one() -> None:
    assert update(M, Side.SALESFORCE, "business", {"website": None}).fields == {"Website": None}
    [problem] = update(M, Side.SALESFORCE, "business", {"name": None}).problems
    assert (problem.code, problem.field, problem.native_field) == ("value.missing", "name", "Name")
    [problem] = update(M, Side.SALESFORCE, "", {"last_name": "  "}, entity="person").problems
    assert problem.code == "value.missing"


@pytest.mark.parametrize(
    ("side", "kind", "entity", "field", "value", "native", "code"),
    [
        (Side.ZOHO, "business", "customer", "name", "x" * 201, "contact_name", "value.too_long"),
        (Side.ZOHO, "business", "customer", "name", "👍" * 101, "contact_name", "value.too_long"),
        (Side.SALESFORCE, "individual", "customer", "name", "Jane " + "x" * 81, "LastName", "value.too_long"),
        (Side.SALESFORCE, "individual", "customer", "name", "x" * 41 + " Doe", "FirstName", "value.too_long"),
        (
            Side.ZOHO,
            "business",
            "customer",
            "billing_address.street",
            "a\n" + "x" * 256,
            "billing_address.street2",
            "value.too_long",
        ),
        (Side.SALESFORCE, "", "person", "email", "not an address", "Email", "value.bad_email"),
        (Side.ZOHO, "", "person", "email", "a@b", "email", "value.bad_email"),
    ],
)
def test_what_the_target_would_refuse_is_a_problem(
    side: Side, kind: str, entity: str, field: str, value: str, native: str, code: str
) -> None:
    patch = update(M, side, kind, {field: value}, entity=entity)
    found = next(p for p in patch.problems if p.native_field == native)
    assert (found.code, found.field) == (code, field)
    assert found.where.count(":") == 1
    assert found.advice
    assert value not in repr(patch.problems)


def test_exactly_as_long_as_fits() -> None:
    assert update(M, Side.ZOHO, "business", {"name": "x" * 200}).problems == ()
    assert update(M, Side.ZOHO, "business", {"name": "👍" * 100}).problems == ()


def test_a_create_carries_everything_and_its_constants() -> None:
    desired: Fields = {
        "name": "Acme",
        "website": None,
        "is_active": False,
        "billing_address.street": "a\nb",
        "currency": "USD",
    }
    patch = M.create_patch(Side.ZOHO, "customer", "business", desired, LOOKUPS)
    assert patch.fields == {
        "contact_type": "customer",
        "customer_sub_type": "business",
        "contact_name": "Acme",
        "company_name": "Acme",
        "billing_address.address": "a",
        "billing_address.street2": "b",
        "currency_code": "USD",
    }
    assert patch.problems == ()
    assert patch.carried == {"name", "billing_address.street", "currency"}


def test_a_create_of_an_individual() -> None:
    desired: Fields = {"name": "Jane Doe", "primary_person.email": "jane@example.org"}
    assert M.create_patch(Side.SALESFORCE, "customer", "individual", desired, LOOKUPS).fields == {
        "FirstName": "Jane",
        "LastName": "Doe",
        "Email": "jane@example.org",
    }
    assert M.create_patch(Side.ZOHO, "customer", "individual", desired, LOOKUPS).fields == {
        "contact_type": "customer",
        "customer_sub_type": "individual",
        "contact_name": "Jane Doe",
        "primary_person.email": "jane@example.org",
    }


def test_a_create_of_a_person() -> None:
    desired: Fields = {"first_name": "Jane", "last_name": "Doe", "is_primary": True}
    assert M.create_patch(Side.ZOHO, "person", "", desired, LOOKUPS).fields == {
        "first_name": "Jane",
        "last_name": "Doe",
        "is_primary_contact": True,
    }
    assert M.create_patch(Side.ZOHO, "person", "", {**desired, "is_primary": False}, LOOKUPS).fields == {
        "first_name": "Jane",
        "last_name": "Doe",
    }


@pytest.mark.parametrize(
    ("side", "entity", "kind", "desired", "native"),
    [
        (Side.SALESFORCE, "customer", "business", {"website": "a.example"}, "Name"),
        (Side.ZOHO, "customer", "individual", {"primary_person.email": "j@example.org"}, "contact_name"),
        (Side.SALESFORCE, "person", "", {"first_name": "Jane"}, "LastName"),
        (Side.SALESFORCE, "customer", "individual", {"name": None}, "LastName"),
    ],
)
def test_a_create_without_a_mandatory_field(
    side: Side, entity: str, kind: str, desired: Fields, native: str
) -> None:
    problems = M.create_patch(side, entity, kind, desired, LOOKUPS).problems
    assert [(p.code, p.native_field) for p in problems] == [("value.missing", native)]


def test_truncation_only_where_it_is_asked_for() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n"
        "  short: {canonical: notes, field: cf_short, direction: out, max_length: 10, truncate: …}\n"
    )
    patch = update(m, Side.ZOHO, "business", {"notes": "a rather long note"})
    assert patch.fields == {"notes": "a rather long note", "cf_short": "a rather…"}
    assert patch.problems == ()


def test_types_of_the_target() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n"
        "  a: {canonical: custom.a, field: cf_a, type: date}\n"
        "  b: {canonical: custom.b, field: cf_b, type: datetime, timezone: Europe/Berlin}\n"
        "  c: {canonical: custom.c, field: cf_c, type: decimal, places: 2}\n"
        "  d: {canonical: custom.d, field: cf_d, type: boolean, values: {true: J, false: N}}\n"
        "  e: {canonical: custom.e, field: cf_e, convert_out: [upper]}\n"
    )
    patch = update(
        m,
        Side.ZOHO,
        "business",
        {
            "custom.a": date(2026, 3, 29),
            "custom.b": datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            "custom.c": Decimal("1.005"),
            "custom.d": "J",
            "custom.e": "abc",
        },
    )
    assert patch.fields == {
        "cf_a": "2026-03-29",
        "cf_b": "2026-03-29T03:00:00+0200",
        "cf_c": {"$decimal": "1.01"},
        "cf_d": True,
        "cf_e": "ABC",
    }


def test_a_canonical_value_that_has_no_native_form_is_a_problem() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n  a: {canonical: notes, field: cf_a, direction: out, type: integer}\n"
    )
    [problem] = update(m, Side.ZOHO, "business", {"notes": "twelve"}).problems
    assert (problem.code, problem.native_field) == ("value.unconvertible", "cf_a")


def test_an_unknown_choice_is_a_problem() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n  a: {canonical: custom.a, field: cf_a, values: {gold: A, gilt: A}}\n"
    )
    assert update(m, Side.ZOHO, "business", {"custom.a": "A"}).fields == {"cf_a": "gold"}
    [problem] = update(m, Side.ZOHO, "business", {"custom.a": "C"}).problems
    assert problem.code == "value.unknown_choice"


def test_a_reference_is_written_as_the_native_id() -> None:
    m = mapping(
        "record: salesforce_account\nrules:\n"
        "  parent: {canonical: custom.parent, field: ParentId, lookup: {entity: customer, record: Account}}\n"
    )
    assert update(m, Side.SALESFORCE, "business", {"custom.parent": "7"}).fields == {"ParentId": "001A"}
    assert update(m, Side.SALESFORCE, "business", {"custom.parent": None}).fields == {"ParentId": None}
    with pytest.raises(DependencyMissing) as caught:
        update(m, Side.SALESFORCE, "business", {"custom.parent": "8"})
    assert (caught.value.side, caught.value.entity, caught.value.record_id) == ("salesforce", "Account", "8")


def test_a_split_joins_its_canonical_fields_when_writing() -> None:
    m = mapping(
        "record: zoho_contact_person\nrules:\n"
        "  full: {split: {field: cf_full, into: [first_name, last_name], at: last}, direction: out}\n"
    )
    patch = update(m, Side.ZOHO, "", {"last_name": "Doe"}, {"first_name": "Jane"}, entity="person")
    assert patch.fields == {"last_name": "Doe", "cf_full": "Jane Doe"}


def test_conditions_for_writing_look_at_the_whole_record() -> None:
    m = mapping(
        "record: zoho_contact\nrules:\n  a:\n    canonical: website\n    field: cf_site\n    direction: out\n"
        "    when_writing: {field: billing_address.country, op: in, value: [DE, AT]}\n"
    )
    assert (
        update(m, Side.ZOHO, "business", {"website": "a.de"}, {"billing_address.country": "AT"}).fields[
            "cf_site"
        ]
        == "a.de"
    )
    assert (
        "cf_site"
        not in update(m, Side.ZOHO, "business", {"website": "a.de"}, {"billing_address.country": "UK"}).fields
    )


@pytest.mark.parametrize(
    ("desired", "moved", "expected"),
    [
        (("Jane Smith", "Jane", "Doe"), ["name"], ("Jane Smith", "Jane", "Smith")),
        (("Jane Doe", "Jane", "Roe"), ["primary_person.last_name"], ("Jane Roe", "Jane", "Roe")),
        (("Jane X", "Jane", "Roe"), ["name", "primary_person.last_name"], ("Jane Roe", "Jane", "Roe")),
        (("Cher", None, None), [], ("Cher", None, "Cher")),
        ((None, "Jane", "Doe"), [], ("Jane Doe", "Jane", "Doe")),
        (("Jane van Dyk", "Jane", "van Dyk"), ["name"], ("Jane van Dyk", "Jane", "van Dyk")),
        ((None, None, None), ["name"], (None, None, None)),
    ],
)
def test_a_name_and_its_parts_are_settled_together(
    desired: tuple[str | None, ...], moved: list[str], expected: tuple[str | None, ...]
) -> None:
    names = ("name", "primary_person.first_name", "primary_person.last_name")
    settled = M.settle("customer", "individual", dict(zip(names, desired, strict=True)), moved)
    assert tuple(settled[name] for name in names) == expected


def test_only_individuals_have_a_name_in_parts() -> None:
    fields: Fields = {"name": "Acme Trading", "primary_person.first_name": "Jane"}
    assert M.settle("customer", "business", fields, ["name"]) == fields
