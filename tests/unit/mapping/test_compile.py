"""Mistakes in a mapping are told as file, line, rule, advice, all of them at once; overlays replace line by
line.
"""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from integration.errors import ConfigurationFault
from integration.mapping import MappingFault, compile_mapping, default_documents, parse_documents
from tests.unit.mapping.sample import FRESH_ORG, mapping, read, update

ACCOUNT = "record: salesforce_account\nrules:\n"


def mistakes(overlay: str) -> list[tuple[str, str, str, str]]:
    with pytest.raises(MappingFault) as caught:
        mapping(overlay)
    return [(m.where, m.rule, m.text, m.advice) for m in caught.value.mistakes]


@pytest.mark.parametrize(
    ("line", "text", "advice"),
    [
        ("x: {canonical: nam, field: Name2}", "`nam` is no field of customer", "Did you mean `name`?"),
        ("x: {canonical: custom.a, feild: A}", "`feild` is not a known word", "Did you mean `field`?"),
        (
            "x: {canonical: custom.a}",
            "a rule needs exactly one of `field`, `concatenate`, `split`",
            "Give one of",
        ),
        ("x: {field: A}", "a rule without `canonical`", "Name the canonical field"),
        (
            "x: {canonical: custom.a, field: A, type: integr}",
            "`type: integr` is not possible",
            "Did you mean `integer`?",
        ),
        (
            "x: {canonical: custom.a, field: A, direction: inwards}",
            "`direction: inwards` is not",
            "Known here: both, in, out.",
        ),
        (
            "x: {canonical: custom.a, field: A, convert: [uper]}",
            "`uper` is not possible in `convert`",
            "`upper`",
        ),
        (
            "x: {canonical: custom.a, field: A, timezone: Europe/Berlino}",
            "time zone `Europe/Berlino` is not",
            "Berlin",
        ),
        (
            "x: {canonical: custom.a, field: A, max_length: many}",
            "`max_length` must be a whole number",
            "digits",
        ),
        (
            "x: {canonical: custom.a, field: A, required: perhaps}",
            "`perhaps` is not possible in `required`",
            "Known here: A",
        ),
        ("x: {canonical: custom.a, field: A, facet: other}", "`facet: other` is not possible", "main"),
        (
            "x: {canonical: custom.a, field: A, roles: [busines]}",
            "`busines` is not possible in `roles`",
            "`business`",
        ),
        ("x: {canonical: custom.a, field: 'A; DROP'}", "`A; DROP` cannot be a field name", "API name"),
        ("x: {canonical: custom.a, field: A, values: [1]}", "`values` must hold keys of its own", "Indent"),
        (
            "x: {canonical: custom.a, field: A, values: {a: [1]}}",
            "`a` must stand for one value",
            "native value",
        ),
        (
            "x: {canonical: custom.a, field: A, otherwise: maybe}",
            "`otherwise: maybe` is not possible",
            "error",
        ),
        ("x: {canonical: custom.a, field: A, lookup: {}}", "a look-up names an entity or a table", "{entity"),
        (
            "x: {canonical: custom.a, field: A, truncate: '…', max_length: 5}",
            "`truncate` does not fit here",
            "direction",
        ),
        (
            "x: {canonical: custom.a, field: A, when_reading: {field: B, op: like, value: x}}",
            "`op: like` is not",
            "eq",
        ),
        (
            "x: {canonical: custom.a, field: A, when_reading: {op: eq}}",
            "a condition without `field`",
            "{field",
        ),
        (
            "x: {canonical: custom.a, field: A, when_writing: {field: b, op: in, value: x}}",
            "`value` does not fit",
            "list",
        ),
        (
            "x: {canonical: custom.a, field: A, when_writing: {all: []}}",
            "`all` must list conditions",
            "{field",
        ),
        (
            "x: {canonical: custom.a, concatenate: {fields: [A]}}",
            "a concatenation of other than two fields",
            "two",
        ),
        (
            "x: {canonical: custom.a, concatenate: {fields: [A, B], separator: ''}}",
            "`separator` must be a text",
            "quotes",
        ),
        (
            "x: {canonical: custom.a, concatenate: {fields: [A, B], prefer: [name]}}",
            "`prefer` and `fields` differ",
            "one",
        ),
        (
            "x: {split: {field: A, into: [custom.a]}}",
            "a split needs one native field and two canonical ones",
            "into",
        ),
        (
            "x: {canonical: custom.a, concatenate: {fields: [A, B]}, max_length: [1]}",
            "`max_length` does not fit",
            "each",
        ),
        ("x: {canonical: name, field: Other__c}", "reads `name`, as does rule `name`", "Remove one of them"),
        (
            "x: {canonical: custom.a, field: Name}",
            "writes `Name` of Account, as does rule `name`",
            "Remove one of them",
        ),
        ("x: {remove: true}", "there is no `x` to remove", "Known here"),
        ("x: 12", "`x` must hold keys of its own", "Indent"),
    ],
)
def test_a_mistake_in_a_rule_names_file_line_rule_and_advice(line: str, text: str, advice: str) -> None:
    found = mistakes(f"{ACCOUNT}  {line}\n")
    matching = [m for m in found if text in m[2] and advice in m[3]]
    assert matching, found
    where, rule, _, _ = matching[0]
    assert where == "pair.yaml:3"
    assert rule in ("x", "")


