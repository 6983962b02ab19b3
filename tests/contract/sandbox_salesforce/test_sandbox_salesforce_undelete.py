"""What comes back from the recycle bin when the world has moved on meanwhile, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from integration.sandbox.errors import RefusedError
from tests.contract.sandbox_salesforce.catalogue import (
    opportunity,
    opportunity_line,
    order,
    order_item,
    price,
    stocked,
)
from tests.contract.sandbox_salesforce.running_org import Running


def undelete(org: Running, entity: str, record_id: str) -> None:
    org.do(lambda: org.org.undelete(entity, record_id))


def refused(org: Running, entity: str, record_id: str) -> str:
    with pytest.raises(RefusedError) as raised:
        undelete(org, entity, record_id)
    return str(raised.value.body[0]["errorCode"])


def shown(org: Running, entity: str, record_id: str) -> dict[str, Any]:
    return org.do(lambda: org.org.record(entity, record_id))


def test_an_opportunity_that_comes_back_without_its_lines_has_no_sum(org: Running) -> None:
    stock = stocked(org)
    account = stock.client.Account.create({"Name": "A"})["id"]
    deal = opportunity(stock.client, AccountId=account, Pricebook2Id=stock.trade_book)
    opportunity_line(stock.client, deal, stock.trade_price)
    stock.client.Account.delete(account)
    undelete(org, "Opportunity", deal)
    back = shown(org, "Opportunity", deal)
    assert (back["HasOpportunityLineItem"], back["Amount"], back["ExpectedRevenue"]) == (False, 0.0, 0.0)


def test_prices_need_their_product_and_their_book(org: Running) -> None:
    stock = stocked(org)
    stock.client.Product2.delete(stock.product)
    assert refused(org, "PricebookEntry", stock.trade_price) == "UNDELETE_FAILED"
    stock.client.Pricebook2.delete(stock.trade_book)
    undelete(org, "Product2", stock.product)
    assert not shown(org, "PricebookEntry", stock.standard_price)["deleted"]
    assert shown(org, "PricebookEntry", stock.trade_price)["deleted"]


def test_a_price_comes_back_only_where_there_is_a_standard_price_and_follows_it(org: Running) -> None:
    stock = stocked(org)
    stock.client.PricebookEntry.delete(stock.trade_price)
    follower = price(stock.client, stock.trade_book, stock.product, UseStandardPrice=True)
    stock.client.PricebookEntry.delete(follower)
    stock.client.PricebookEntry.update(stock.standard_price, {"UnitPrice": 12})
    undelete(org, "PricebookEntry", follower)
    assert shown(org, "PricebookEntry", follower)["UnitPrice"] == 12.0
    stock.client.PricebookEntry.delete(follower)
    stock.client.PricebookEntry.delete(stock.standard_price)
    assert refused(org, "PricebookEntry", follower) == "STANDARD_PRICE_NOT_DEFINED"


def test_an_order_needs_its_account(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    draft = order(client, account)
    client.Order.delete(draft)
    client.Account.delete(account)
    assert refused(org, "Order", draft) == "UNDELETE_FAILED"


def test_items_do_not_come_back_to_an_activated_order(org: Running) -> None:
    stock = stocked(org)
    account = stock.client.Account.create({"Name": "A"})["id"]
    sold = order(stock.client, account, Pricebook2Id=stock.trade_book)
    dropped = order_item(stock.client, sold, stock.trade_price)
    order_item(stock.client, sold, stock.trade_price)
    stock.client.OrderItem.delete(dropped)
    stock.client.Order.update(sold, {"Status": "Activated"})
    assert refused(org, "OrderItem", dropped) == org.options.switches.locked_record_code
    assert shown(org, "Order", sold)["TotalAmount"] == 20.0


def test_lines_do_not_come_back_to_another_price_book(org: Running) -> None:
    stock = stocked(org)
    deal = opportunity(stock.client, Pricebook2Id=stock.trade_book)
    line = opportunity_line(stock.client, deal, stock.trade_price)
    stock.client.OpportunityLineItem.delete(line)
    stock.client.Opportunity.update(deal, {"Pricebook2Id": stock.standard_book})
    assert refused(org, "OpportunityLineItem", line) == "UNDELETE_FAILED"
    assert not shown(org, "Opportunity", deal)["HasOpportunityLineItem"]


def test_nothing_tells_of_what_changes_within_the_recycle_bin(org: Running) -> None:
    stock = stocked(org)
    stock.client.PricebookEntry.delete(stock.trade_price)
    with_bin = org.do(lambda: org.org.store.table("PricebookEntry").get(stock.trade_price))
    assert with_bin is not None
    told: list[Any] = []
    watched = org.org.events
    before = watched.write

    def write(txn: Any) -> Any:
        told.extend((change.definition.name, change.kind) for change in txn.changes())
        return before(txn)

    watched.write = write  # type: ignore[method-assign]
    try:
        stock.client.Product2.update(stock.product, {"Name": "Bolt M9"})
    finally:
        del watched.write
    assert told == [("Product2", "UPDATE"), ("PricebookEntry", "UPDATE")]
    assert shown(org, "PricebookEntry", stock.trade_price)["Name"] == "Bolt M9"
