"""sObject Collections: per-record results, all-or-none, keyed upserts, transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.contract.sandbox_salesforce.raw_calls import Caller
from tests.contract.sandbox_salesforce.running_org import Running

PATH = "composite/sobjects"


def account(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **fields}


def send(
    client: Salesforce, method: str, records: list[Any], *, path: str = PATH, all_or_none: bool = False
) -> Any:
    return client.restful(path, method=method, json={"allOrNone": all_or_none, "records": records})


def test_results_keep_the_order_of_the_request(org: Running) -> None:
    client = org.client()
    results = send(client, "POST", [account(Name="A"), account(), account(Name="C")])
    assert [result["success"] for result in results] == [True, False, True]
    assert results[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [Name]",
                "fields": ["Name"],
            }
        ],
    }
    assert client.Account.get(results[2]["id"])["Name"] == "C"


def test_all_or_none_undoes_the_innocent(org: Running) -> None:
    client = org.client()
    results = send(client, "POST", [account(Name="A"), account()], all_or_none=True)
    codes = [result["errors"][0]["statusCode"] for result in results]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert org.do(org.org.counts)["Account"] == {"alive": 0, "deleted": 0}
    assert org.events() == []


def test_mixed_types_and_updates(org: Running) -> None:
    client = org.client()
    first = client.Account.create({"Name": "A"})["id"]
    person = client.Contact.create({"LastName": "P"})["id"]
    records = [
        account(id=first, Name="B"),
        {"attributes": {"type": "Contact"}, "id": person, "AccountId": first},
        account(id="garbage"),
        account(Name="no id"),
        {"attributes": {"type": "Nothing"}, "id": "a00000000000001"},
    ]
    results = send(client, "PATCH", records)
    assert [result["success"] for result in results] == [True, True, False, False, False]
    codes = [result["errors"][0]["statusCode"] for result in results[2:]]
    assert codes == ["MALFORMED_ID", "MISSING_ARGUMENT", "INVALID_TYPE"]
    assert client.Contact.get(person)["AccountId"] == first


def test_deletes(org: Running) -> None:
    client = org.client()
    made = [client.Account.create({"Name": str(n)})["id"] for n in range(3)]
    client.Account.delete(made[1])
    ids = ",".join([*made, "001000000000000AAA"])
    results = client.restful(PATH, method="DELETE", params={"ids": ids, "allOrNone": "false"})
    assert [result["success"] for result in results] == [True, False, True, False]
    codes = [results[n]["errors"][0]["statusCode"] for n in (1, 3)]
    assert codes == ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"]
    assert org.do(org.org.counts)["Account"] == {"alive": 0, "deleted": 3}


def test_keyed_upsert(org: Running) -> None:
    client = org.client()
    records = [account(Zoho_Id__c="1", Name="A"), account(Zoho_Id__c="2", Name="B")]
    path = f"{PATH}/Account/Zoho_Id__c"
    first = send(client, "PATCH", records, path=path)
    assert [result["created"] for result in first] == [True, True]
    second = send(client, "PATCH", [*records, account(Name="no key")], path=path)
    assert [result.get("created") for result in second] == [False, False, None]
    assert [r["id"] for r in second[:2]] == [r["id"] for r in first]
    assert second[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_a_key_given_twice_fails_for_both(org: Running) -> None:
    records = [
        account(Zoho_Id__c="1", Name="A"),
        account(Zoho_Id__c="1", Name="B"),
        account(Zoho_Id__c="2", Name="C"),
    ]
    results = send(org.client(), "PATCH", records, path=f"{PATH}/Account/Zoho_Id__c")
    assert [result["success"] for result in results] == [False, False, True]
    assert results[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_two_hundred_at_most(org: Running) -> None:
    client = org.client()
    assert all(
        result["success"] for result in send(client, "POST", [account(Name=str(n)) for n in range(200)])
    )
    with pytest.raises(SalesforceMalformedRequest) as raised:
        send(client, "POST", [account(Name=str(n)) for n in range(201)])
    assert raised.value.content[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert org.do(org.org.counts)["Account"]["alive"] == 200


@pytest.mark.parametrize(
    "body", [{}, {"records": "x"}, {"records": [1]}, {"records": [{"Name": "A"}]}, {"records": []}]
)
def test_malformed_requests_write_nothing(org: Running, body: dict[str, Any]) -> None:
    with pytest.raises(SalesforceMalformedRequest):
        org.client().restful(PATH, method="POST", json=body)
    assert org.do(org.org.counts)["Account"]["alive"] == 0


def test_types_may_change_ten_times(org: Running) -> None:
    contact = {"attributes": {"type": "Contact"}, "LastName": "P"}
    with pytest.raises(SalesforceMalformedRequest) as raised:
        send(org.client(), "POST", [account(Name="A"), contact] * 6)
    assert raised.value.content[0]["errorCode"] == "EXCEEDED_MAX_TYPES_LIMIT"


def test_retrieve_answers_null_for_what_is_not_there(org: Running) -> None:
    client = org.client()
    made = [client.Account.create({"Name": str(n)})["id"] for n in range(3)]
    client.Account.delete(made[1])
    params = {"ids": ",".join([made[2][:15], made[1], made[0]]), "fields": "Id,Name"}
    found = client.restful(f"{PATH}/Account", params=params)
    assert [record and record["Name"] for record in found] == ["2", None, "0"]
    body = {"ids": made, "fields": ["Name"]}
    posted = client.restful(f"{PATH}/Account", method="POST", json=body)
    assert [record and record["Id"] for record in posted] == [made[0], None, made[2]]


def test_one_call_is_one_transaction(org: Running) -> None:
    send(org.client(), "POST", [account(Name="A"), account(), account(Name="B")])
    events = org.events()
    assert len({event["transactionKey"] for event in events}) == 1
    assert [event["sequenceNumber"] for event in events] == [1, 2]
    assert {event["changeOrigin"] for event in events} == {"com/salesforce/api/rest/61.0;client=zsync"}


def test_the_client_id_may_not_reach_collections(start: Callable[..., Running]) -> None:
    org = start(collections_carry_client=False, collections_transaction_records=2)
    send(org.client(), "POST", [account(Name=str(n)) for n in range(3)])
    events = org.events()
    assert {event["changeOrigin"] for event in events} == {"com/salesforce/api/rest/61.0"}
    assert len({event["transactionKey"] for event in events}) == 2


def test_equal_updates_of_one_call_become_one_event(org: Running) -> None:
    client = org.client()
    made = send(client, "POST", [account(Name=str(n)) for n in range(3)])
    records = [account(id=made[n]["id"], Phone="1" if n < 2 else "2") for n in range(3)]
    send(client, "PATCH", records)
    updates = [event for event in org.events() if event["changeType"] == "UPDATE"]
    assert [event["recordIds"] for event in updates] == [[made[0]["id"], made[1]["id"]], [made[2]["id"]]]
    assert [event["sequenceNumber"] for event in updates] == [1, 3]


def test_a_locked_row_fails_alone_and_once(org: Running) -> None:
    client = org.client()
    made = send(client, "POST", [account(Name=str(n)) for n in range(2)])
    org.do(lambda: org.incidents.happen({"kind": "record_error", "object": "Account", "id": made[0]["id"]}))
    records = [account(id=result["id"], Phone="1") for result in made]
    first, second = send(client, "PATCH", records), send(client, "PATCH", records)
    assert first[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert first[1]["success"] is True
    assert all(result["success"] for result in second)


def test_all_that_fail_are_still_an_answer(org: Running, call: Caller) -> None:
    records = [account(), account(Nonsense="x"), account(Name="A", Id="001000000000000AAA")]
    answer = call("POST", PATH, json={"records": records})
    assert answer.status_code == 200
    codes = [result["errors"][0]["statusCode"] for result in answer.json()]
    assert codes == ["REQUIRED_FIELD_MISSING", "INVALID_FIELD", "INVALID_FIELD"]
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/100000", "one call, however many records"


def test_the_header_of_duplicate_rules_is_taken(org: Running, call: Caller) -> None:
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    made = call("POST", PATH, json={"records": [account(Name="A")]}, headers=headers)
    assert made.json()[0]["success"] is True
    assert call("POST", "sobjects/Account", json={"Name": "A"}, headers=headers).status_code == 201


def test_ids_given_twice_and_ids_in_upserts(org: Running, call: Caller) -> None:
    made = call("POST", "sobjects/Account", json={"Name": "A"}).json()["id"]
    found = call(
        "PATCH", PATH, json={"records": [account(id=made, Phone="1"), account(id=made[:15], Phone="2")]}
    ).json()
    assert [result["errors"][0]["statusCode"] for result in found] == ["DUPLICATE_VALUE"] * 2
    keyed = [account(id=made, Zoho_Id__c="1"), account(Zoho_Id__c=None), account(Zoho_Id__c="2", Name="B")]
    found = call("PATCH", f"{PATH}/Account/Zoho_Id__c", json={"records": keyed}).json()
    assert [result["success"] for result in found] == [False, False, True]
    mixed = [account(Zoho_Id__c="1"), {"attributes": {"type": "Contact"}, "Zoho_Id__c": "1"}]
    assert call("PATCH", f"{PATH}/Account/Zoho_Id__c", json={"records": mixed}).status_code == 400
    assert call("PATCH", f"{PATH}/Account/Name", json={"records": mixed[:1]}).status_code == 404


def test_all_or_none_for_deletes_and_upserts(org: Running, call: Caller) -> None:
    made = call("POST", "sobjects/Account", json={"Name": "A", "Zoho_Id__c": "1"}).json()["id"]
    found = call("DELETE", f"{PATH}?ids={made},001000000000000AAA&allOrNone=true").json()
    codes = [result["errors"][0]["statusCode"] for result in found]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_CROSS_REFERENCE_KEY"]
    keyed = {"allOrNone": True, "records": [account(Zoho_Id__c="1", Phone="1"), account(Zoho_Id__c="2")]}
    found = call("PATCH", f"{PATH}/Account/Zoho_Id__c", json=keyed).json()
    codes = [result["errors"][0]["statusCode"] for result in found]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert call("GET", f"sobjects/Account/{made}").json()["Phone"] is None


def test_the_sizes_of_reads_and_deletes(org: Running, call: Caller) -> None:
    made = call("POST", "sobjects/Account", json={"Name": "A"}).json()["id"]
    body = {"ids": [made] * 2001, "fields": ["Id"]}
    assert call("POST", f"{PATH}/Account", json=body).json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert len(call("POST", f"{PATH}/Account", json={**body, "ids": [made] * 2000}).json()) == 2000
    ids = ",".join([made] * 201)
    assert call("DELETE", f"{PATH}?ids={ids}").json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert call("GET", f"{PATH}/Account?ids={made}&fields=Nonsense").json()[0]["errorCode"] == "INVALID_FIELD"
    for path in (PATH, f"{PATH}/Account?ids={made}", f"{PATH}/Account?fields=Id"):
        assert call("GET" if "?" in path else "DELETE", path).status_code == 400