def test_all_mistakes_are_told_at_once_each_once() -> None:
    found = mistakes(
        f"{ACCOUNT}  a: {{canonical: nonsense, field: A}}\n  b: {{canonical: custom.b, field: B, type: no}}\n"
        "---\nrecord: zoho_contact\nrules:\n  c: {canonical: custom.c, field: C, nonsense: 1}\n"
    )
    assert [(where, rule) for where, rule, _, _ in found] == [
        ("pair.yaml:3", "a"),
        ("pair.yaml:4", "b"),
        ("pair.yaml:8", "c"),
    ]


def test_the_fault_says_everything_in_its_text() -> None:
    with pytest.raises(ConfigurationFault) as caught:
        mapping(f"{ACCOUNT}  x: {{canonical: nam, field: A}}\n")
    assert "pair.yaml:3: rule x: `nam` is no field of customer. Did you mean `name`?" in str(caught.value)
    assert caught.value.code == "mapping.mistakes"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("nothing: here", "neither `record` nor `canonical`"),
        ("record: salesforce_acount\nrules: {}", "record `salesforce_acount` is not known"),
        ("canonical: custmer\nfields: {}", "`custmer` is not known"),
        ("canonical: customer\nfields: {nam: {owner: zoho}}", "`nam` is no field of customer"),
        ("canonical: customer\nfields: {name: {owner: nobody}}", "`owner: nobody` is not possible"),
        (
            "canonical: customer\ncomposed: {x: {kind: individual, parts: [name]}}",
            "`x` is no field of customer",
        ),
        (
            "record: other\nside: zoho\nentity: contact\nroles: {a: {canonical: person}}",
            "described by record `zoho_contact`",
        ),
        (
            "record: other\nside: zoho\nentity: lead\nroles: {a: {canonical: lead}}",
            "`lead` is no canonical entity",
        ),
        (
            "record: other\nside: zoho\nentity: lead\nroles: {a: {canonical: customer, kind: pet}}",
            "`kind: pet` is not",
        ),
        (
            "record: other\nside: zoho\nentity: lead\nroles: {a: {canonical: person}}",
            "person is kept in record",
        ),
        ("record: other\nside: zoho\nentity: lead", "a record needs `side`, `entity` and `roles`"),
        ("record: zoho_contact\nside: sap", "`side: sap` is not possible"),
        (
            "record: zoho_contact\nout_of_scope: {x: {when: {field: a, op: blank}}}",
            "needs `when` and `reason`",
        ),
    ],
)
def test_a_mistake_in_a_document(document: str, text: str) -> None:
    assert any(text in found for _, _, found, _ in mistakes(document + "\n"))


def test_a_shipped_rule_without_its_field_is_skipped_and_listed() -> None:
    m = mapping(absent={"Account": ["Is_Active__c", "Fax"]})
    assert {(s.record, s.rule, s.field) for s in m.skipped} == {
        ("salesforce_account", "is_active", "Is_Active__c"),
        ("salesforce_account", "fax", "Fax"),
    }
    assert all(s.where.startswith("salesforce_account.yaml:") for s in m.skipped)
    assert not {"is_active", "fax"} & m.writable(Side.SALESFORCE, "customer", "business")
    assert "is_active" in m.writable(Side.SALESFORCE, "customer", "individual")
    assert not {"Is_Active__c", "Fax"} & set(m.native_fields(Side.SALESFORCE, "Account"))


