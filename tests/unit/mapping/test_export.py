"""An exported mapping means the same when it is loaded again."""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from integration.mapping import (
    MappingFault,
    compile_mapping,
    default_documents,
    export_mapping,
    parse_documents,
)
from tests.unit.mapping.sample import FRESH_ORG, mapping, read

OVERLAY = """
record: salesforce_account
rules:
  fax: {remove: true}
  region:
    {canonical: custom.region, field: Region__c, values: {N: N, "NO": "null", "12": "12"}, otherwise: keep}
  score:
    canonical: custom.score
    field: Score__c
    type: decimal
    when_reading: {field: Score__c, op: ne, value: 1.50}
---
canonical: customer
fields:
  website: {owner: zoho}
"""


def test_an_export_given_back_whole_is_the_same_mapping() -> None:
    text = export_mapping(mapping(OVERLAY))
    alone = compile_mapping(parse_documents(text, "all.yaml", is_default=True), version=1, absent=FRESH_ORG)
    image = {"Name": "Acme", "Region__c": "NO", "Score__c": "2.5", "Fax": "1"}
    assert read(alone, Side.SALESFORCE, "Account", image) == read(
        mapping(OVERLAY), Side.SALESFORCE, "Account", image
    )
    assert alone.owner("customer", "website") == "zoho"
    assert alone.first_contact_owner("customer", "is_active") is Side.ZOHO
    assert export_mapping(alone) == text


def test_an_export_over_the_shipped_mapping_leaves_shipped_rules_shipped() -> None:
    text = export_mapping(default_documents())
    over = compile_mapping(
        [*default_documents(), *parse_documents(text, "all.yaml")], version=1, absent=FRESH_ORG
    )
    assert over.skipped == mapping().skipped
    assert over.skipped


def test_documents_that_do_not_fit_together_are_not_exported() -> None:
    with pytest.raises(MappingFault):
        export_mapping(parse_documents("record: unknown\n", "x.yaml"))
