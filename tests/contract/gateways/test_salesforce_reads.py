"""Reads and searches of a Salesforce org, of the real one and of the one in memory alike."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.connectors.salesforce.ids import long_id
from integration.errors import BadInput, Rejected
from integration.ports import FindRequest, ReadRequest, WriteRequest
from tests.contract.gateways.salesforce_worlds import FIELDS, SalesforceWorld
from tests.contract.gateways.sameness import looks

EVENT = WorkClass.EVENT
PURGED = long_id("001Sb00PURGED00")
Both = tuple[SalesforceWorld, SalesforceWorld]


def mill(org: SalesforceWorld) -> str:
    """An Account with a value of every kind, and a Contact."""
    account = org.account(
        Phone="+44 20 7946 0001", AnnualRevenue=1250000, BillingLatitude=53.74, NumberOfEmployees=40,
        BillingStreet="1 Quay\nDock 3", BillingCity="  Hull ", BillingState="", Is_Active__c=False,
        Description="שלום 🌊",
    )  # fmt: skip
    org.contact(
        "Ferry", FirstName="Ann", AccountId=account, Birthdate="1980-02-29", Email="ann@mills.example"
    )
    return account


def test_an_account_comes_with_its_living_contacts(org: SalesforceWorld) -> None:
    account, other = mill(org), org.account("Other Ltd")
    left = org.contact("Gone", AccountId=account)
    org.contact("Elsewhere", AccountId=other)
    org.delete("Contact", left)
    org.gateway.absent_fields("Account", ["Name"])
    org.gateway.absent_fields("Contact", ["LastName"])
    before = org.calls()

    [answer] = org.gateway.read([ReadRequest("Account", account)], EVENT)

    root, child = answer.records
    missing = {name for name in FIELDS["Account"] if name not in root.image}
    assert missing == {"CurrencyIsoCode", "IsPersonAccount"}
    assert {name: value for name, value in root.image.items() if value is not None} == {
        "Name": "Harbour Mills Ltd", "Phone": "+44 20 7946 0001", "AnnualRevenue": 1250000,
        "NumberOfEmployees": 40, "Is_Active__c": False, "BillingStreet": "1 Quay\nDock 3",
        "BillingCity": "Hull", "BillingLatitude": {"$decimal": "53.74"}, "Description": "שלום 🌊",
    }  # fmt: skip
    assert root.stamp == root.at
    assert child.image["Birthdate"] == "1980-02-29"
    assert child.image["AccountId"] == child.parent_id == account
    assert org.calls() - before == 2


def test_records_look_the_same_everywhere(both_orgs: Both) -> None:
    shown = []
    for org in both_orgs:
        winner, loser = mill(org), org.account("Loser Ltd")
        org.merge("Account", winner, loser)
        alone = org.contact("Sample")
        answers = org.gateway.read([ReadRequest("Account", one) for one in (winner, loser, PURGED)], EVENT)
        answers += org.gateway.read([ReadRequest("Contact", alone)], EVENT)
        shown.append([looks(answer.records) for answer in answers])
    real, fake = shown
    assert fake == real


def test_many_records_are_read_in_two_calls(org: SalesforceWorld) -> None:
    ids = [org.account(f"Mill {n}") for n in range(12)]
    org.gateway.read([ReadRequest("Account", ids[0])], EVENT)
    before = org.calls()
    answers = org.gateway.read([ReadRequest("Account", record_id) for record_id in [*ids, ids[0]]], EVENT)
    assert [answer.records[0].record_id for answer in answers] == [*ids, ids[0]]
    assert org.calls() - before == 2


def test_short_ids_and_wrong_ids(org: SalesforceWorld) -> None:
    account = org.account()
    short, wrong = org.gateway.read(
        [ReadRequest("Account", account[:15]), ReadRequest("Account", "1 OR Name != ''")], EVENT
    )
    assert short.records[0].record_id == account
    assert isinstance(wrong.fault, Rejected)
    assert wrong.fault.code == "salesforce.malformed_id"
    assert wrong.records == ()


def test_deleted_merged_and_purged_records(org: SalesforceWorld) -> None:
    winner, loser, deleted = org.account("Winner"), org.account("Loser"), org.account("Deleted")
    org.contact("Mover", AccountId=loser)
    org.merge("Account", winner, loser)
    org.delete("Account", deleted)
    merged, gone, purged, alive = org.gateway.read(
        [ReadRequest("Account", record_id) for record_id in (loser, deleted, PURGED, winner)], EVENT
    )
    assert [answer.records[0].deleted for answer in (merged, gone, purged)] == [True] * 3
    assert [answer.records[0].merged_into for answer in (merged, gone, purged)] == [winner, "", ""]
    assert not any(answer.children_whole for answer in (merged, gone, purged))
    assert [record.entity for record in alive.records] == ["Account", "Contact"]
    assert alive.records[1].parent_id == winner


def test_an_undeleted_account_is_back_with_its_contacts(org: SalesforceWorld) -> None:
    account = org.account()
    ann, left = org.contact("Ferry", AccountId=account), org.contact("Left", AccountId=account)
    org.delete("Contact", left)
    org.delete("Account", account)
    [gone] = org.gateway.read([ReadRequest("Contact", ann)], EVENT)
    assert gone.records[0].deleted
    org.undelete("Account", account)
    [back] = org.gateway.read([ReadRequest("Account", account)], EVENT)
    assert [record.record_id for record in back.records] == [account, ann]
    assert not back.records[0].deleted


# ------------------------------------------------------------------- find


def found(org: SalesforceWorld, *requests: FindRequest) -> list[tuple[list[str], list[str]]]:
    """Ids by key and others of each answer."""
    answers = org.gateway.find(requests, EVENT)
    assert [answer.request for answer in answers] == list(requests)
    assert all(record.whole for answer in answers for record in (*answer.by_key, *answer.others))
    return [
        (sorted(r.record_id for r in answer.by_key), sorted(r.record_id for r in answer.others))
        for answer in answers
    ]


def test_find_tells_our_key_from_other_evidence(org: SalesforceWorld) -> None:
    keyed = org.account("Keyed Ltd", Zoho_Id__c="700")
    named = org.account("O'Hara \\ Söhne", Phone="555-1")
    org.account("Bystander", Zoho_Id__c="701")
    requests = [
        FindRequest("Account", key="700", name="o'hara \\ söhne"),
        FindRequest("Account", phone="555-1"),
        FindRequest("Account", key="999", website="nobody.example"),
        FindRequest("Account"),
        FindRequest("Account", key="700", name="Keyed Ltd"),
    ]
    org.gateway.find(requests[3:4], EVENT)
    before = org.calls()
    assert found(org, *requests) == [([keyed], [named]), ([], [named]), ([], []), ([], []), ([keyed], [])]
    assert org.calls() - before == 1
    found(org, FindRequest("Account"))
    assert org.calls() - before == 1, "nothing was looked for"


def test_find_people_by_name_mail_and_either_phone(org: SalesforceWorld) -> None:
    ann = org.contact("Ferry", FirstName="Ann", Email="ann@ferry.example", MobilePhone="555-2")
    requests = [
        FindRequest("Contact", name="ann ferry"),
        FindRequest("Contact", email="ANN@ferry.example"),
        FindRequest("Contact", phone="555-2"),
        FindRequest("Contact", name="Ann"),
    ]
    assert found(org, *requests) == [([], [ann])] * 3 + [([], [])]


def test_a_deleted_record_is_not_found(org: SalesforceWorld) -> None:
    account = org.account(Zoho_Id__c="700")
    org.delete("Account", account)
    assert found(org, FindRequest("Account", key="700", name="Harbour Mills Ltd")) == [([], [])]


def test_a_search_sees_what_was_just_written(org: SalesforceWorld) -> None:
    request = WriteRequest("Account", Operation.CREATE, key="702", fields={"Name": "Fresh Ltd"})
    [made] = org.gateway.write([request], EVENT)
    assert found(org, FindRequest("Account", name="Fresh Ltd")) == [([], [made.record_id])]


# ------------------------------------------------------------------- fields


def test_fields_as_the_org_describes_them(org: SalesforceWorld) -> None:
    asked = ["Name", "Nope__c", "BillingCity", "Nope__c", "CurrencyIsoCode"]
    assert org.gateway.absent_fields("Account", asked) == ["Nope__c", "CurrencyIsoCode"]
    writable = org.gateway.writable_fields("Contact")
    assert {"LastName", "AccountId", "MailingCity", "Zoho_Id__c", "Is_Active__c"} <= writable
    assert not {"Id", "SystemModstamp", "Name", "MailingAddress", "Is_Primary__c"} & writable


@pytest.mark.parametrize("entity", ["Account", "Contact"])
def test_which_mapped_fields_may_be_written(both_orgs: Both, entity: str) -> None:
    real, fake = (org.gateway.writable_fields(entity) & set(FIELDS[entity]) for org in both_orgs)
    assert fake == real


def test_nothing_forbids_putting_an_account_away(org: SalesforceWorld) -> None:
    assert org.gateway.open_documents(org.account()) is False
    assert org.gateway.keyed("Account")
    assert org.gateway.keyed("Contact")


def test_events_hold_no_whole_records(org: SalesforceWorld) -> None:
    with pytest.raises(BadInput):
        org.gateway.records_of({"fields": {"Name": "Mill"}}, "Account")
