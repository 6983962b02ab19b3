"""Schemas as data, whole states, and size."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError, NoSuchRecordError
from integration.sandbox.salesforce import Incidents, OrgOptions, SalesforceOrg, SalesforceSwitches
from integration.sandbox.salesforce.schema import SchemaError
from integration.sandbox.salesforce.usage import RollingCount
from tests.contract.sandbox_salesforce.pubsub_client import ACCOUNTS, Bus, all_events
from tests.contract.sandbox_salesforce.running_org import Running

WORK_ORDER = {
    "name": "WorkOrder",
    "key_prefix": "0WO",
    "name_field": "WorkOrderNumber",
    "fields": [
        {"name": "WorkOrderNumber", "type": "string", "length": 30, "createable": False, "updateable": False},
        {
            "name": "AccountId",
            "type": "reference",
            "reference_to": ["Account"],
            "on_parent_delete": "restrict",
        },
        {"name": "EffectiveDate", "type": "date", "nillable": False},
        {
            "name": "Status",
            "type": "picklist",
            "length": 40,
            "picklist": ["Draft", "Activated"],
            "restricted": True,
        },
        {"name": "Opened__c", "type": "time"},
        {
            "name": "Tags__c",
            "type": "multipicklist",
            "length": 4099,
            "picklist": ["a", "b"],
            "restricted": True,
        },
        {"name": "Discount__c", "type": "percent", "precision": 5, "scale": 2},
        {"name": "Zoho_Id__c", "type": "string", "length": 255, "external_id": True, "unique": True},
        {"name": "Site__c", "type": "reference", "reference_to": ["Place__c"]},
    ],
}
PLACE = {
    "name": "Place__c",
    "key_prefix": "a07",
    "fields": [{"name": "Name", "type": "string", "length": 80}],
}


def test_objects_are_data(start: Callable[..., Running]) -> None:
    org = start(definitions=(PLACE, WORK_ORDER), event_entities="Account,WorkOrder,Place__c")
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    place = client.Place__c.create({"Name": "Dock"})["id"]
    fields: dict[str, Any] = {
        "AccountId": account,
        "EffectiveDate": "2026-03-29",
        "Status": "Draft",
        "Opened__c": "08:30:00.000Z",
        "Tags__c": "a;b",
        "Discount__c": 12.345,
        "Site__c": place,
    }
    order = client.WorkOrder.upsert("Zoho_Id__c/7", fields, raw_response=True).json()["id"]
    assert order.startswith("0WO")
    found = client.query("SELECT Opened__c, Discount__c, Site__r.Name FROM WorkOrder")["records"][0]
    assert (found["Opened__c"], found["Discount__c"], found["Site__r"]["Name"]) == (
        "08:30:00.000Z",
        12.34,
        "Dock",
    )
    with pytest.raises(SalesforceMalformedRequest):
        client.Account.delete(account)
    with pytest.raises(SalesforceMalformedRequest):
        client.WorkOrder.create({**fields, "Tags__c": "a;z"})
    event = all_events(org, 3)[2]
    assert (event.header["entityName"], event.body["EffectiveDate"]) == ("WorkOrder", 1_774_742_400_000)
    bus = Bus(org)

    async def topics() -> list[str]:
        async with bus:
            names = ("/data/WorkOrderChangeEvent", "/data/Place__ChangeEvent")
            return [(await bus.topic(name)).topic_name for name in names]

    assert len(org.await_(topics())) == 2


@pytest.mark.parametrize(
    "definition",
    [
        {"name": "Thing__c"},
        {"name": "Thing__c", "key_prefix": "a01", "colour": "red"},
        {"name": "Account", "fields": [{"name": "X__c"}]},
        {"name": "Account", "fields": [{"name": "X__c", "type": "string", "colour": "red"}]},
    ],
)
def test_contradicting_definitions(definition: dict[str, Any]) -> None:
    with pytest.raises(SchemaError):
        SalesforceOrg(OrgOptions(definitions=(definition,)), Clock())


def test_an_unknown_object_cannot_be_streamed() -> None:
    with pytest.raises(BadInstructionError):
        SalesforceOrg(OrgOptions(switches=SalesforceSwitches(event_entities="Nothing")), Clock())


def test_an_org_may_lack_the_custom_fields(start: Callable[..., Running]) -> None:
    org = start(key_fields=False, active_fields=False)
    names = {field["name"] for field in org.client().Account.describe()["fields"]}
    assert not {"Zoho_Id__c", "Is_Active__c"} & names
    with pytest.raises(SalesforceResourceNotFound):
        org.client().Account.upsert("Zoho_Id__c/1", {"Name": "A"})


def test_several_currencies(start: Callable[..., Running]) -> None:
    org = start(currencies="GBP,EUR")
    client = org.client()
    record_id = client.Account.create({"Name": "A"})["id"]
    assert client.Account.get(record_id)["CurrencyIsoCode"] == "GBP"
    client.Account.update(record_id, {"CurrencyIsoCode": "EUR"})
    with pytest.raises(SalesforceMalformedRequest):
        client.Account.update(record_id, {"CurrencyIsoCode": "XXX"})
    corporate = client.query("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true")["records"]
    assert [record["IsoCode"] for record in corporate] == ["GBP"]


def test_person_accounts(start: Callable[..., Running]) -> None:
    org = start(person_accounts=True)
    client = org.client()
    person = client.Account.create(
        {"FirstName": "Ada", "LastName": "Byron", "PersonEmail": "ada@example.com"}
    )["id"]
    company = client.Account.create({"Name": "Acme"})["id"]
    assert [client.Account.get(r)["IsPersonAccount"] for r in (person, company)] == [True, False]
    assert client.Account.get(person)["Name"] == "Ada Byron"
    first, second = all_events(org, 2, ACCOUNTS)
    assert first.body["Name"] == {"Salutation": None, "FirstName": "Ada", "LastName": "Byron"}
    assert second.body["Name"] == "Acme"
    with pytest.raises(SalesforceMalformedRequest):
        client.Account.create({"FirstName": "Nobody"})


def test_a_dump_goes_on_elsewhere(org: Running) -> None:
    client = org.client()
    account = client.Account.create({"Name": "A", "Zoho_Id__c": "5"})["id"]
    person = client.Contact.create({"LastName": "P", "AccountId": account})["id"]
    client.Contact.delete(person)
    text = json.dumps(org.do(org.org.dump))
    other = SalesforceOrg(org.options, org.clock)
    other.load(json.loads(text))
    assert other.counts() == org.do(org.org.counts)
    assert other.record("Contact", person)["deleted"] is True
    assert [event.position for event in other.log.events] == [event.position for event in org.org.log.events]
    assert other.sessions.peek(client.session_id) is not None
    added = other.edit("Account", None, {"Name": "B"})["Id"]
    assert added > account
    with pytest.raises(Exception, match="DUPLICATE_VALUE"):
        other.edit("Account", None, {"Name": "C", "Zoho_Id__c": "5"})
    assert json.dumps(other.dump()) != text


def test_events_of_a_dump_keep_their_schema() -> None:
    extra = {"name": "Account", "fields": [{"name": "Tier__c", "type": "string", "length": 20}]}
    before = SalesforceOrg(OrgOptions(definitions=(extra,)), Clock())
    before.edit("Account", None, {"Name": "A"})
    after = SalesforceOrg(OrgOptions(), Clock())
    after.load(json.loads(json.dumps(before.dump())))
    after.edit("Account", None, {"Name": "B"})
    old, new = after.log.events
    assert old.schema_id != new.schema_id
    assert all("AccountChangeEvent" in (after.schemas.text(event.schema_id) or "") for event in (old, new))


def test_reset_empties_and_goes_on(org: Running) -> None:
    client = org.client()
    before = client.Account.create({"Name": "A"})["id"]
    last = org.org.log.events[-1].position
    org.do(org.org.reset)
    assert org.do(org.org.counts)["Account"] == {"alive": 0, "deleted": 0}
    after = client.Account.create({"Name": "B"})["id"]
    assert after > before
    assert org.org.log.events[-1].position > last


def test_admin_reads(org: Running) -> None:
    made = org.do(lambda: org.org.edit("Account", None, {"Name": "A"}))
    assert made["deleted"] is False
    assert org.do(lambda: org.org.records("account")) == [made]
    with pytest.raises(NoSuchRecordError):
        org.do(lambda: org.org.record("Account", "001000000000000AAA"))
    with pytest.raises(BadInstructionError):
        org.do(lambda: org.org.records("Nothing"))


def test_emptying_the_bin_is_silent(org: Running) -> None:
    made = org.do(lambda: org.org.edit("Account", None, {"Name": "A"}))["Id"]
    org.do(lambda: org.org.delete("Account", made))
    told = len(org.events())
    assert org.do(lambda: org.incidents.happen({"kind": "empty_recycle_bin"})) == {"records": 1}
    assert len(org.events()) == told
    assert org.client().query("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 0


@pytest.mark.parametrize(
    "instruction", [{}, {"kind": "dance"}, {"kind": "gap", "object": "Account"}, {"kind": "overflow"}]
)
def test_unknown_incidents(instruction: dict[str, Any]) -> None:
    with pytest.raises(BadInstructionError):
        Incidents(SalesforceOrg(OrgOptions(), Clock())).happen(instruction)


def test_a_rolling_count_forgets_gradually() -> None:
    now = [0.0]
    count = RollingCount(timedelta(days=1).total_seconds(), lambda: now[0])
    count.add(3)
    now[0] += 43_200
    count.add(2)
    assert count.used() == 5
    now[0] += 43_260
    assert count.used() == 2
    now[0] += 43_260
    assert count.used() == 0


def test_twenty_thousand_records() -> None:
    org = SalesforceOrg(OrgOptions(), Clock())
    for number in range(20_000):
        org.plant("Account", {"Name": f"Company {number}", "Zoho_Id__c": str(number)}, 30)
    org.edit("Account", None, {"Name": "newest"})
    started = time.process_time()
    stamp = "2001-01-01T00:00:00Z"
    by_key = org.queries.run("SELECT Id FROM Account WHERE Zoho_Id__c IN ('17', '19999')", with_deleted=False)
    newest = org.queries.run("SELECT Id FROM Account WHERE Name = 'newest'", with_deleted=False)
    every = org.queries.run(
        f"SELECT Id FROM Account WHERE SystemModstamp >= {stamp} ORDER BY SystemModstamp, Id LIMIT 5",
        with_deleted=False,
    )
    assert (len(by_key.rows), len(newest.rows), len(every.rows)) == (2, 1, 5)
    # Of the processor's time, which other processes do not use up; generous, to catch a quadratic slip.
    assert time.process_time() - started < 5
