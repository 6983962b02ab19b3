"""Orders and their items: numbers, states, sums, and what activation locks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceResourceNotFound

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.standard_objects.states import order_states
from tests.contract.sandbox_salesforce.catalogue import Catalogue, order, order_item, refused, stocked
from tests.contract.sandbox_salesforce.running_org import Running


def bought(org: Running) -> tuple[Catalogue, str, str, str]:
    """A draft order with one item: catalogue, account, order, item."""
    stock = stocked(org)
    account = stock.client.Account.create({"Name": "A"})["id"]
    parent = order(stock.client, account, Pricebook2Id=stock.trade_book)
    return stock, account, parent, order_item(stock.client, parent, stock.trade_price)


def activated(org: Running) -> tuple[Catalogue, str, str, str]:
    found = bought(org)
    assert found[0].client.Order.update(found[2], {"Status": "Activated"}) == 204
    return found


def test_orders_are_numbered_and_start_as_drafts(start: Callable[..., Running]) -> None:
    org = start()
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    first, second = (client.Order.get(order(client, account)) for _ in range(2))
    assert first["Id"].startswith("801")
    assert (first["OrderNumber"], second["OrderNumber"]) == ("00000100", "00000101")
    assert (first["Status"], first["StatusCode"], first["TotalAmount"]) == ("Draft", "Draft", 0.0)
    assert first["ActivatedDate"] is first["ActivatedById"] is None
    org.do(org.org.reset)
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    assert client.Order.get(order(client, account))["OrderNumber"] == "00000102"
    rows = client.query("SELECT ApiName, StatusCode, IsDefault FROM OrderStatus ORDER BY SortOrder")[
        "records"
    ]
    assert [(row["ApiName"], row["StatusCode"], row["IsDefault"]) for row in rows] == [
        ("Draft", "Draft", True),
        ("Activated", "Activated", False),
    ]


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        ({"AccountId": None}, "REQUIRED_FIELD_MISSING", ["AccountId"]),
        ({"EffectiveDate": None}, "REQUIRED_FIELD_MISSING", ["EffectiveDate"]),
        ({"Status": None}, "REQUIRED_FIELD_MISSING", ["Status"]),
        ({"Status": "Lost"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Status"]),
        ({"Status": "Activated"}, "FAILED_ACTIVATION", ["Status"]),
        ({"OrderNumber": "7"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["OrderNumber"]),
        ({"TotalAmount": 7}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["TotalAmount"]),
        ({"StatusCode": "Draft"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["StatusCode"]),
        ({"EffectiveDate": "soon"}, "JSON_PARSER_ERROR", None),
    ],
)
def test_refused_orders(org: Running, fields: dict[str, Any], code: str, named: list[str] | None) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    answer = refused(lambda: order(client, account, **fields))
    assert (answer[0], answer[1], answer[3]) == (400, code, named)


def test_items_are_priced_numbered_and_summed(org: Running) -> None:
    stock, _, parent, first = bought(org)
    client = stock.client
    item = client.OrderItem.get(first)
    assert item["Id"].startswith("802")
    assert (item["TotalPrice"], item["ListPrice"], item["AvailableQuantity"]) == (20.0, 8.0, 2.0)
    assert (item["Product2Id"], len(item["OrderItemNumber"])) == (stock.product, 10)
    second = order_item(client, parent, stock.trade_price, Quantity=3, UnitPrice=1.11)
    assert client.OrderItem.get(second)["OrderItemNumber"] > item["OrderItemNumber"]
    assert client.Order.get(parent)["TotalAmount"] == 23.33
    client.OrderItem.update(second, {"UnitPrice": 2})
    assert client.Order.get(parent)["TotalAmount"] == 26.0
    client.OrderItem.delete(first)
    assert client.Order.get(parent)["TotalAmount"] == 6.0
    org.do(lambda: org.org.undelete("OrderItem", first))
    assert client.Order.get(parent)["TotalAmount"] == 26.0


def test_refused_items(org: Running) -> None:
    stock, account, parent, item = bought(org)
    client = stock.client
    base = {"OrderId": parent, "PricebookEntryId": stock.trade_price, "Quantity": 1, "UnitPrice": 1}
    for fields, code, named in (
        ({**base, "UnitPrice": None}, "REQUIRED_FIELD_MISSING", ["UnitPrice"]),
        ({**base, "Quantity": None}, "REQUIRED_FIELD_MISSING", ["Quantity"]),
        ({**base, "PricebookEntryId": None}, "REQUIRED_FIELD_MISSING", ["PricebookEntryId"]),
        ({**base, "OrderId": None}, "REQUIRED_FIELD_MISSING", ["OrderId"]),
        ({**base, "Quantity": 0}, "FIELD_INTEGRITY_EXCEPTION", ["Quantity"]),
        ({**base, "Quantity": -1}, "FIELD_INTEGRITY_EXCEPTION", ["Quantity"]),
        ({**base, "TotalPrice": 1}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["TotalPrice"]),
        (
            {**base, "PricebookEntryId": stock.standard_price},
            "FIELD_INTEGRITY_EXCEPTION",
            ["PricebookEntryId"],
        ),
        ({**base, "OrderId": order(client, account)}, "FIELD_INTEGRITY_EXCEPTION", ["PricebookEntryId"]),
    ):
        answer = refused(lambda fields=fields: client.OrderItem.create(fields))
        assert (answer[0], answer[1], answer[3]) == (400, code, named), fields
    fixed = refused(lambda: client.OrderItem.update(item, {"PricebookEntryId": stock.trade_price}))
    assert (fixed[1], fixed[3]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["PricebookEntryId"])
    book = refused(lambda: client.Order.update(parent, {"Pricebook2Id": stock.standard_book}))
    assert (book[1], book[3]) == ("FIELD_INTEGRITY_EXCEPTION", ["Pricebook2Id"])


def test_activation_needs_a_product(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    account = client.Account.create({"Name": "A"})["id"]
    parent = order(client, account, Pricebook2Id=stock.trade_book)
    assert refused(lambda: client.Order.update(parent, {"Status": "Activated"})) == (
        400,
        "FAILED_ACTIVATION",
        "An order must have at least one product",
        ["Status"],
    )
    order_item(client, parent, stock.trade_price)
    client.Order.update(parent, {"Status": "Activated"})
    shown = client.Order.get(parent)
    assert (shown["Status"], shown["StatusCode"]) == ("Activated", "Activated")
    assert (shown["ActivatedDate"], shown["ActivatedById"]) == (
        shown["LastModifiedDate"],
        org.org.integration_user,
    )


def test_what_activation_locks(org: Running) -> None:
    stock, account, parent, item = activated(org)
    client = stock.client
    other = client.Account.create({"Name": "B"})["id"]
    for fields in ({"AccountId": other}, {"EffectiveDate": "2027-01-01"}, {"PoNumber": "7"}):
        answer = refused(lambda fields=fields: client.Order.update(parent, fields))
        assert (answer[0], answer[1], answer[3]) == (400, "FIELD_INTEGRITY_EXCEPTION", [*fields])
    back = refused(lambda: client.Order.update(parent, {"Status": "Draft"}))
    assert (back[0], back[1], back[3]) == (400, "FIELD_INTEGRITY_EXCEPTION", ["Status"])
    added = refused(lambda: order_item(client, parent, stock.trade_price))
    assert added[:3] == (
        400,
        "FIELD_INTEGRITY_EXCEPTION",
        "Products cannot be added to an activated order",
    )
    changed = refused(lambda: client.OrderItem.update(item, {"Quantity": 5}))
    assert (changed[0], changed[1], changed[3]) == (400, "FIELD_INTEGRITY_EXCEPTION", ["Quantity"])
    assert refused(lambda: client.OrderItem.delete(item))[1] == "FIELD_INTEGRITY_EXCEPTION"
    assert refused(lambda: client.Order.delete(parent))[:2] == (400, "DELETE_FAILED")
    # What does not change anything, and the fields that stay open, pass.
    open_fields = {
        "AccountId": account,
        "Description": "Sent",
        "Zoho_Id__c": "5",
        "Zoho_Status__c": "shipped",
    }
    assert client.Order.update(parent, open_fields) == 204
    assert client.OrderItem.update(item, {"Quantity": 2, "Zoho_Id__c": "6"}) == 204
    assert client.Order.get(parent)["Zoho_Status__c"] == "shipped"


def test_what_a_lenient_org_allows(start: Callable[..., Running]) -> None:
    org = start(
        order_back_to_draft=True,
        activated_order_delete=True,
        account_with_orders_delete_refused=False,
        order_statuses="Draft=Draft,On Hold=Draft,Activated=Activated,Shipped=Activated",
        locked_record_code="INVALID_OPERATION",
        activated_order_open_fields="Status",
        order_activation_code="INVALID_STATUS",
    )
    stock, account, parent, item = activated(org)
    client = stock.client
    assert refused(lambda: client.Order.update(parent, {"Description": "x"}))[1] == "INVALID_OPERATION"
    assert refused(lambda: client.OrderItem.delete(item))[1] == "INVALID_OPERATION"
    assert refused(lambda: order(client, account, Status="Shipped"))[1] == "INVALID_STATUS"
    client.Order.update(parent, {"Status": "Shipped"})
    assert client.Order.get(parent)["StatusCode"] == "Activated"
    client.Order.update(parent, {"Status": "On Hold"})
    shown = client.Order.get(parent)
    assert (shown["StatusCode"], shown["ActivatedDate"], shown["ActivatedById"]) == ("Draft", None, None)
    client.OrderItem.update(item, {"Quantity": 5})
    client.Order.update(parent, {"Status": "Activated"})
    assert client.Order.delete(parent) == 204
    last = order(client, account)
    assert client.Account.delete(account) == 204
    # The look-up is emptied, although a save would not let it be.
    assert client.Order.get(last)["AccountId"] is None


def test_an_account_with_orders_stays(org: Running) -> None:
    stock, account, parent, item = bought(org)
    client = stock.client
    number = client.Order.get(parent)["OrderNumber"]
    why = "could not be completed because it is associated with the following"
    message = f"Your attempt to delete A {why} orders.: {number}"
    assert refused(lambda: client.Account.delete(account)) == (400, "DELETE_FAILED", message, [])
    assert client.Order.delete(parent) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.OrderItem.get(item)
    assert client.Account.delete(account) == 204


def test_the_account_of_a_draft_may_change(org: Running) -> None:
    stock, _, parent, _ = bought(org)
    other = stock.client.Account.create({"Name": "B"})["id"]
    assert stock.client.Order.update(parent, {"AccountId": other}) == 204
    emptied = refused(lambda: stock.client.Order.update(parent, {"AccountId": None}))
    assert (emptied[1], emptied[3]) == ("REQUIRED_FIELD_MISSING", ["AccountId"])


@pytest.mark.parametrize("text", ["", "Draft", "Draft=Open", "Activated=Activated", "=Draft"])
def test_order_statuses_that_make_no_sense(text: str) -> None:
    with pytest.raises(BadInstructionError, match="salesforce_order_statuses"):
        order_states(text)


def test_incoming_stock_points_to_products_and_suppliers(org: Running) -> None:
    stock = stocked(org)
    client = stock.client
    supplier = client.Account.create({"Name": "Maker", "Zoho_Id__c": "9"})["id"]
    given = {
        "Product__c": stock.product,
        "Supplier__r": {"Zoho_Id__c": "9"},
        "Quantity_Ordered__c": 40,
        "Unit_Cost__c": 1.25,
        "Expected_Date__c": "2026-12-24",
        "Purchase_Order_Number__c": "PO-7",
    }
    made = client.Incoming_Stock__c.upsert("Zoho_Id__c/po-7-1", given, raw_response=True).json()["id"]
    shown = client.query(
        "SELECT Name, Status__c, Quantity_Received__c, Product__r.Name, Supplier__c FROM Incoming_Stock__c"
    )["records"][0]
    assert made.startswith("a00")
    assert shown["Name"].startswith("IS-0")
    assert (shown["Status__c"], shown["Quantity_Received__c"]) == ("Draft", 0.0)
    assert (shown["Product__r"]["Name"], shown["Supplier__c"]) == ("Bolt M8", supplier)
    bad = refused(lambda: client.Incoming_Stock__c.update(made, {"Status__c": "Lost"}))
    assert (bad[1], bad[3]) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Status__c"])
    lacking = refused(lambda: client.Incoming_Stock__c.create({"Quantity_Ordered__c": 1}))
    assert (lacking[1], lacking[3]) == ("REQUIRED_FIELD_MISSING", ["Product__c"])
    assert refused(lambda: client.Product2.delete(stock.product))[1] == "DELETE_FAILED"
