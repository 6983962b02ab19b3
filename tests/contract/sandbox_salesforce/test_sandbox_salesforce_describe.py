"""What describe tells of objects, fields and the way from a parent to its children."""

from __future__ import annotations

from tests.contract.sandbox_salesforce.running_org import Running


def test_a_parent_names_its_children(org: Running) -> None:
    found = org.client().Account.describe()["childRelationships"]
    children = {(child["childSObject"], child["field"]): child for child in found}
    contacts = children["Contact", "AccountId"]
    assert (contacts["relationshipName"], contacts["cascadeDelete"]) == ("Contacts", True)
    assert children["Account", "ParentId"]["relationshipName"] == "ChildAccounts"
    assert children["Contact", "AccountId"]["restrictedDelete"] is False
