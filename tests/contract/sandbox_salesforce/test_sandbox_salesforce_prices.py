"""Products, price books and prices: what a strict org refuses and what it derives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simple_salesforce.exceptions import SalesforceResourceNotFound

from tests.contract.sandbox_salesforce.catalogue import (
    opportunity,
    opportunity_line,
    price,
    refused,
    standard_book,
    stocked,
)
from tests.contract.sandbox_salesforce.running_org import Running


def test_a_product_is_inactive_unless_it_says_so(org: Running) -> None:
    products = org.client().Product2
    made = products.get(products.create({"Name": "Bolt"})["id"])
    assert (made["IsActive"], made["IsArchived"], made["ProductCode"]) == (False, False, None)
    assert made["Id"].startswith("01t")
    assert refused(lambda: products.create({"ProductCode": "B"})) == (
        400,
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [Name]",
        ["Name"],
    )
    status, code, _, fields = refused(lambda: products.create({"Name": "B", "IsArchived": True}))
    assert (status, code, fields) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsArchived"])


def test_a_product_is_kept_by_its_external_id_and_carries_stock(org: Running) -> None:
    products = org.client().Product2
    stock = {"Stock_On_Hand__c": 12.5, "Stock_Available__c": 3, "Stock_As_Of__c": "2026-11-01T08:00:00Z"}
    assert products.upsert("Zoho_Id__c/77", {"Name": "Bolt", **stock}) == 201
    assert products.upsert("Zoho_Id__c/77", {"Stock_On_Hand__c": 11}) == 200
    kept = products.get_by_custom_id("Zoho_Id__c", "77")
    assert (kept["Stock_On_Hand__c"], kept["Stock_Available__c"]) == (11.0, 3.0)
    assert kept["Stock_As_Of__c"] == "2026-11-01T08:00:00.000+0000"


def test_there_is_one_standard_price_book_and_it_stays(org: Running) -> None:
    client = org.client()
    (book,) = client.query("SELECT Id, Name, IsActive FROM Pricebook2")["records"]
    assert (book["Id"][:3], book["Name"], book["IsActive"]) == ("01s", "Standard Price Book", True)
    status, code, _, fields = refused(lambda: client.Pricebook2.create({"Name": "B", "IsStandard": True}))
    assert (status, code, fields) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsStandard"])
    status, code, _, _ = refused(lambda: client.Pricebook2.delete(book["Id"]))
    assert (status, code) == (400, "DELETE_FAILED")
    assert client.Pricebook2.update(book["Id"], {"Name": "List"}) == 204
    org.do(org.org.reset)
    assert standard_book(org.client()) > book["Id"]


def test_the_standard_price_comes_first(org: Running) -> None:
    client = org.client()
    trade = client.Pricebook2.create({"Name": "Trade", "IsActive": True})["id"]
    product = client.Product2.create({"Name": "Bolt", "ProductCode": "B", "IsActive": True})["id"]
    expected = (400, "STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product", [])
    assert refused(lambda: price(client, trade, product, UnitPrice=8)) == expected
    assert refused(lambda: price(client, trade, product, UseStandardPrice=True)) == expected
    standard = price(client, standard_book(client), product, UnitPrice=10, IsActive=False)
    assert refused(lambda: price(client, trade, product, UnitPrice=8)) == expected
    client.PricebookEntry.update(standard, {"IsActive": True})
    made = client.PricebookEntry.get(price(client, trade, product, UnitPrice=8))
    assert (made["Name"], made["ProductCode"], made["UnitPrice"]) == ("Bolt", "B", 8.0)


def test_a_price_is_given_once_per_book(org: Running) -> None:
    stock = stocked(org)
    for book in (stock.standard_book, stock.trade_book):
        assert refused(lambda book=book: price(stock.client, book, stock.product, UnitPrice=1)) == (
            400,
            "DUPLICATE_VALUE",
            "This price definition already exists in this price book",
            [],
        )
    stock.client.PricebookEntry.delete(stock.trade_price)
    again = price(stock.client, stock.trade_book, stock.product, UnitPrice=7)
    with pytest.raises(Exception, match="DUPLICATE_VALUE"):
        org.do(lambda: org.org.undelete("PricebookEntry", stock.trade_price))
    assert stock.client.PricebookEntry.get(again)["UnitPrice"] == 7.0


def test_what_a_price_needs_and_what_is_fixed(org: Running) -> None:
    stock = stocked(org)
    entries = stock.client.PricebookEntry
    status, code, _, fields = refused(lambda: entries.create({"UnitPrice": 1}))
    assert (status, code, fields) == (400, "REQUIRED_FIELD_MISSING", ["Pricebook2Id", "Product2Id"])
    status, code, _, fields = refused(lambda: price(stock.client, stock.standard_book, stock.product))
    assert (status, code, fields) == (400, "REQUIRED_FIELD_MISSING", ["UnitPrice"])
    for name, value in (
        ("Pricebook2Id", stock.standard_book),
        ("Product2Id", stock.product),
        ("Name", "Other"),
        ("ProductCode", "X"),
    ):
        answer = refused(lambda name=name, value=value: entries.update(stock.trade_price, {name: value}))
        assert (answer[0], answer[1], answer[3]) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", [name])
    assert entries.update(stock.trade_price, {"UnitPrice": 7.5, "IsActive": False}) == 204


def test_a_price_that_uses_the_standard_price_follows_it(org: Running) -> None:
    stock = stocked(org)
    entries = stock.client.PricebookEntry
    own = "UnitPrice cannot be set on a price book entry that uses the standard price"
    both = {"UseStandardPrice": True, "UnitPrice": 9}
    expected = (400, "FIELD_INTEGRITY_EXCEPTION", own, ["UnitPrice"])
    assert refused(lambda: entries.update(stock.trade_price, both)) == expected
    entries.update(stock.trade_price, {"UseStandardPrice": True})
    assert entries.get(stock.trade_price)["UnitPrice"] == 10.0
    entries.update(stock.standard_price, {"UnitPrice": 12})
    assert entries.get(stock.trade_price)["UnitPrice"] == 12.0
    assert refused(lambda: entries.update(stock.trade_price, {"UnitPrice": 9})) == expected
    leaving = {"UseStandardPrice": False, "UnitPrice": 9}
    assert refused(lambda: entries.update(stock.trade_price, leaving)) == expected
    entries.update(stock.trade_price, {"UseStandardPrice": False})
    entries.update(stock.trade_price, {"UnitPrice": 9})
    entries.update(stock.standard_price, {"UnitPrice": 13})
    assert entries.get(stock.trade_price)["UnitPrice"] == 9.0


def test_prices_show_their_product(org: Running) -> None:
    stock = stocked(org)
    before = stock.client.PricebookEntry.get(stock.trade_price)["SystemModstamp"]
    org.clock.step(seconds=5)
    stock.client.Product2.update(stock.product, {"Name": "Bolt M9", "ProductCode": "B-9"})
    for entry in (stock.standard_price, stock.trade_price):
        shown = stock.client.PricebookEntry.get(entry)
        assert (shown["Name"], shown["ProductCode"]) == ("Bolt M9", "B-9")
        assert shown["SystemModstamp"] == before


def test_what_is_in_use_stays(org: Running) -> None:
    stock = stocked(org)
    deal = opportunity(stock.client, Pricebook2Id=stock.trade_book)
    opportunity_line(stock.client, deal, stock.trade_price)
    status, code, message, _ = refused(lambda: stock.client.Product2.delete(stock.product))
    assert (status, code) == (400, "DELETE_FAILED")
    assert "opportunity products.: Deal Bolt M8" in message
    status, code, message, _ = refused(lambda: stock.client.Pricebook2.delete(stock.trade_book))
    assert (status, code) == (400, "DELETE_FAILED")
    assert message.endswith("opportunities.: Deal")
    status, code, _, _ = refused(lambda: stock.client.PricebookEntry.delete(stock.standard_price))
    assert (status, code) == (400, "DELETE_FAILED")
    # A price with lines may go; the lines keep its id.
    assert stock.client.PricebookEntry.delete(stock.trade_price) == 204
    (line,) = stock.client.query("SELECT PricebookEntryId, TotalPrice FROM OpportunityLineItem")["records"]
    assert (line["PricebookEntryId"], line["TotalPrice"]) == (stock.trade_price, 20.0)


def test_an_unused_product_takes_its_prices_along_and_brings_them_back(org: Running) -> None:
    stock = stocked(org)
    assert stock.client.Product2.delete(stock.product) == 204
    with pytest.raises(SalesforceResourceNotFound):
        stock.client.PricebookEntry.get(stock.trade_price)
    gone = stock.client.query("SELECT Id FROM PricebookEntry WHERE IsDeleted = true", include_deleted=True)
    assert gone["totalSize"] == 2
    org.do(lambda: org.org.undelete("Product2", stock.product))
    assert stock.client.PricebookEntry.get(stock.trade_price)["UnitPrice"] == 8.0


def test_what_is_in_use_may_go_by_switch(start: Callable[..., Running]) -> None:
    org = start(
        used_product_delete_refused=False,
        used_price_book_delete_refused=False,
        standard_price_delete_refused=False,
        used_price_delete_refused=True,
        repeated_price_code="FIELD_INTEGRITY_EXCEPTION",
    )
    stock = stocked(org)
    deal = opportunity(stock.client, Pricebook2Id=stock.trade_book)
    line = opportunity_line(stock.client, deal, stock.trade_price)
    _, code, _, _ = refused(lambda: price(stock.client, stock.trade_book, stock.product, UnitPrice=1))
    assert code == "FIELD_INTEGRITY_EXCEPTION"
    _, code, message, _ = refused(lambda: stock.client.PricebookEntry.delete(stock.trade_price))
    assert (code, message.endswith(f"opportunity products.: {line}")) == ("DELETE_FAILED", True)
    assert stock.client.PricebookEntry.delete(stock.standard_price) == 204
    assert stock.client.Pricebook2.delete(stock.trade_book) == 204
    assert stock.client.Product2.delete(stock.product) == 204


def test_prices_are_per_currency(start: Callable[..., Running]) -> None:
    org = start(currencies="GBP,EUR")
    stock = stocked(org)
    client = stock.client
    assert client.PricebookEntry.get(stock.trade_price)["CurrencyIsoCode"] == "GBP"
    assert refused(
        lambda: price(client, stock.trade_book, stock.product, UnitPrice=9, CurrencyIsoCode="EUR")
    )[1] == ("STANDARD_PRICE_NOT_DEFINED")
    price(client, stock.standard_book, stock.product, UnitPrice=11, CurrencyIsoCode="EUR")
    euros = price(client, stock.trade_book, stock.product, UseStandardPrice=True, CurrencyIsoCode="EUR")
    assert client.PricebookEntry.get(euros)["UnitPrice"] == 11.0
    status, code, _, fields = refused(lambda: client.PricebookEntry.update(euros, {"CurrencyIsoCode": "GBP"}))
    assert (status, code, fields) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CurrencyIsoCode"])
    deal = opportunity(client, Pricebook2Id=stock.trade_book, CurrencyIsoCode="EUR")
    status, code, _, fields = refused(lambda: opportunity_line(client, deal, stock.trade_price))
    assert (status, code, fields) == (400, "FIELD_INTEGRITY_EXCEPTION", ["PricebookEntryId"])
    line = opportunity_line(client, deal, euros)
    assert client.OpportunityLineItem.get(line)["CurrencyIsoCode"] == "EUR"
    status, code, _, fields = refused(lambda: client.Opportunity.update(deal, {"CurrencyIsoCode": "GBP"}))
    assert (status, code, fields) == (400, "FIELD_INTEGRITY_EXCEPTION", ["CurrencyIsoCode"])
