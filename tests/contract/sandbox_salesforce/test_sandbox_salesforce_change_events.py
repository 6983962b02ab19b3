"""What change events tell, read as a subscriber reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from integration.sandbox.errors import RefusedError
from tests.contract.sandbox_salesforce.pubsub_client import ACCOUNTS, CONTACTS, Bus, Told, all_events
from tests.contract.sandbox_salesforce.running_org import Running

HEADER = [
    "entityName", "recordIds", "changeType", "changeOrigin", "transactionKey", "sequenceNumber",
    "commitTimestamp", "commitNumber", "commitUser", "nulledFields", "diffFields", "changedFields",
]  # fmt: skip
ACCOUNT_FIELDS = [
    "Name", "Type", "ParentId", "BillingAddress", "ShippingAddress", "Phone", "Fax", "AccountNumber",
    "Website", "Sic", "Industry", "AnnualRevenue", "NumberOfEmployees", "Ownership", "TickerSymbol",
    "Description", "Rating", "Site", "OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate",
    "LastModifiedById", "Jigsaw", "JigsawCompanyId", "CleanStatus", "AccountSource", "DunsNumber",
    "Tradestyle", "NaicsCode", "NaicsDesc", "YearStarted", "SicDesc", "DandbCompanyId",
    "OperatingHoursId", "Zoho_Id__c", "Is_Active__c",
]  # fmt: skip
CONTACT_FIELDS = [
    "AccountId", "Name", "OtherAddress", "MailingAddress", "Phone", "Fax", "MobilePhone", "HomePhone",
    "OtherPhone", "AssistantPhone", "ReportsToId", "Email", "Title", "Department", "AssistantName",
    "LeadSource", "Birthdate", "Description", "OwnerId", "HasOptedOutOfEmail", "HasOptedOutOfFax",
    "DoNotCall", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
    "LastCURequestDate", "LastCUUpdateDate", "EmailBouncedReason", "EmailBouncedDate", "Jigsaw",
    "JigsawContactId", "CleanStatus", "IndividualId", "Pronouns", "GenderIdentity", "Zoho_Id__c",
    "Is_Active__c",
]  # fmt: skip


def decoded(bitmap: Iterable[str]) -> set[tuple[int, int | None]]:
    """An independent reading of a bitmap: (position, inner position)."""
    found: set[tuple[int, int | None]] = set()
    for element in bitmap:
        parent, dash, digits = element.rpartition("-")
        assert digits[2:] == digits[2:].upper()
        number = int(digits, 16)
        places = [place for place in range(number.bit_length()) if number >> place & 1]
        assert digits[:2] == "0x"
        assert len(digits) % 2 == 0
        found |= {(int(parent), place) if dash else (place, None) for place in places}
    return found


def given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def edit(org: Running, entity: str, record_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return org.do(lambda: org.org.edit(entity, record_id, fields))


def test_schemas_have_the_documented_order(org: Running) -> None:
    bus = Bus(org)

    async def read() -> None:
        async with bus:
            for topic, name, fields in (
                (ACCOUNTS, "AccountChangeEvent", ACCOUNT_FIELDS),
                (CONTACTS, "ContactChangeEvent", CONTACT_FIELDS),
            ):
                info = await bus.topic(topic)
                assert (info.topic_name, info.can_publish, info.can_subscribe) == (topic, False, True)
                assert len(info.schema_id) == 22
                schema = await bus.schema(info.schema_id)
                assert (schema["name"], schema["namespace"]) == (name, "com.sforce.eventbus")
                header, *rest = schema["fields"]
                assert header["name"] == "ChangeEventHeader"
                assert [field["name"] for field in header["type"]["fields"]] == HEADER
                assert [field["name"] for field in rest] == fields
                assert all(field["type"][0] == "null" and field["default"] is None for field in rest)

    org.await_(read())


def test_a_create_tells_everything(org: Running) -> None:
    org.client().Account.create(
        {"Name": "Acme", "AnnualRevenue": 40000, "NumberOfEmployees": 3, "BillingStreet": "1 High St"}
    )
    (event,) = all_events(org, 1, ACCOUNTS)
    header, body = event.header, event.body
    assert header["changeType"] == "CREATE"
    assert header["changeOrigin"] == "com/salesforce/api/rest/61.0;client=zsync"
    assert header["commitUser"] == org.org.integration_user
    assert header["commitNumber"] > 2**53
    assert [header[name] for name in ("nulledFields", "diffFields", "changedFields")] == [[], [], []]
    assert list(body) == ACCOUNT_FIELDS
    told = given(body)
    assert (told["Name"], told["AnnualRevenue"], told["NumberOfEmployees"]) == ("Acme", 40000.0, 3)
    assert (told["Is_Active__c"], told["OwnerId"]) == (True, org.org.integration_user)
    assert told["BillingAddress"]["Street"] == "1 High St"
    assert body["ShippingAddress"] is None
    assert told["CreatedDate"] == header["commitTimestamp"] // 1000 * 1000


def test_an_update_tells_what_changed(org: Running) -> None:
    record_id = org.client().Account.create({"Name": "Acme", "Phone": "1", "BillingCity": "Leeds"})["id"]
    org.clock.step(seconds=2)
    edit(org, "Account", record_id, Industry="Banking", BillingStreet="2 High St", Phone=None)
    event = all_events(org, 2, ACCOUNTS)[1]
    assert event.header["changeOrigin"] == "com/salesforce/api/soap/61.0;client=SfdcInternalAPI/"
    told = given(event.body)
    assert set(told) == {"Industry", "BillingAddress", "LastModifiedDate", "LastModifiedById"}
    assert given(told["BillingAddress"]) == {"Street": "2 High St"}
    changed = {(11, None), (6, None), (22, None), (23, None), (4, 0)}
    assert decoded(event.header["changedFields"]) == changed
    assert decoded(event.header["nulledFields"]) == {(6, None)}


def test_the_modifier_is_told_only_when_it_changes(org: Running) -> None:
    record_id = edit(org, "Account", Name="A")["Id"]
    edit(org, "Account", record_id, Industry="Banking")
    event = all_events(org, 2, ACCOUNTS)[1]
    assert set(given(event.body)) == {"Industry", "LastModifiedDate"}
    assert event.header["changedFields"] == ["0x400800"]


def test_a_contact_name_is_a_compound(org: Running) -> None:
    record_id = edit(org, "Contact", FirstName="Ada", LastName="Byron", Birthdate="2022-05-31")["Id"]
    edit(org, "Contact", record_id, LastName="Lovelace", MailingCity="London")
    edit(org, "Contact", record_id, FirstName=None)
    created, renamed, shortened = all_events(org, 3, CONTACTS)
    assert created.body["Name"] == {"Salutation": None, "FirstName": "Ada", "LastName": "Byron"}
    assert created.body["Birthdate"] == 1_653_955_200_000
    assert renamed.body["Name"] == {"Salutation": None, "FirstName": None, "LastName": "Lovelace"}
    assert decoded(renamed.header["changedFields"]) == {(25, None), (2, 2), (4, 1)}
    assert shortened.body["Name"] is None
    assert decoded(shortened.header["nulledFields"]) == {(2, 1)}


def test_saving_without_a_change_tells_nothing(org: Running) -> None:
    record_id = edit(org, "Account", Name="A")["Id"]
    org.client().Account.update(record_id, {"Name": "A"})
    assert [event["changeType"] for event in org.events()] == ["CREATE"]


def test_delete_and_undelete(org: Running) -> None:
    record_id = edit(org, "Account", Name="A", Phone="1")["Id"]
    org.do(lambda: org.org.delete("Account", record_id))
    org.do(lambda: org.org.undelete("Account", record_id))
    _, gone, back = all_events(org, 3, ACCOUNTS)
    assert (gone.header["changeType"], given(gone.body)) == ("DELETE", {})
    assert back.header["changeType"] == "UNDELETE"
    assert (back.body["Name"], back.body["Phone"], back.header["changedFields"]) == ("A", "1", [])


def test_a_cascade_is_one_transaction(org: Running) -> None:
    account = edit(org, "Account", Name="A")["Id"]
    people = [edit(org, "Contact", LastName=name, AccountId=account)["Id"] for name in "PQ"]
    org.do(lambda: org.org.delete("Account", account))
    events = all_events(org, 5)[3:]
    assert [event.header["recordIds"] for event in events] == [[account], people]
    assert {event.header["changeType"] for event in events} == {"DELETE"}
    assert len({event.header["transactionKey"] for event in events}) == 1
    assert [event.header["sequenceNumber"] for event in events] == [1, 2]


def test_a_cascade_may_be_silent_and_events_unmerged(start: Callable[..., Running]) -> None:
    org = start(cascade_delete_events=False, merge_equal_changes=False)
    account = edit(org, "Account", Name="A")["Id"]
    edit(org, "Contact", LastName="P", AccountId=account)
    org.do(lambda: org.org.delete("Account", account))
    assert [event["recordIds"] for event in org.events()][2:] == [[account]]


def test_a_merge(org: Running) -> None:
    winner = edit(org, "Account", Name="Winner")["Id"]
    loser = edit(org, "Account", Name="Loser", Zoho_Id__c="9", Phone="5")["Id"]
    person = edit(org, "Contact", LastName="P", AccountId=loser)["Id"]
    merged = org.do(lambda: org.org.merge("Account", winner, [loser], {"Zoho_Id__c": "9", "Phone": "5"}))
    assert (merged["Zoho_Id__c"], merged["Phone"]) == ("9", "5")
    gone = org.do(lambda: org.org.record("Account", loser))
    assert (gone["deleted"], gone["MasterRecordId"]) == (True, winner)
    assert org.do(lambda: org.org.record("Contact", person))["AccountId"] == winner
    events = all_events(org, 6)[3:]
    kinds = [(event.header["changeType"], event.header["recordIds"]) for event in events]
    assert kinds == [("UPDATE", [person]), ("UPDATE", [winner]), ("DELETE", [loser])]
    assert events[0].body["AccountId"] == winner
    assert len({event.header["transactionKey"] for event in events}) == 1


def test_a_merge_may_tell_the_losers_first(start: Callable[..., Running]) -> None:
    org = start(merge_deletes_first=True)
    winner, loser = (edit(org, "Account", Name=name)["Id"] for name in ("W", "L"))
    org.do(lambda: org.org.merge("Account", winner, [loser], {"Phone": "1"}))
    assert [event["changeType"] for event in org.events()][2:] == ["DELETE", "UPDATE"]


@pytest.mark.parametrize("losers", [[], ["w"], ["a", "b", "c"]])
def test_refused_merges(org: Running, losers: list[str]) -> None:
    made = {name: edit(org, "Account", Name=name)["Id"] for name in "wabc"}
    with pytest.raises(RefusedError):
        org.do(lambda: org.org.merge("Account", made["w"], [made[name] for name in losers], {}))
    assert len(org.events()) == 4


def test_long_text_is_sent_as_a_diff(org: Running) -> None:
    lines = [f"line {number} with some words to make it long enough" for number in range(40)]
    record_id = edit(org, "Account", Name="A", Description="\n".join(lines))["Id"]
    lines[7] = "changed"
    edit(org, "Account", record_id, Description="\n".join(lines))
    edit(org, "Account", record_id, Description="short")
    _, diffed, whole = all_events(org, 3, ACCOUNTS)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert diffed.body["Description"].startswith(f"--- \n+++ {digest}\n@@")
    assert diffed.header["diffFields"] == ["0x010000"]
    assert (whole.body["Description"], whole.header["diffFields"]) == ("short", [])


def test_numbers_leave_holes_for_objects_without_events(start: Callable[..., Running]) -> None:
    org = start(event_entities="Contact")
    account = edit(org, "Account", Name="A")["Id"]
    edit(org, "Contact", LastName="P", AccountId=account)
    org.do(lambda: org.org.delete("Account", account))
    assert [(e["entityName"], e["sequenceNumber"]) for e in org.events()] == [("Contact", 1), ("Contact", 2)]


def test_a_refused_save_tells_nothing(org: Running) -> None:
    with pytest.raises(RefusedError) as raised:
        edit(org, "Account", Phone="1")
    assert raised.value.body[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert org.events() == []


def test_planted_records_are_old_and_silent(org: Running) -> None:
    fresh = edit(org, "Account", Name="new")["Id"]
    record_id = org.do(lambda: org.org.plant("Account", {"Name": "old"}, 400))
    planted = org.do(lambda: org.org.record("Account", record_id))
    assert planted["CreatedDate"] < org.do(lambda: org.org.record("Account", fresh))["CreatedDate"]
    assert [event["recordIds"] for event in org.events()] == [[fresh]]
    recent = "SELECT Name FROM Account WHERE SystemModstamp >= 2026-01-01T00:00:00Z ORDER BY Name"
    wide = org.client().query(recent.replace("2026", "2001"))["records"]
    assert [record["Name"] for record in wide] == ["new", "old"]


def test_incidents_with_events(org: Running) -> None:
    record_id = edit(org, "Account", Name="A")["Id"]
    for instruction in (
        {"kind": "gap", "object": "Account", "ids": [record_id]},
        {"kind": "gap", "object": "Account", "ids": [record_id], "change": "DELETE"},
        {"kind": "overflow", "object": "Account"},
        {"kind": "wildcard", "object": "Account"},
    ):
        org.do(lambda instruction=instruction: org.incidents.happen(instruction))
    events: list[Told] = all_events(org, 5, ACCOUNTS)[1:]
    kinds = [(event.header["changeType"], event.header["recordIds"]) for event in events]
    assert kinds == [
        ("GAP_UPDATE", [record_id]),
        ("GAP_DELETE", [record_id]),
        ("GAP_OVERFLOW", ["000000000000000AAA"]),
        ("UPDATE", ["001*"]),
    ]
    assert all(given(event.body) == {} and event.header["changeOrigin"] == "" for event in events)


def test_a_new_field_makes_a_new_schema(start: Callable[..., Running]) -> None:
    plain = start()
    extra = {"name": "Account", "fields": [{"name": "Tier__c", "type": "picklist", "length": 20}]}
    wider = start(definitions=(extra,))
    shapes = [org.org.events.shape(org.org.schema.object("Account")) for org in (plain, wider)]
    assert shapes[0].schema_id != shapes[1].schema_id
    edit(wider, "Account", Name="A", Tier__c="gold")
    (event,) = all_events(wider, 1, ACCOUNTS)
    assert event.body["Tier__c"] == "gold"
