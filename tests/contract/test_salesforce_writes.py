"""Writes against the sandbox's org: what arrives, what is answered, what happens to a bad row."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integration.canonical.outcome import Operation, WorkClass
from integration.errors import Ambiguous, ConfigurationFault, DuplicateKey, Fault, Gone, Rejected, Retryable
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


def test_create_by_key_twice_is_one_record(org: Connection) -> None:
    [first] = write(org, create("900/ä?#", Name="First"))
    [again] = write(org, create("900/ä?#", Name="Again"))
    assert (first.created, again.created) == (True, False)
    assert first.record_id == again.record_id
    record = stored(org, again)
    assert (record["Name"], record["Zoho_Id__c"]) == ("Again", "900/ä?#")
    assert len(org.sandbox.records("salesforce", "Account")) == 1


def test_the_key_among_the_fields_does_no_harm(org: Connection) -> None:
    """The org refuses an upsert whose body repeats the key of its address."""
    [answer] = write(org, create("901", Zoho_Id__c="901"))
    assert stored(org, answer)["Zoho_Id__c"] == "901"


def test_create_without_a_key(org: Connection) -> None:
    [answer] = write(org, WriteRequest("Account", CREATE, fields={"Name": "Keyless"}))
    assert answer.created
    assert stored(org, answer)["Name"] == "Keyless"


def test_values_of_every_kind_arrive(org: Connection) -> None:
    [answer] = write(
        org,
        create(
            "902", Phone=None, Is_Active__c=False, NumberOfEmployees=7, BillingLatitude={"$decimal": "53.74"},
            AnnualRevenue={"$decimal": "1000000.00"}, BillingStreet="1 Quay\nDock 3", Description="שלום 🌊",
        ),
    )  # fmt: skip
    record = stored(org, answer)
    assert record["BillingLatitude"] == 53.74
    assert record["AnnualRevenue"] == 1_000_000
    assert record["Is_Active__c"] is False
    assert record["Description"] == "שלום 🌊"
    person = WriteRequest(
        "Contact", CREATE, key="903", parent_id=answer.record_id,
        fields={"LastName": "Ferry", "AccountId": answer.record_id, "Birthdate": {"$date": "1980-02-29"}},
    )  # fmt: skip
    assert stored(org, write(org, person)[0], "Contact")["Birthdate"] == "1980-02-29"


def test_update_blank_and_stamp_the_key(org: Connection) -> None:
    record_id = org.sandbox.edit("salesforce", "Account", {"Name": "Old", "Phone": "1", "Fax": "2"})["Id"]
    fields = {"Name": "New", "Phone": None}
    [answer] = write(org, WriteRequest("Account", UPDATE, record_id, fields=fields, key="904"))
    record = stored(org, answer)
    assert (record["Name"], record["Phone"], record["Fax"], record["Zoho_Id__c"]) == ("New", None, "2", "904")
    assert answer.record_id == record_id
    assert not answer.created


def test_two_hundred_updates_are_one_call(org: Connection) -> None:
    answers = write(org, *(create(str(n)) for n in range(200)))
    assert all(answer.created for answer in answers)
    before = len(org.rest_calls())
    updates = [WriteRequest("Account", UPDATE, answer.record_id, fields={"Fax": "1"}) for answer in answers]
    assert [answer.fault for answer in write(org, *updates)] == [None] * 200
    assert len(org.rest_calls()) - before == 1
    assert {record["Fax"] for record in org.sandbox.records("salesforce", "Account")} == {"1"}


def test_rows_fail_alone_and_keep_their_places(org: Connection) -> None:
    answers = write(org, create("1"), create("2", Name=None), create("3", Name="x" * 300), create("4"))
    assert [type(answer.fault) for answer in answers] == [type(None), Rejected, Rejected, type(None)]
    missing, long = answers[1].fault, answers[2].fault
    assert isinstance(missing, Fault)
    assert isinstance(long, Fault)
    assert (missing.code, missing.evidence["fields"]) == ("salesforce.required_field_missing", ["Name"])
    assert long.code == "salesforce.string_too_long"
    assert "xxx" not in f"{long} {long.text} {long.evidence} {long.advice}"
    assert {record["Name"] for record in org.sandbox.records("salesforce", "Account")} == {"Mill 1", "Mill 4"}


def test_one_key_twice_in_a_batch_is_written_in_turn(org: Connection) -> None:
    first, other, second = write(org, create("5", Name="First"), create("6"), create("5", Name="Second"))
    assert first.record_id == second.record_id != other.record_id
    assert stored(org, second)["Name"] == "Second"
    record_id = first.record_id
    updates = [WriteRequest("Account", UPDATE, record_id, fields={"Name": name}) for name in ("A", "B", "C")]
    assert [answer.fault for answer in write(org, *updates)] == [None] * 3
    assert stored(org, first)["Name"] == "C"


def test_a_call_refused_as_a_whole_is_taken_apart(org: Connection) -> None:
    """One field nobody knows makes an org refuse every row of the call."""
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nope__c' on sobject of type Account"}]
    org.sandbox.fault("salesforce", "status", method="PATCH", path_prefix="/services/data/v61.0/composite",
                      status=400, body=body)  # fmt: skip
    answers = write(org, *(create(str(n)) for n in range(5)))
    assert [answer.fault for answer in answers] == [None] * 5


def test_a_row_whose_field_nobody_knows(org: Connection) -> None:
    good, bad = write(org, create("1"), create("2", Nope__c="x"))
    assert good.fault is None
    assert isinstance(bad.fault, Rejected)
    assert bad.fault.code == "salesforce.invalid_field"


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


def test_writing_to_a_record_that_is_gone(org: Connection) -> None:
    record_id = org.sandbox.edit("salesforce", "Account", {"Name": "Gone"})["Id"]
    alive = org.sandbox.edit("salesforce", "Account", {"Name": "Alive"})["Id"]
    org.sandbox.delete("salesforce", "Account", record_id)
    [single] = write(org, WriteRequest("Account", UPDATE, record_id, fields={"Fax": "1"}))
    assert isinstance(single.fault, Gone)
    first, second = write(
        org, *(WriteRequest("Account", UPDATE, wanted, fields={"Fax": "1"}) for wanted in (record_id, alive))
    )
    assert isinstance(first.fault, Gone)
    assert second.fault is None


def test_deleting_twice_is_a_success(org: Connection) -> None:
    ids = [org.sandbox.edit("salesforce", "Account", {"Name": f"Mill {n}"})["Id"] for n in range(3)]
    assert write(org, WriteRequest("Account", DELETE, ids[0])) == [WriteAnswer(ids[0])]
    assert write(org, WriteRequest("Account", DELETE, ids[0])) == [WriteAnswer(ids[0])]
    assert write(org, *(WriteRequest("Account", DELETE, record_id) for record_id in ids)) == [
        WriteAnswer(record_id) for record_id in ids
    ]
    assert all(record["deleted"] for record in org.sandbox.records("salesforce", "Account"))


def test_a_value_that_must_be_unique_names_its_owner(org: Connection) -> None:
    owner = org.sandbox.edit("salesforce", "Account", {"Name": "Owner", "Zoho_Id__c": "77"})["Id"]
    other = org.sandbox.edit("salesforce", "Account", {"Name": "Other"})["Id"]
    [answer] = write(org, WriteRequest("Account", UPDATE, other, fields={"Zoho_Id__c": "77"}))
    assert isinstance(answer.fault, DuplicateKey)
    assert answer.fault.evidence["record_id"] == owner


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


def test_what_no_flow_may_ask(org: Connection) -> None:
    with pytest.raises(ValueError, match="no operation"):
        write(org, WriteRequest("Account", Operation.FIND))
    with pytest.raises(ValueError, match="one by one"):
        write(org, WriteRequest("Account", CREATE, children=({"LastName": "x"},)))
    [answer] = write(org, WriteRequest("Account", UPDATE, "../../limits", fields={"Name": "x"}))
    assert isinstance(answer.fault, Rejected)
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
