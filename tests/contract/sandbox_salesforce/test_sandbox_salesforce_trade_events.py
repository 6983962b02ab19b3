"""Change events of products, prices, opportunities and orders, with what follows from a save in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg, SalesforceSwitches
from tests.contract.sandbox_salesforce.catalogue import (
    Catalogue,
    opportunity,
    opportunity_line,
    order,
    order_item,
    price,
    stocked,
)
from tests.contract.sandbox_salesforce.pubsub_client import Bus, Told, all_events
from tests.contract.sandbox_salesforce.running_org import Running

OPPORTUNITY_FIELDS = [
    "AccountId", "IsPrivate", "Name", "Description", "StageName", "Amount", "Probability",
    "ExpectedRevenue", "TotalOpportunityQuantity", "CloseDate", "Type", "NextStep", "LeadSource",
    "IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName", "CampaignId",
    "HasOpportunityLineItem", "Pricebook2Id", "OwnerId", "CreatedDate", "CreatedById",
    "LastModifiedDate", "LastModifiedById", "LastStageChangeDate", "ContactId", "ContractId",
    "LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId", "Zoho_Id__c",
]  # fmt: skip


def told(event: Told) -> tuple[str, str]:
    return event.header["entityName"], event.header["changeType"]


def given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def last_events(org: Running, since: int) -> list[Told]:
    count = len(org.events())
    return all_events(org, count)[since:]


def placed(org: Running) -> tuple[Catalogue, str]:
    stock = stocked(org)
    account = stock.client.Account.create({"Name": "A"})["id"]
    return stock, order(stock.client, account, Pricebook2Id=stock.trade_book)


def test_the_default_selection_has_a_topic_each(org: Running) -> None:
    bus = Bus(org)

    async def read() -> None:
        async with bus:
            for name in ("Account", "Contact", "Opportunity", "Order", "Product2"):
                assert (await bus.topic(f"/data/{name}ChangeEvent")).can_subscribe
            info = await bus.topic("/data/OpportunityChangeEvent")
            fields = (await bus.schema(info.schema_id))["fields"]
            assert [field["name"] for field in fields[1:]] == OPPORTUNITY_FIELDS

    org.await_(read())


def test_an_opportunity_is_told_with_all_it_derives(org: Running) -> None:
    opportunity(org.client(), Amount=200)
    (event,) = all_events(org, 1)
    assert told(event) == ("Opportunity", "CREATE")
    assert event.header["changeOrigin"] == "com/salesforce/api/rest/61.0;client=zsync"
    body = given(event.body)
    assert (body["Probability"], body["ExpectedRevenue"], body["ForecastCategory"]) == (
        10.0,
        20.0,
        "Pipeline",
    )
    assert body["CloseDate"] == 1_798_675_200_000
    assert not {"FiscalYear", "SystemModstamp", "IsDeleted", "Id"} & set(event.body)


def test_a_line_is_told_by_its_opportunity(org: Running) -> None:
    stock = stocked(org)
    deal = opportunity(stock.client, Pricebook2Id=stock.trade_book)
    before = len(org.events())
    opportunity_line(stock.client, deal, stock.trade_price)
    (event,) = last_events(org, before)
    assert told(event) == ("Opportunity", "UPDATE")
    # The line took the first number of the transaction, but is not told.
    assert (event.header["sequenceNumber"], event.header["recordIds"]) == (2, [deal])
    sums = {"Amount", "TotalOpportunityQuantity", "HasOpportunityLineItem", "ExpectedRevenue"}
    assert set(given(event.body)) == {*sums, "LastModifiedDate"}
    assert event.body["Amount"] == 20.0


def test_an_item_and_its_order_are_one_transaction(start: Callable[..., Running]) -> None:
    org = start(event_entities="Order,OrderItem,PricebookEntry,OpportunityLineItem", line_item_events=True)
    stock, parent = placed(org)
    before = len(org.events())
    item = order_item(stock.client, parent, stock.trade_price)
    first, second = last_events(org, before)
    assert [told(first), told(second)] == [("OrderItem", "CREATE"), ("Order", "UPDATE")]
    assert [event.header["sequenceNumber"] for event in (first, second)] == [1, 2]
    assert first.header["transactionKey"] == second.header["transactionKey"]
    assert (first.header["recordIds"], second.body["TotalAmount"]) == ([item], 20.0)
    assert first.body["TotalPrice"] == 20.0
    stock.client.Order.delete(parent)
    gone = last_events(org, before + 2)
    assert [told(event) for event in gone] == [("Order", "DELETE"), ("OrderItem", "DELETE")]
    assert len({event.header["transactionKey"] for event in gone}) == 1


def test_activation_is_told_with_its_time(org: Running) -> None:
    stock, parent = placed(org)
    order_item(stock.client, parent, stock.trade_price)
    before = len(org.events())
    stock.client.Order.update(parent, {"Status": "Activated"})
    (event,) = last_events(org, before)
    changed = {"Status", "StatusCode", "ActivatedDate", "ActivatedById", "LastModifiedDate"}
    assert set(given(event.body)) == changed
    assert event.body["ActivatedDate"] == event.body["LastModifiedDate"]


def test_a_new_price_is_told_without_its_audit_fields(start: Callable[..., Running]) -> None:
    org = start(event_entities="PricebookEntry,Product2")
    stock = stocked(org)
    audit = {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
    product, standard, trade = all_events(org, 3)
    assert (told(product), audit <= set(given(product.body))) == (("Product2", "CREATE"), True)
    for event, amount in ((standard, 10.0), (trade, 8.0)):
        assert told(event) == ("PricebookEntry", "CREATE")
        assert not audit & set(given(event.body))
        assert not {"Name", "ProductCode"} & set(event.body)
        assert event.body["UnitPrice"] == amount
    stock.client.PricebookEntry.update(stock.trade_price, {"UseStandardPrice": True})
    stock.client.PricebookEntry.update(stock.standard_price, {"UnitPrice": 12})
    using, moved = last_events(org, 3)
    assert set(given(using.body)) == {"UseStandardPrice", "UnitPrice", "LastModifiedDate"}
    # The same change to both prices is one event.
    assert moved.header["recordIds"] == [stock.standard_price, stock.trade_price]
    stock.client.Product2.update(stock.product, {"Name": "Bolt"})
    assert [told(event) for event in last_events(org, 5)] == [("Product2", "UPDATE")]


def test_an_account_is_told_with_what_it_takes_along(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    opportunity(client, AccountId=account)
    before = len(org.events())
    client.Account.delete(account)
    org.do(lambda: org.org.undelete("Account", account))
    events = last_events(org, before)
    assert [told(event) for event in events] == [
        ("Account", "DELETE"),
        ("Opportunity", "DELETE"),
        ("Account", "UNDELETE"),
        ("Opportunity", "UNDELETE"),
    ]
    assert [event.header["sequenceNumber"] for event in events] == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("entities", "advice"),
    [
        ("Account,Contact,Opportunity,Order,Product2,Pricebook2", "salesforce_event_entities_at_most=6"),
        ("OpportunityLineItem", "salesforce_line_item_events=true"),
        ("Account,Nothing", "no objects \\['Nothing'\\]"),
        ("OpportunityStage", "no change events"),
    ],
)
def test_selections_an_org_refuses(entities: str, advice: str) -> None:
    with pytest.raises(BadInstructionError, match=advice):
        SalesforceOrg(OrgOptions(switches=SalesforceSwitches(event_entities=entities)), Clock())


def test_objects_of_custom_channels_count(start: Callable[..., Running]) -> None:
    channels = {"Stock__chn": ("Product2", "PricebookEntry")}
    with pytest.raises(BadInstructionError, match="6 objects"):
        SalesforceOrg(OrgOptions(event_channels=channels), Clock())
    org = start(event_channels=channels, event_entities_at_most=6)
    stock = stocked(org)
    price(stock.client, stock.standard_book, stock.client.Product2.create({"Name": "B"})["id"], UnitPrice=1)
    assert {told(event)[0] for event in all_events(org, 5, "/data/Stock__chn")} == {
        "Product2",
        "PricebookEntry",
    }
