"""The Salesforce connector against the sandbox's org: what only it does; `gateways` has what all gateways keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Side
from integration.connectors.salesforce.gateway import SalesforceGateway
from integration.connectors.salesforce.ids import long_id
from integration.errors import ConfigurationFault, Retryable
from integration.ports import FindRequest, Gateway, ReadRequest
from tests.contract.salesforce_parts import Connection
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


def test_deleted_since_is_asked_as_the_org_wants_it(org: Connection) -> None:
    """The sandbox, like an org, refuses spans under a minute and times it cannot read."""
    now = org.clock.now_ms()
    assert list(org.gateway.deleted_since("Account", now).records) == []
    told = org.gateway.deleted_since("Account", 0)
    assert told.records == ()
    assert now - 120_000 < told.covered_ms <= org.clock.now_ms()
    assert told.covered_ms % 60_000 == 0, "as the org says, not as we ask"


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
