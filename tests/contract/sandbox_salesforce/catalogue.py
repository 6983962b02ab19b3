"""Products with prices, made through REST as a client makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceError

from tests.contract.sandbox_salesforce.running_org import Running


def refused(call: Callable[[], Any]) -> tuple[int, str, str, list[str] | None]:
    """HTTP status, errorCode, message and fields of the one error answered."""
    with pytest.raises(SalesforceError) as raised:
        call()
    content = raised.value.content
    assert isinstance(content, list), content
    (entry,) = content
    return raised.value.status, entry["errorCode"], entry["message"], entry.get("fields")


@dataclass(frozen=True)
class Catalogue:
    """A product with its standard price of 10 and its trade price of 8."""

    client: Any
    standard_book: str
    trade_book: str
    product: str
    standard_price: str
    trade_price: str


def standard_book(client: Any) -> str:
    found = client.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")["records"]
    return str(found[0]["Id"])


def price(client: Any, book: str, product: str, **fields: Any) -> str:
    given = {"Pricebook2Id": book, "Product2Id": product, "IsActive": True, **fields}
    return str(client.PricebookEntry.create(given)["id"])


def stocked(org: Running, **currency: str) -> Catalogue:
    client = org.client()
    standard = standard_book(client)
    trade = client.Pricebook2.create({"Name": "Trade", "IsActive": True})["id"]
    product = client.Product2.create({"Name": "Bolt M8", "ProductCode": "B-8", "IsActive": True})["id"]
    first = price(client, standard, product, UnitPrice=10, **currency)
    second = price(client, trade, product, UnitPrice=8, **currency)
    return Catalogue(client, standard, trade, product, first, second)


def opportunity(client: Any, **fields: Any) -> str:
    given = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31", **fields}
    return str(client.Opportunity.create(given)["id"])


def opportunity_line(client: Any, parent: str, entry: str, **fields: Any) -> str:
    given = {"OpportunityId": parent, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 10, **fields}
    if "TotalPrice" in fields:
        del given["UnitPrice"]
    return str(client.OpportunityLineItem.create(given)["id"])


def order(client: Any, account: str, **fields: Any) -> str:
    given = {"AccountId": account, "EffectiveDate": "2026-12-01", "Status": "Draft", **fields}
    return str(client.Order.create(given)["id"])


def order_item(client: Any, parent: str, entry: str, **fields: Any) -> str:
    given = {"OrderId": parent, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": 10, **fields}
    return str(client.OrderItem.create(given)["id"])