def test_a_rule_of_the_pair_without_its_field_is_an_error() -> None:
    overlay = f"{ACCOUNT}  region: {{canonical: custom.region, field: Region__c}}\n"
    with pytest.raises(MappingFault) as caught:
        mapping(overlay, absent={"Account": ["Region__c"]})
    [mistake] = caught.value.mistakes
    assert (mistake.where, mistake.rule) == ("pair.yaml:3", "region")
    assert "no field `Region__c`" in mistake.text


def test_an_absent_field_of_a_condition_counts_as_blank_and_is_certain() -> None:
    role = mapping().role(Side.SALESFORCE, "Account", {"Name": "Acme"})
    assert role.in_scope
    assert role.certain


def test_a_pair_replaces_removes_and_adds_rules() -> None:
    m = mapping(
        f"{ACCOUNT}  is_active: {{canonical: is_active, field: Enabled__c}}\n  fax: {{remove: true}}\n"
        "  region: {canonical: custom.region, field: Region__c}\n"
    )
    assert read(
        m, Side.SALESFORCE, "Account", {"Enabled__c": True, "Fax": "1", "Region__c": "North"}
    ).fields == {
        "is_active": True,
        "custom.region": "North",
    }
    assert update(m, Side.SALESFORCE, "business", {"is_active": False}).fields == {"Enabled__c": False}


def test_a_pair_changes_only_what_it_says_of_a_canonical_field() -> None:
    m = mapping(
        "canonical: customer\nfirst_contact: zoho\nfields:\n"
        "  website: {owner: zoho}\n  custom.n: {type: integer}\n"
    )
    assert m.owner("customer", "website") == "zoho"
    assert m.owner("customer", "name") == "latest"
    assert m.first_contact_owner("customer", "name") is Side.ZOHO
    assert m.canonicals["customer"].field("website").type == "url"
    assert m.canonicals["customer"].field("custom.n").type == "integer"


def test_owners_as_shipped() -> None:
    m = mapping()
    assert m.owner("customer", "name") == "latest"
    assert m.first_contact_owner("customer", "name") is Side.SALESFORCE
    assert m.first_contact_owner("customer", "is_active") is Side.ZOHO
    assert m.owner("person", "is_primary") == "zoho"
    assert m.first_contact_owner("person", "is_primary") is Side.ZOHO
    assert m.owner("customer", "custom.anything") == "latest"


def test_custom_fields_take_the_type_their_rules_name() -> None:
    m = mapping(
        f"{ACCOUNT}  score: {{canonical: custom.score, field: Score__c, type: decimal}}\n"
        "---\nrecord: zoho_contact\nrules:\n  score: {canonical: custom.score, field: cf_score, type: text}\n"
    )
    assert m.canonicals["customer"].field("custom.score").type == "decimal"


def test_custom_fields_of_two_types_must_be_declared() -> None:
    overlay = (
        f"{ACCOUNT}  due: {{canonical: custom.due, field: Due__c, type: date}}\n"
        "---\nrecord: zoho_contact\nrules:\n  due: {canonical: custom.due, field: cf_due, type: datetime}\n"
    )
    [(where, rule, text, advice)] = mistakes(overlay)
    assert (where, rule) == ("pair.yaml:7", "due")
    assert text == "`custom.due` is datetime here and date in another rule"
    assert "Declare the type" in advice
    assert mapping(overlay + "---\ncanonical: customer\nfields:\n  custom.due: {type: date}\n")


def test_unknown_entities_and_kinds_are_told() -> None:
    m = mapping()
    with pytest.raises(ConfigurationFault) as caught:
        m.role(Side.SALESFORCE, "Lead", {})
    assert caught.value.code == "mapping.unknown_entity"
    with pytest.raises(ConfigurationFault) as caught:
        m.writable(Side.SALESFORCE, "customer", "pet")
    assert caught.value.code == "mapping.unknown_kind"
    with pytest.raises(ConfigurationFault):
        m.owner("order", "name")


def test_two_overlays_the_later_one_stands() -> None:
    first = parse_documents(
        "record: salesforce_account\nrules:\n  x: {canonical: custom.x, field: A__c}\n", "one.yaml"
    )
    second = parse_documents(
        "record: salesforce_account\nrules:\n  x: {canonical: custom.x, field: B__c}\n", "two.yaml"
    )
    m = compile_mapping([*default_documents(), *first, *second], version=3, absent=FRESH_ORG)
    assert m.version == 3
    assert read(m, Side.SALESFORCE, "Account", {"A__c": "a", "B__c": "b"}).fields == {"custom.x": "b"}
