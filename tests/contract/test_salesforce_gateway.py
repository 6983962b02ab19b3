"""The gateway against the sandbox's org: reads, searches, listings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.connectors.salesforce.gateway import SalesforceGateway
from integration.connectors.salesforce.ids import long_id
from integration.errors import BadInput, ConfigurationFault, Rejected, Retryable
from integration.ports import FindRequest, Gateway, ReadRequest
from tests.contract.salesforce_parts import FIELDS, Connection
from tests.contract.sandbox_process import Sandbox

EVENT = WorkClass.EVENT
PURGED = long_id("001Sb00PURGED00")


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Connection]:
    connection = Connection(sandbox)
    yield connection
    connection.close()


def account(org: Connection, name: str = "Harbour Mills Ltd", **fields: object) -> str:
    return str(org.sandbox.edit("salesforce", "Account", {"Name": name, **fields})["Id"])


def contact(org: Connection, last_name: str, **fields: object) -> str:
    return str(org.sandbox.edit("salesforce", "Contact", {"LastName": last_name, **fields})["Id"])


def test_is_a_gateway(org: Connection) -> None:
    gateway: Gateway = org.gateway
    assert isinstance(gateway, SalesforceGateway)
    assert gateway.side is Side.SALESFORCE
    assert gateway.open_documents(PURGED) is False
    assert gateway.batch_limit(Operation.UPDATE, "Account") == 200


def test_account_comes_with_its_living_contacts(org: Connection) -> None:
    mill = account(
        org, Phone="+44 20 7946 0001", AnnualRevenue=1250000, BillingLatitude=53.74, NumberOfEmployees=40,
        BillingStreet="1 Quay\nDock 3", BillingCity="Hull",
    )  # fmt: skip
    other = account(org, "Other Ltd")
    ann = contact(org, "Ferry", FirstName="Ann", AccountId=mill, Birthdate="1980-02-29")
    left = contact(org, "Gone", AccountId=mill)
    contact(org, "Elsewhere", AccountId=other)
    org.sandbox.delete("salesforce", "Contact", left)
    org.gateway.absent_fields("Account", ["Name"])
    org.gateway.absent_fields("Contact", ["Name"])
    before = len(org.rest_calls())

    [answer] = org.gateway.read([ReadRequest("Account", mill)], EVENT)

    root, *children = answer.records
    address = {
        "BillingStreet": "1 Quay\nDock 3",
        "BillingCity": "Hull",
        "BillingLatitude": {"$decimal": "53.74"},
    }
    assert answer.children_whole
    assert answer.fault is None
    assert root.record_id == mill
    assert root.whole
    assert not root.deleted
    assert root.at > 1_600_000_000_000
    assert root.image == dict.fromkeys(FIELDS["Account"]) | address | {
        "Name": "Harbour Mills Ltd", "Phone": "+44 20 7946 0001", "AnnualRevenue": 1250000,
        "NumberOfEmployees": 40, "Is_Active__c": True,
    }  # fmt: skip
    assert [child.record_id for child in children] == [ann]
    assert children[0].parent_id == mill
    assert children[0].image["Birthdate"] == "1980-02-29"
    assert len(org.rest_calls()) - before == 2


def test_many_records_are_read_in_two_calls(org: Connection) -> None:
    ids = [account(org, f"Mill {n}") for n in range(12)]
    org.gateway.read([ReadRequest("Account", ids[0])], EVENT)
    before = len(org.rest_calls())
    answers = org.gateway.read([ReadRequest("Account", record_id) for record_id in [*ids, ids[0]]], EVENT)
    assert [answer.records[0].record_id for answer in answers] == [*ids, ids[0]]
    assert len(org.rest_calls()) - before == 2


def test_short_ids_and_wrong_ids(org: Connection) -> None:
    mill = account(org)
    short, wrong = org.gateway.read(
        [ReadRequest("Account", mill[:15]), ReadRequest("Account", "1 OR Name != ''")], EVENT
    )
    assert short.records[0].record_id == mill
    assert isinstance(wrong.fault, Rejected)


def test_deleted_merged_and_purged_records(org: Connection) -> None:
    winner, loser, deleted = account(org, "Winner"), account(org, "Loser"), account(org, "Deleted")
    contact(org, "Mover", AccountId=loser)
    org.sandbox.merge("Account", winner, loser)
    org.sandbox.delete("salesforce", "Account", deleted)
    merged, gone, purged, alive = org.gateway.read(
        [ReadRequest("Account", record_id) for record_id in (loser, deleted, PURGED, winner)], EVENT
    )
    assert merged.records[0].deleted
    assert merged.records[0].merged_into == winner
    assert not merged.children_whole
    assert gone.records[0].deleted
    assert gone.records[0].merged_into == ""
    assert purged.records[0].deleted
    assert [record.entity for record in alive.records] == ["Account", "Contact"]


def test_find_tells_our_key_from_other_evidence(org: Connection) -> None:
    keyed = account(org, "Keyed Ltd", Zoho_Id__c="700")
    named = account(org, "O'Hara \\ Söhne", Phone="555-1")
    account(org, "Bystander", Zoho_Id__c="701")
    requests = [
        FindRequest("Account", key="700", name="o'hara \\ söhne"),
        FindRequest("Account", phone="555-1"),
        FindRequest("Account", key="999", website="nobody.example"),
        FindRequest("Account"),
    ]
    org.gateway.find(requests[3:], EVENT)
    before = len(org.rest_calls())
    both, by_phone, none, empty = org.gateway.find(requests, EVENT)
    assert [record.record_id for record in both.by_key] == [keyed]
    assert [record.record_id for record in both.others] == [named]
    assert [record.record_id for record in by_phone.others] == [named]
    assert by_phone.others[0].whole
    assert (none.by_key, none.others) == ((), ())
    assert (empty.by_key, empty.others) == ((), ())
    assert len(org.rest_calls()) - before == 1


def test_find_people_by_name_mail_and_either_phone(org: Connection) -> None:
    ann = contact(org, "Ferry", FirstName="Ann", Email="ann@ferry.example", MobilePhone="555-2")
    answers = org.gateway.find(
        [
            FindRequest("Contact", name="ann ferry"),
            FindRequest("Contact", email="ANN@ferry.example"),
            FindRequest("Contact", phone="555-2"),
            FindRequest("Contact", name="Ann"),
        ],
        EVENT,
    )
    assert [[record.record_id for record in answer.others] for answer in answers] == [[ann], [ann], [ann], []]


def test_searches_that_do_not_fit_into_one_address_are_split(org: Connection) -> None:
    wanted = account(org, "Zz " + "ü" * 180)
    requests = [FindRequest("Account", name=f"{n} " + "ü" * 180) for n in range(30)]
    answers = org.gateway.find([*requests, FindRequest("Account", name="Zz " + "ü" * 180)], EVENT)
    assert [record.record_id for record in answers[-1].others] == [wanted]
    assert all(not answer.others for answer in answers[:-1])
    assert len([call for call in org.rest_calls() if call["path"].endswith("/query/")]) > 1


def test_find_by_key_needs_the_key_field(sandbox: Sandbox) -> None:
    org = Connection(sandbox, key_field="Absent__c")
    with pytest.raises(ConfigurationFault) as caught:
        org.gateway.find([FindRequest("Account", key="1")], EVENT)
    assert caught.value.code == "salesforce.key_field_missing"
    org.close()


def test_changed_since_pages_without_gaps_or_repeats(sandbox: Sandbox) -> None:
    org = Connection(sandbox, page_size=3, poll_overlap_seconds=0)
    ids = [account(org, f"Mill {n}") for n in range(8)]
    first = org.gateway.read([ReadRequest("Account", ids[0])], EVENT)[0].records[0].at
    deleted = account(org, "Deleted")
    org.sandbox.delete("salesforce", "Account", deleted)
    seen, page = [], ""
    while True:
        found = org.gateway.changed_since("Account", first, page)
        seen += [record.record_id for record in found.records]
        stamps = [record.at for record in found.records]
        assert stamps == sorted(stamps)
        assert len(found.records) <= 3
        page = found.next_page
        if not page:
            break
    assert seen == ids
    assert org.gateway.changed_since("Account", first + 3_600_000, "").records == ()
    with pytest.raises(BadInput):
        org.gateway.changed_since("Account", first, "' OR Name != '")
    org.close()


def test_the_first_page_overlaps(sandbox: Sandbox) -> None:
    org = Connection(sandbox, poll_overlap_seconds=60)
    mill = account(org)
    at = org.gateway.read([ReadRequest("Account", mill)], EVENT)[0].records[0].at
    assert [record.record_id for record in org.gateway.changed_since("Account", at + 5_000, "").records] == [
        mill
    ]
    org.close()


def test_list_page_goes_by_id(sandbox: Sandbox) -> None:
    org = Connection(sandbox, page_size=4)
    ids = sorted(contact(org, f"Person {n}") for n in range(9))
    first = org.gateway.list_page("Contact", "")
    second = org.gateway.list_page("Contact", first.next_page)
    third = org.gateway.list_page("Contact", second.next_page)
    seen = [record.record_id for page in (first, second, third) for record in page.records]
    assert seen == ids
    assert third.next_page == ""
    with pytest.raises(BadInput):
        org.gateway.list_page("Contact", "' OR Id != '")
    org.close()


def test_deleted_since_is_asked_as_the_org_wants_it(org: Connection) -> None:
    """The sandbox, like an org, refuses spans under a minute and times it cannot read."""
    now = org.clock.now_ms()
    assert org.gateway.deleted_since("Account", now) == []
    assert org.gateway.deleted_since("Account", 0) == []


def test_fields_as_the_org_describes_them(org: Connection) -> None:
    assert org.gateway.absent_fields("Account", ["Name", "Nope__c", "BillingCity", "Nope__c"]) == ["Nope__c"]
    writable = org.gateway.writable_fields("Contact")
    assert {"LastName", "AccountId", "MailingCity"} <= writable
    assert not {"Id", "SystemModstamp", "Name", "MailingAddress"} & writable
    with pytest.raises(ConfigurationFault):
        org.gateway.absent_fields("Nonsense", ["Name"])
    before = len(org.sandbox.calls("salesforce"))
    org.gateway.absent_fields("Account", ["Name"])
    assert len(org.sandbox.calls("salesforce")) == before


def test_mapped_fields_the_org_lacks_are_left_out_of_reads(sandbox: Sandbox) -> None:
    org = Connection(sandbox, fields={"Account": ("Name", "Nope__c"), "Contact": ("LastName",)})
    mill = account(org)
    [answer] = org.gateway.read([ReadRequest("Account", mill)], EVENT)
    assert answer.records[0].image == {"Name": "Harbour Mills Ltd"}
    org.close()


def test_organization_and_limits(org: Connection) -> None:
    assert org.gateway.organization_id() == org.sandbox.salesforce["org_id"]
    daily = org.gateway.limits()["DailyApiRequests"]
    assert 0 < daily["Remaining"] < daily["Max"]


def test_events_hold_no_whole_records(org: Connection) -> None:
    with pytest.raises(BadInput):
        org.gateway.records_of({"fields": {"Name": "Mill"}}, "Account")


def test_creates_are_keyed_where_the_key_field_is_unique(org: Connection) -> None:
    assert org.gateway.keyed("Account")
    assert org.gateway.keyed("Contact")
    absent = Connection(org.sandbox, key_field="Absent__c")
    assert not absent.gateway.keyed("Account")
    absent.close()
    plain = Connection(org.sandbox, key_field="AccountNumber")
    assert not plain.gateway.keyed("Account")
    plain.close()


def test_a_field_that_vanished_since_describe_is_found_out(org: Connection) -> None:
    mill = account(org)
    org.gateway.read([ReadRequest("Account", mill)], EVENT)
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Fax' on entity 'Account'"}]
    org.sandbox.fault(
        "salesforce", "status", path_prefix="/services/data/v61.0/queryAll", status=400, body=body
    )
    described = len([call for call in org.sandbox.calls("salesforce") if call["path"].endswith("/describe")])
    [answer] = org.gateway.read([ReadRequest("Account", mill)], EVENT)
    assert answer.records[0].record_id == mill
    now = len([call for call in org.sandbox.calls("salesforce") if call["path"].endswith("/describe")])
    assert now == described + 1


@pytest.mark.parametrize("body", [{}, [], {"records": None}, {"fields": 3}, None])
def test_answers_of_another_shape_are_tried_again(org: Connection, body: object) -> None:
    org.sandbox.fault("salesforce", "status", path_prefix="/services/data/", status=200, body=body, times=2)
    with pytest.raises(Retryable):
        org.gateway.writable_fields("Account")
    org.sandbox.admin("DELETE", "/faults")
    org.gateway.writable_fields("Account")
    org.sandbox.fault("salesforce", "status", path_prefix="/services/data/", status=200, body=body)
    with pytest.raises(Retryable):
        org.gateway.list_page("Account", "")
