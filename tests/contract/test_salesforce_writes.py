"""Writes of the Salesforce connector: what goes wrong on the wire; `gateways` has what all gateways keep."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.errors import Ambiguous, ConfigurationFault, DuplicateKey, Retryable
from integration.ports import WriteAnswer, WriteRequest
from tests.contract.salesforce_parts import Connection
from tests.contract.sandbox_process import Sandbox

EVENT = WorkClass.EVENT
CREATE, UPDATE, DELETE = Operation.CREATE, Operation.UPDATE, Operation.DELETE


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Connection]:
    connection = Connection(sandbox)
    yield connection
    connection.close()


def create(key: str, entity: str = "Account", **fields: Any) -> WriteRequest:
    return WriteRequest(entity, CREATE, fields={"Name": f"Mill {key}"} | fields, key=key)


def write(org: Connection, *requests: WriteRequest) -> list[WriteAnswer]:
    return org.gateway.write(requests, EVENT)


def stored(org: Connection, answer: WriteAnswer, entity: str = "Account") -> dict[str, Any]:
    assert answer.fault is None
    return dict(org.sandbox.record("salesforce", entity, answer.record_id))


def test_a_call_refused_as_a_whole_is_taken_apart(org: Connection) -> None:
    """One field nobody knows makes an org refuse every row of the call."""
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nope__c' on sobject of type Account"}]
    org.sandbox.fault("salesforce", "status", method="PATCH", path_prefix="/services/data/v61.0/composite",
                      status=400, body=body)  # fmt: skip
    answers = write(org, *(create(str(n)) for n in range(5)))
    assert [answer.fault for answer in answers] == [None] * 5


def test_lock_errors_of_a_row_may_be_tried_again(org: Connection) -> None:
    one = org.sandbox.edit("salesforce", "Account", {"Name": "One"})["Id"]
    two = org.sandbox.edit("salesforce", "Account", {"Name": "Two"})["Id"]
    rows = [WriteRequest("Account", UPDATE, record_id, fields={"Fax": "1"}) for record_id in (one, two)]
    message = f"unable to obtain exclusive access to this record or 1 records: {one}"
    for sent in (rows, rows[:1]):
        org.sandbox.incident("record_error", object="Account", id=one, code="UNABLE_TO_LOCK_ROW",
                             message=message)  # fmt: skip
        answers = write(org, *sent)
        assert isinstance(answers[0].fault, Retryable)
        assert one not in str(answers[0].fault.evidence)
        assert all(answer.fault is None for answer in answers[1:])


def test_an_upsert_that_lost_a_race_is_sent_once_more(org: Connection) -> None:
    record_id = org.sandbox.edit("salesforce", "Account", {"Name": "Rival"})["Id"]
    message = f"duplicate value found: Zoho_Id__c duplicates value on record with id: {record_id[:15]}"
    spec = {"object": "Account", "code": "DUPLICATE_VALUE", "message": message}
    org.sandbox.incident("record_error", **spec)
    [answer] = write(org, create("78"))
    assert answer.fault is None
    org.sandbox.incident("record_error", **spec, times=2)
    [answer] = write(org, create("79"))
    assert isinstance(answer.fault, DuplicateKey)


def test_one_key_from_many_threads_is_one_record(org: Connection) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: write(org, create("80", Name=f"Name {n}"))[0], range(24)))
    assert len({answer.record_id for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1


def test_a_lost_answer_is_ambiguous_and_the_key_keeps_it_single(org: Connection) -> None:
    org.sandbox.fault("salesforce", "reset_after", method="PATCH")
    with pytest.raises(Ambiguous):
        write(org, create("81"))
    [answer] = write(org, create("81"))
    assert not answer.created
    assert len(org.sandbox.records("salesforce", "Account")) == 1


def test_a_page_of_a_gateway_says_nothing_about_a_write(org: Connection) -> None:
    org.gateway.writable_fields("Account")
    org.sandbox.fault("salesforce", "html", status=502)
    with pytest.raises(Ambiguous):
        write(org, create("82"))
    body = [{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}]
    org.sandbox.fault("salesforce", "status", status=503, body=body)
    with pytest.raises(Retryable):
        write(org, create("82"))


def test_of_several_calls_only_the_failed_one_fails(org: Connection) -> None:
    """250 rows are two calls; the second one is cut off after it took effect."""
    org.sandbox.fault("salesforce", "reset_after", method="PATCH", skip=1)
    answers = write(org, *(create(f"{n:03}") for n in range(250)))
    assert [answer.fault for answer in answers[:200]] == [None] * 200
    assert {type(answer.fault) for answer in answers[200:]} == {Ambiguous}


def test_a_key_no_address_can_hold(org: Connection) -> None:
    with pytest.raises(ConfigurationFault):
        write(org, create(".."))


def test_an_upsert_without_a_body_in_its_answer(sandbox: Sandbox) -> None:
    """Old API versions answer 204 to an update, not even naming the record."""
    org = Connection(sandbox, api_version="45.0")
    [first] = write(org, create("83"))
    [again] = write(org, create("83", Name="Again"))
    assert (first.record_id, again.created) == (again.record_id, False)
    org.close()


def test_the_key_field_must_exist(sandbox: Sandbox) -> None:
    org = Connection(sandbox, key_field="Absent__c")
    with pytest.raises(ConfigurationFault) as caught:
        write(org, create("1"))
    assert caught.value.code == "salesforce.key_field_missing"
    assert caught.value.advice
    org.close()
