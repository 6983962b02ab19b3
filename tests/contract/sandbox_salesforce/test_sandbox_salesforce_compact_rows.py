"""How records lie in memory: small, found by index, and the same after a restart."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest

from integration.sandbox.clock import Clock
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from integration.sandbox.salesforce.field_kinds import checkbox, external_key, moment, reference, text
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.tables import Layout, Row, Table

THING = ObjectDef(
    "Thing__c",
    "a09",
    (
        external_key("Key__c"),
        reference("Parent__c", "Thing__c"),
        text("Name", 80),
        checkbox("IsDeleted"),
        moment("SystemModstamp"),
    ),
)


def row(record_id: str, **values: str | int | bool | None) -> Row:
    return Row(record_id, {"IsDeleted": False, "SystemModstamp": 0, **values})


def ids(rows: list[Row]) -> list[str]:
    return [found.id for found in rows]


def test_packed_values_are_a_mapping() -> None:
    layout = Layout(("A", "B"))
    packed = layout.pack({"B": 2, "Unknown": 3})
    assert dict(packed) == packed.as_dict() == {"A": None, "B": 2}
    assert (packed["B"], packed.get("A"), packed.get("C"), packed.get("C", 5), len(packed)) == (
        2,
        None,
        None,
        5,
        2,
    )
    assert layout.pack(packed) is packed
    assert Layout(("B", "A")).pack(packed) == {"A": None, "B": 2}
    with pytest.raises(KeyError):
        packed["C"]
    assert Row("1", packed).changed({"A": 1}, {"B": 3}) == {"A": 1, "B": 3}


def test_an_index_follows_every_change() -> None:
    table = Table(THING)
    key, parent, name = (THING.field(field) for field in ("Key__c", "Parent__c", "Name"))
    for record_id in ("a", "b", "c"):
        table.put(row(record_id, Key__c=f"K{record_id}", Parent__c="p"))
    assert ids(table.find(parent, "p")) == ["a", "b", "c"]
    assert ids(table.find(key, "kB")) == ["b"]
    table.put(row("b", Key__c="other", Parent__c=None, Name="B"))
    table.drop("a")
    assert (ids(table.find(parent, "p")), table.find(key, "kb")) == (["c"], [])
    assert (
        ids(table.find(key, "OTHER")) == ids(table.find(parent, None)) == ids(table.find(name, "b")) == ["b"]
    )
    table.put(row("c", Key__c="kc", Parent__c="p", IsDeleted=True))
    assert (table.find(parent, "p"), ids(table.find(parent, "p", with_deleted=True))) == ([], ["c"])
    table.drop("c")
    assert table.find(parent, "p", with_deleted=True) == []


def test_the_order_of_changes_is_kept() -> None:
    table = Table(THING)
    for record_id, stamp in (("a", 30), ("b", 10), ("c", 20), ("a", 40)):
        table.put(row(record_id, SystemModstamp=stamp))
        table.note_touched(stamp, record_id)
    assert ids(list(table.touched_since(20))) == ["a", "c"]
    for stamp in range(1200):
        table.note_touched(stamp, "c")
    assert ids(list(table.touched_since(0))) == ["c", "a", "b"]


def planted(org: SalesforceOrg, number: int) -> list[str]:
    book = org.standard_price_book
    products = [
        org.plant(
            "Product2",
            {"Name": f"Bolt {n}", "ProductCode": f"B-{n}", "IsActive": True, "Zoho_Id__c": str(n)},
            30,
        )
        for n in range(number)
    ]
    for product in products:
        price = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1, "IsActive": True}
        org.plant("PricebookEntry", price, 30)
    return products


def test_a_catalogue_is_small_and_quickly_planted() -> None:
    org = SalesforceOrg(OrgOptions(), Clock())
    started = time.process_time()
    planted(org, 600)
    # 5,000 a second are wanted; a slow machine gets ten times as long, a quadratic slip takes more.
    assert time.process_time() - started < 1200 / 5000 * 10
    tracemalloc.start()
    try:
        planted(org_measured := SalesforceOrg(OrgOptions(), Clock()), 200)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert org_measured.counts()["PricebookEntry"]["alive"] == 200
    # A dict of every field would take more than twice that.
    assert size / 400 < 2000


def test_a_dump_carries_numbers_books_and_prices() -> None:
    org = SalesforceOrg(OrgOptions(), Clock())
    (product,) = planted(org, 1)
    book = org.standard_price_book
    account = org.edit("Account", None, {"Name": "A"})["Id"]
    fields = {"AccountId": account, "EffectiveDate": "2026-12-01", "Status": "Draft", "Pricebook2Id": book}
    first = org.edit("Order", None, fields)
    price = org.records("PricebookEntry")[0]["Id"]
    org.edit(
        "OrderItem", None, {"OrderId": first["Id"], "PricebookEntryId": price, "Quantity": 1, "UnitPrice": 3}
    )
    other = SalesforceOrg(OrgOptions(), Clock())
    other.load(json.loads(json.dumps(org.dump())))
    assert other.counts() == org.counts()
    assert other.standard_price_book == book
    assert other.record("Order", first["Id"]) == org.record("Order", first["Id"])
    assert other.record("Product2", product)["Zoho_Id__c"] == "0"
    assert int(other.edit("Order", None, fields)["OrderNumber"]) == int(first["OrderNumber"]) + 1
    with pytest.raises(Exception, match="DUPLICATE_VALUE"):
        other.edit("PricebookEntry", None, {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1})
    other.edit("Order", first["Id"], {"Status": "Activated"})
    assert other.record("Order", first["Id"])["TotalAmount"] == 3.0


def test_a_dump_of_an_org_with_other_fields_is_read() -> None:
    extra = {"name": "Product2", "fields": [{"name": "Tier__c", "type": "boolean", "nillable": False}]}
    plain, wide = (
        SalesforceOrg(OrgOptions(), Clock()),
        SalesforceOrg(OrgOptions(definitions=(extra,)), Clock()),
    )
    made = plain.edit("Product2", None, {"Name": "Bolt"})["Id"]
    wide.load(json.loads(json.dumps(plain.dump())))
    assert wide.record("Product2", made)["Tier__c"] is False
    plain.load(json.loads(json.dumps(wide.dump())))
    assert plain.record("Product2", made)["Name"] == "Bolt"
