"""simple-salesforce, unchanged, against the running sandbox: several requests in one, products and orders."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.contract.sandbox_process import Sandbox
from tests.peers.simple_salesforce_login import client

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def salesforce(sandbox: Sandbox) -> Iterator[Salesforce]:
    """A client that is logged in."""
    with client(sandbox) as made:
        yield made


@pytest.fixture(scope="module")
def prices(salesforce: Salesforce) -> dict[str, str]:
    """A product with its price in the standard book and in one of its own."""
    (standard,) = salesforce.query("SELECT Id, IsActive FROM Pricebook2 WHERE IsStandard = true")["records"]
    if not standard["IsActive"]:
        salesforce.Pricebook2.update(standard["Id"], {"IsActive": True})
    product = salesforce.Product2.create({"Name": fresh("Chair"), "IsActive": True})["id"]
    book = salesforce.Pricebook2.create({"Name": fresh("Trade"), "IsActive": True})["id"]
    price = {"Product2Id": product, "UnitPrice": 40, "IsActive": True}
    salesforce.PricebookEntry.create({**price, "Pricebook2Id": standard["Id"]})
    entry = salesforce.PricebookEntry.create({**price, "Pricebook2Id": book})["id"]
    return {"product": product, "book": book, "entry": entry, "standard": standard["Id"]}


def fresh(word: str) -> str:
    """A text no other test has used."""
    return f"{word} order-{next(_numbers)}"


def composite(salesforce: Salesforce, *requests: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """The answers of a composite call."""
    body = {"compositeRequest": list(requests), **options}
    answer = salesforce.restful("composite", method="POST", json=body)
    assert answer is not None
    found: list[dict[str, Any]] = answer["compositeResponse"]
    return found


def creation(salesforce: Salesforce, sobject: str, reference: str, **fields: Any) -> dict[str, Any]:
    """One request of a composite call that creates a record."""
    url = f"/services/data/v{salesforce.sf_version}/sobjects/{sobject}"
    return {"method": "POST", "url": url, "referenceId": reference, "body": fields}


def test_an_order_is_made_with_its_lines_in_one_call(salesforce: Salesforce, prices: dict[str, str]) -> None:
    answers = composite(
        salesforce,
        creation(salesforce, "Account", "buyer", Name=fresh("Buyer")),
        creation(salesforce, "Order", "order", AccountId="@{buyer.id}", EffectiveDate="2026-12-01",
                 Status="Draft", Pricebook2Id=prices["book"]),
        creation(salesforce, "OrderItem", "line", OrderId="@{order.id}", PricebookEntryId=prices["entry"],
                 Quantity=3, UnitPrice=35),
        allOrNone=True,
    )  # fmt: skip
    assert [answer["httpStatusCode"] for answer in answers] == [201, 201, 201], answers
    order = answers[1]["body"]["id"]
    salesforce.Order.update(order, {"Status": "Activated"})
    soql = format_soql(
        "SELECT TotalAmount, StatusCode, (SELECT Quantity, Product2.Name FROM OrderItems) FROM Order WHERE Id = {}",
        order,
    )
    (found,) = salesforce.query(soql)["records"]
    assert (found["TotalAmount"], found["StatusCode"]) == (105.0, "Activated")
    assert [line["Quantity"] for line in found["OrderItems"]["records"]] == [3.0]


def test_all_or_none_undoes_the_whole(salesforce: Salesforce, prices: dict[str, str]) -> None:
    name = fresh("Undone")
    answers = composite(
        salesforce,
        creation(salesforce, "Account", "buyer", Name=name),
        creation(salesforce, "Order", "order", AccountId="@{buyer.id}", Pricebook2Id=prices["book"]),
        allOrNone=True,
    )
    assert [answer["httpStatusCode"] for answer in answers] == [400, 400]
    codes = [answer["body"][0]["errorCode"] for answer in answers]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert (
        salesforce.query(format_soql("SELECT COUNT() FROM Account WHERE Name = {}", name))["totalSize"] == 0
    )


def test_an_opportunity_keeps_to_its_price_book(salesforce: Salesforce, prices: dict[str, str]) -> None:
    fields = {"Name": fresh("Chairs"), "StageName": "Prospecting", "CloseDate": "2027-02-01"}
    opportunity = salesforce.Opportunity.create({**fields, "Pricebook2Id": prices["book"]})["id"]
    line = {"OpportunityId": opportunity, "PricebookEntryId": prices["entry"], "Quantity": 2, "UnitPrice": 30}
    salesforce.OpportunityLineItem.create(line)
    assert salesforce.Opportunity.get(opportunity)["Amount"] == 60.0
    entry = salesforce.query(
        format_soql(
            "SELECT Id FROM PricebookEntry WHERE Product2Id = {} AND Pricebook2Id = {}",
            prices["product"],
            prices["standard"],
        )
    )["records"][0]["Id"]
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.OpportunityLineItem.create({**line, "PricebookEntryId": entry})
    assert refused.value.content[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_a_custom_price_needs_a_standard_one(salesforce: Salesforce, prices: dict[str, str]) -> None:
    product = salesforce.Product2.create({"Name": fresh("Stool")})["id"]
    price = {"Product2Id": product, "Pricebook2Id": prices["book"], "UnitPrice": 10, "IsActive": True}
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.PricebookEntry.create(price)
    assert refused.value.content[0]["errorCode"] == "STANDARD_PRICE_NOT_DEFINED"


def test_graphs_stand_and_fall_alone(salesforce: Salesforce) -> None:
    good = [creation(salesforce, "Account", "a", Name=fresh("Graph"))]
    bad = [creation(salesforce, "Account", "a", Description="no name")]
    body = {"graphs": [
        {"graphId": "1", "compositeRequest": good}, {"graphId": "2", "compositeRequest": bad}
    ]}  # fmt: skip
    answer = salesforce.restful("composite/graph", method="POST", json=body)
    assert answer is not None
    assert [graph["isSuccessful"] for graph in answer["graphs"]] == [True, False]
