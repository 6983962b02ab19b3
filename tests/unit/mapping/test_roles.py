"""Which role a record plays, and what is out of scope and why."""

from __future__ import annotations

import pytest

from integration.canonical.values import Json, Side
from tests.unit.mapping.sample import mapping

M = mapping()
WITH_PERSON_ACCOUNTS = mapping(absent={})


@pytest.mark.parametrize(
    ("side", "entity", "image", "canonical", "kind", "parent"),
    [
        (Side.SALESFORCE, "Account", {"Name": "Acme"}, "customer", "business", None),
        (Side.SALESFORCE, "Contact", {"AccountId": "001A"}, "person", "", ("Account", "001A")),
        (Side.SALESFORCE, "Contact", {"AccountId": None}, "customer", "individual", None),
        (Side.SALESFORCE, "Contact", {"AccountId": ""}, "customer", "individual", None),
        (
            Side.ZOHO,
            "contact",
            {"customer_sub_type": "business", "contact_type": "customer"},
            "customer",
            "business",
            None,
        ),
        (
            Side.ZOHO,
            "contact",
            {"customer_sub_type": "individual", "contact_type": "customer"},
            "customer",
            "individual",
            None,
        ),
        (
            Side.ZOHO,
            "contact",
            {"customer_sub_type": None, "contact_type": None},
            "customer",
            "business",
            None,
        ),
        (
            Side.ZOHO,
            "contact_person",
            {"contact_id": "4600", "is_primary_contact": True},
            "person",
            "",
            ("contact", "4600"),
        ),
    ],
)
def test_roles(
    side: Side, entity: str, image: dict[str, Json], canonical: str, kind: str, parent: tuple[str, str] | None
) -> None:
    role = M.role(side, entity, image)
    assert (role.canonical, role.kind, role.parent) == (canonical, kind, parent)
    assert role.in_scope
    assert role.reason == ""
    assert role.certain


@pytest.mark.parametrize(
    ("side", "entity", "image", "parent_kind", "reason"),
    [
        (Side.SALESFORCE, "Account", {"IsPersonAccount": True}, "", "person accounts are not synced"),
        (
            Side.SALESFORCE,
            "Contact",
            {"IsPersonAccount": True, "AccountId": "001A"},
            "",
            "person accounts are not synced",
        ),
        (
            Side.ZOHO,
            "contact",
            {"contact_type": "vendor", "customer_sub_type": ""},
            "",
            "vendors are not synced",
        ),
        (
            Side.ZOHO,
            "contact_person",
            {"is_primary_contact": True},
            "individual",
            "the primary person of an individual is part of the customer",
        ),
        (
            Side.ZOHO,
            "contact_person",
            {"is_primary_contact": False},
            "individual",
            "further persons of an individual are not synced",
        ),
    ],
)
def test_out_of_scope_with_its_reason(
    side: Side, entity: str, image: dict[str, Json], parent_kind: str, reason: str
) -> None:
    role = WITH_PERSON_ACCOUNTS.role(side, entity, image, parent_kind)
    assert not role.in_scope
    assert role.reason == reason


def test_a_person_of_a_business_is_in_scope() -> None:
    assert M.role(Side.ZOHO, "contact_person", {"is_primary_contact": False}, "business").in_scope


def test_a_role_is_uncertain_while_its_deciding_field_is_unknown() -> None:
    assert not M.role(Side.SALESFORCE, "Contact", {"LastName": "Doe"}).certain
    assert not WITH_PERSON_ACCOUNTS.role(Side.SALESFORCE, "Account", {"Name": "Acme"}).certain
    assert not M.role(Side.ZOHO, "contact", {"contact_name": "Acme"}).certain


def test_a_pair_may_bring_its_own_scope() -> None:
    m = mapping(
        "record: zoho_contact\nout_of_scope:\n  vendor: {remove: true}\n  test:\n    when:\n      any:\n"
        "        - {field: contact_name, op: starts_with, value: TEST}\n"
        "        - {field: cf_hidden, op: eq, value: true}\n    reason: test customers stay where they are\n"
    )
    assert m.role(Side.ZOHO, "contact", {"contact_type": "vendor"}).in_scope
    assert (
        m.role(Side.ZOHO, "contact", {"contact_name": "TEST 1"}).reason
        == "test customers stay where they are"
    )
    assert not m.role(Side.ZOHO, "contact", {"contact_name": "Acme", "cf_hidden": "true"}).in_scope
    assert "cf_hidden" in m.native_fields(Side.ZOHO, "contact")


def test_a_record_that_fits_no_role_is_out_of_scope() -> None:
    m = mapping(
        "record: zoho_contact\nroles:\n  business:\n    canonical: customer\n    kind: business\n"
        "    when: {field: customer_sub_type, op: eq, value: business}\n"
    )
    role = m.role(Side.ZOHO, "contact", {"customer_sub_type": "other"})
    assert not role.in_scope
    assert role.reason == "no role of zoho_contact fits"


def test_where_each_canonical_record_is_kept() -> None:
    assert M.native_entity(Side.SALESFORCE, "customer", "business") == "Account"
    assert M.native_entity(Side.SALESFORCE, "customer", "individual") == "Contact"
    assert M.native_entity(Side.SALESFORCE, "person", "") == "Contact"
    assert M.native_entity(Side.ZOHO, "customer", "individual") == "contact"
    assert M.native_entity(Side.ZOHO, "person", "business") == "contact_person"
    assert M.parent_field(Side.SALESFORCE, "person", "") == "AccountId"
    assert M.parent_field(Side.ZOHO, "person", "") == "contact_id"
    assert M.parent_field(Side.ZOHO, "customer", "business") == ""
    assert M.native_entities(Side.ZOHO) == ("contact", "contact_person")


def test_facets() -> None:
    assert M.facet(Side.ZOHO, "customer", "business", "is_active") == "status"
    assert M.facet(Side.SALESFORCE, "customer", "business", "is_active") == "main"
    assert M.facet(Side.ZOHO, "customer", "individual", "primary_person.email") == "primary_person"
    assert M.facet(Side.SALESFORCE, "customer", "individual", "primary_person.email") == "main"
    assert M.facet(Side.ZOHO, "person", "", "is_primary") == "primary"
    assert M.facet(Side.ZOHO, "customer", "business", "name") == "main"
    assert M.facet(Side.ZOHO, "customer", "business", "custom.unheard") == "main"


def test_what_each_side_can_receive_and_tell() -> None:
    assert "website" not in M.writable(Side.SALESFORCE, "customer", "individual")
    assert "website" in M.readable(Side.ZOHO, "customer", "individual")
    assert "currency" in M.writable(Side.ZOHO, "customer", "business")
    assert "currency" not in M.readable(Side.SALESFORCE, "customer", "business")
    assert "primary_person.email" not in M.readable(Side.ZOHO, "customer", "business")
    assert M.writable(Side.SALESFORCE, "person", "") == {
        "salutation",
        "first_name",
        "last_name",
        "email",
        "phone",
        "mobile",
        "designation",
        "department",
    }
