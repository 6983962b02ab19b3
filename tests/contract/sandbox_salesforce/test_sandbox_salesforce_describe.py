"""What describe tells of objects, fields and the way from a parent to its children."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integration.sandbox.salesforce import OrgOptions, SalesforceSwitches
from integration.sandbox.salesforce.describe import describe_object
from integration.sandbox.salesforce.schema import Schema
from integration.sandbox.salesforce.standard_objects import build_schema
from tests.contract.sandbox_salesforce.catalogue import order, stocked
from tests.contract.sandbox_salesforce.running_org import Running


def test_a_parent_names_its_children(org: Running) -> None:
    found = org.client().Account.describe()["childRelationships"]
    children = {(child["childSObject"], child["field"]): child for child in found}
    contacts = children["Contact", "AccountId"]
    assert (contacts["relationshipName"], contacts["cascadeDelete"]) == ("Contacts", True)
    assert children["Account", "ParentId"]["relationshipName"] == "ChildAccounts"
    assert children["Contact", "AccountId"]["restrictedDelete"] is False


def fields_of(org: Running, name: str) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in org.client().restful(f"sobjects/{name}/describe")["fields"]}


@pytest.mark.parametrize(
    ("parent", "child", "field", "name", "cascades", "restricts"),
    [
        ("Account", "Opportunity", "AccountId", "Opportunities", True, False),
        ("Account", "Order", "AccountId", "Orders", False, True),
        ("Opportunity", "OpportunityLineItem", "OpportunityId", "OpportunityLineItems", True, False),
        ("Order", "OrderItem", "OrderId", "OrderItems", True, False),
        ("Product2", "PricebookEntry", "Product2Id", "PricebookEntries", True, False),
        ("Pricebook2", "PricebookEntry", "Pricebook2Id", "PricebookEntries", True, False),
        ("PricebookEntry", "OrderItem", "PricebookEntryId", "OrderItems", False, False),
        ("Product2", "Incoming_Stock__c", "Product__c", "Incoming_Stock__r", False, True),
    ],
)
def test_the_children_of_trade(
    org: Running, parent: str, child: str, field: str, name: str, cascades: bool, restricts: bool
) -> None:
    found = org.client().restful(f"sobjects/{parent}/describe")["childRelationships"]
    (told,) = (c for c in found if (c["childSObject"], c["field"]) == (child, field))
    assert (told["relationshipName"], told["cascadeDelete"], told["restrictedDelete"]) == (
        name,
        cascades,
        restricts,
    )


def test_what_may_be_written(org: Running) -> None:
    price = fields_of(org, "PricebookEntry")
    assert [price["Pricebook2Id"][k] for k in ("createable", "updateable", "nillable")] == [
        True,
        False,
        False,
    ]
    assert [price["Name"][k] for k in ("createable", "updateable", "nameField")] == [False, False, True]
    line = fields_of(org, "OpportunityLineItem")
    assert [line["Product2Id"][k] for k in ("createable", "updateable")] == [False, False]
    assert (line["Quantity"]["precision"], line["Quantity"]["scale"], line["Quantity"]["type"]) == (
        12,
        2,
        "double",
    )
    assert (line["Discount"]["type"], line["Name"]["length"]) == ("percent", 376)
    deal = fields_of(org, "Opportunity")
    assert (deal["Amount"]["type"], deal["Amount"]["precision"], deal["Amount"]["scale"]) == (
        "currency",
        18,
        2,
    )
    assert (deal["ExpectedRevenue"]["createable"], deal["IsWon"]["updateable"]) == (False, False)
    assert (deal["Pricebook2Id"]["referenceTo"], deal["Pricebook2Id"]["relationshipName"]) == (
        ["Pricebook2"],
        "Pricebook2",
    )


def test_numbers_and_defaults_of_the_org(org: Running) -> None:
    order = fields_of(org, "Order")
    number = order["OrderNumber"]
    assert (number["autoNumber"], number["nameField"], number["defaultedOnCreate"]) == (True, True, True)
    assert (order["Status"]["restrictedPicklist"], order["Status"]["nillable"]) == (True, False)
    assert [value["value"] for value in order["Status"]["picklistValues"]] == ["Draft", "Activated"]
    assert (order["StatusCode"]["createable"], order["TotalAmount"]["createable"]) == (False, False)
    product = fields_of(org, "Product2")["IsActive"]
    assert (product["defaultValue"], product["defaultedOnCreate"]) == (False, True)
    states = fields_of(org, "Incoming_Stock__c")["Status__c"]["picklistValues"]
    assert [value["value"] for value in states if value["defaultValue"]] == ["Draft"]


def test_every_synced_object_has_the_key(org: Running) -> None:
    synced = (
        "Account", "Contact", "Opportunity", "OpportunityLineItem", "Order", "OrderItem", "Product2",
        "Pricebook2", "PricebookEntry", "Incoming_Stock__c",
    )  # fmt: skip
    for name in synced:
        key = fields_of(org, name)["Zoho_Id__c"]
        assert (key["externalId"], key["unique"], key["idLookup"]) == (True, True, True)


def schema_with(**switches: Any) -> Schema:
    return build_schema(OrgOptions(switches=SalesforceSwitches(**switches)))


def test_an_org_without_the_custom_parts() -> None:
    schema = schema_with(key_fields=False, stock_fields=False, order_fields=False, incoming_stock=False)
    for name in ("Product2", "Order"):
        told = describe_object(schema.object(name), schema, "61.0")["fields"]
        assert not [field["name"] for field in told if field["custom"]]
    assert schema.find("Incoming_Stock__c") is None


def test_currencies_are_told() -> None:
    schema = schema_with(currencies="GBP,EUR")
    for name, updateable in (("Opportunity", True), ("PricebookEntry", False), ("OrderItem", False)):
        told = describe_object(schema.object(name), schema, "61.0")["fields"]
        (field,) = (field for field in told if field["name"] == "CurrencyIsoCode")
        assert [value["value"] for value in field["picklistValues"]] == ["GBP", "EUR"]
        assert (field["updateable"], field["restrictedPicklist"]) == (updateable, True)
    assert schema.object("Pricebook2").find("CurrencyIsoCode") is None


def test_changes_and_deletions_of_orders_are_listed(org: Running) -> None:
    stock = stocked(org)
    account = stock.client.Account.create({"Name": "A"})["id"]
    kept, gone = (order(stock.client, account) for _ in range(2))
    stock.client.Order.delete(gone)
    org.clock.step(minutes=2)
    now = org.clock.now()
    span = (now - timedelta(minutes=10), now)
    assert stock.client.Order.updated(*span)["ids"] == [kept]
    assert [row["id"] for row in stock.client.Order.deleted(*span)["deletedRecords"]] == [gone]
    found = stock.client.PricebookEntry.updated(*span)["ids"]
    assert found == [stock.standard_price, stock.trade_price]


def test_objects_have_their_key_prefixes(org: Running) -> None:
    described = org.client().describe()["sobjects"]
    prefixes = {each["name"]: each["keyPrefix"] for each in described}
    known = {
        "Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "OpportunityLineItem": "00k",
        "Order": "801", "OrderItem": "802", "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u",
    }  # fmt: skip
    assert {name: prefixes[name] for name in known} == known
    assert len(set(prefixes.values())) == len(described)
