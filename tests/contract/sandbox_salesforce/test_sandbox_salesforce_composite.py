"""Composite and Composite batch: references, all or none, limits, and whose calls they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.sandbox_salesforce.raw_calls import ROOT, Caller, step
from tests.contract.sandbox_salesforce.running_org import Running

ROLLED_BACK = [
    {
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }
]


def composite(
    caller: Caller, *steps: dict[str, Any], path: str = "composite", **more: Any
) -> list[dict[str, Any]]:
    answer = caller("POST", path, json={**more, "compositeRequest": list(steps)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return found


def no_value(reference: str) -> list[dict[str, str]]:
    name = reference.replace("[", ".").split(".")[0]
    message = f"Invalid reference specified. No value for {reference} found in {name}"
    return [{"message": message, "errorCode": "PROCESSING_HALTED"}]


def test_steps_refer_to_what_earlier_ones_answered(org: Running, call: Caller) -> None:
    account, _contact, query, update, keyed, gone = composite(
        call,
        step("POST", "sobjects/Account", "account", {"Name": "A", "Zoho_Id__c": "7", "Is_Active__c": False}),
        step(
            "POST",
            "sobjects/Contact/",
            "contact",
            {"LastName": "P", "AccountId": "@{account.id}", "Title": "of @{account.id}"},
        ),
        step(
            "GET",
            "query?q=SELECT Id, AccountId, Title FROM Contact WHERE AccountId = '@{account.id}'",
            "found",
        ),
        step("PATCH", "sobjects/Account/@{found.records[0].AccountId}", "update", {"Phone": "1"}),
        step("PATCH", "sobjects/Account/Zoho_Id__c/7", "keyed", {"Fax": "2"}),
        step("DELETE", "composite/sobjects?ids=@{contact.id}", "gone"),
    )
    location = f"{ROOT}/sobjects/Account/{account['body']['id']}"
    assert account["httpHeaders"] == {"Location": location}
    assert (account["httpStatusCode"], account["referenceId"]) == (201, "account")
    record = query["body"]["records"][0]
    assert (record["AccountId"], record["Title"]) == (account["body"]["id"], f"of {account['body']['id']}")
    assert update == {"body": None, "httpHeaders": {}, "httpStatusCode": 204, "referenceId": "update"}
    assert (keyed["httpStatusCode"], keyed["body"]["created"]) == (200, False)
    assert [result["success"] for result in gone["body"]] == [True]


def test_results_of_collections_can_be_referred_to(org: Running, call: Caller) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in "AB"]
    many, one = composite(
        call,
        step("POST", "composite/sobjects", "many", {"records": records}),
        step("POST", "sobjects/Contact", "one", {"LastName": "P", "AccountId": "@{many[1].id}"}),
    )
    shown = call("GET", f"sobjects/Contact/{one['body']['id']}?fields=AccountId").json()
    assert shown["AccountId"] == many["body"][1]["id"]


def test_values_keep_their_types_and_rows_can_be_read(org: Running, call: Caller) -> None:
    answers = composite(
        call,
        step("POST", "sobjects/Account", "first", {"Name": "A", "NumberOfEmployees": 5, "Is_Active__c": False}),
        step("GET", "sobjects/Account/@{first.id}", "row"),
        step("POST", "sobjects/Account", "copy", {"Name": "@{row.Name} 2", "NumberOfEmployees": "@{row.NumberOfEmployees}", "Is_Active__c": "@{row.Is_Active__c}", "Phone": "@{row.Phone}"}),
        step("GET", "sobjects/Account/@{copy.id}?fields=Name,NumberOfEmployees,Is_Active__c,Phone", "seen"),
        step("GET", "sobjects/Account/describe", "describe"),
    )  # fmt: skip
    seen = answers[3]["body"]
    assert [seen[n] for n in ("Name", "NumberOfEmployees", "Is_Active__c", "Phone")] == [
        "A 2",
        5,
        False,
        None,
    ]
    assert answers[4]["body"]["name"] == "Account"


def test_a_null_cannot_be_referred_to_before_version_52(org: Running, call: Caller) -> None:
    root = "/services/data/v51.0"
    row, copy = composite(
        call,
        step("POST", "sobjects/Account", "a", {"Name": "A"}),
        step("GET", "sobjects/Account/@{a.id}", "row"),
        step("POST", "sobjects/Account", "copy", {"Name": "B", "Phone": "@{row.Phone}"}),
        path=f"{root}/composite",
    )[1:]
    assert row["httpStatusCode"] == 200
    assert (copy["httpStatusCode"], copy["body"]) == (400, no_value("row.Phone"))


@pytest.mark.parametrize(
    "reference",
    [
        "nobody.id",
        "ok.Id",
        "ok.errors[0].message",
        "bad.id",
        "bad[0]",
        "query.records[0].Id",
        "ok.errors",
        "later.id",
    ],
)
def test_a_reference_that_leads_nowhere_halts_its_step_alone(
    org: Running, call: Caller, reference: str
) -> None:
    answers = composite(
        call,
        step("POST", "sobjects/Account", "ok", {"Name": "A"}),
        step("POST", "sobjects/Account", "bad", {}),
        step("GET", "query?q=SELECT Id FROM Contact", "query"),
        step("POST", "sobjects/Contact", "halted", {"LastName": "P", "AccountId": f"@{{{reference}}}"}),
        step("GET", f"sobjects/Account/@{{{reference}}}", "url"),
        step("POST", "sobjects/Account", "later", {"Name": "B"}),
    )
    assert [answer["httpStatusCode"] for answer in answers] == [201, 400, 200, 400, 400, 201]
    assert answers[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert answers[3]["body"] == answers[4]["body"] == no_value(reference)


def test_all_or_none_keeps_the_root_cause_and_halts_the_rest(org: Running, call: Caller) -> None:
    steps = [
        step("POST", "sobjects/Account", "a", {"Name": "A"}),
        step("POST", "sobjects/Contact", "b", {"AccountId": "@{a.id}"}),
        step("POST", "sobjects/Account", "c", {"Name": "C"}),
    ]
    answers = composite(call, *steps, allOrNone=True)
    assert [answer["httpStatusCode"] for answer in answers] == [400, 400, 400]
    missing = {
        "message": "Required fields are missing: [LastName]",
        "errorCode": "REQUIRED_FIELD_MISSING",
        "fields": ["LastName"],
    }
    assert answers[1]["body"] == [missing]
    assert answers[0]["body"] == answers[2]["body"] == ROLLED_BACK
    assert org.do(org.org.counts)["Account"] == {"alive": 0, "deleted": 0}
    assert org.events() == []
    assert [a["httpStatusCode"] for a in composite(call, *steps, collateSubrequests=True)] == [
        201,
        400,
        201,
    ]


def test_all_or_none_is_one_transaction_and_each_step_has_its_client(org: Running) -> None:
    caller = Caller(org, **{"Sforce-Call-Options": "client=outer"})
    composite(
        caller,
        step(
            "POST",
            "sobjects/Account",
            "a",
            {"Name": "A"},
            httpHeaders={"Sforce-Call-Options": "client=inner"},
        ),
        step("POST", "sobjects/Contact", "b", {"LastName": "P", "AccountId": "@{a.id}"}),
        step("PATCH", "sobjects/Account/@{a.id}", "c", {"Phone": "1"}),
        allOrNone=True,
    )
    events = org.events()
    assert [event["changeType"] for event in events] == ["CREATE", "CREATE"], (
        "two changes of one record are one event"
    )
    assert len({event["transactionKey"] for event in events}) == 1
    rest = "com/salesforce/api/rest/61.0"
    assert [event["changeOrigin"] for event in events] == [f"{rest};client=inner", rest]


def test_the_outer_client_may_reach_the_steps(org: Running, switched: Callable[..., None]) -> None:
    switched(composite_carries_client=True)
    caller = Caller(org, **{"Sforce-Call-Options": "client=outer"})
    composite(
        caller,
        step("POST", "sobjects/Account", "a", {"Name": "A"}),
        step("POST", "sobjects/Account", "b", {"Name": "B"}),
    )
    events = org.events()
    assert {event["changeOrigin"] for event in events} == {"com/salesforce/api/rest/61.0;client=outer"}
    assert len({event["transactionKey"] for event in events}) == 2


@pytest.mark.parametrize("undone", [True, False])
def test_failed_records_of_collections_within_all_or_none(
    org: Running, call: Caller, switched: Callable[..., None], undone: bool
) -> None:
    switched(composite_fails_with_items=undone)
    records = [{"attributes": {"type": "Account"}, **fields} for fields in ({"Name": "A"}, {})]
    answers = composite(
        call,
        step("POST", "sobjects/Account", "a", {"Name": "B"}),
        step("POST", "composite/sobjects", "many", {"records": records}),
        allOrNone=True,
    )
    assert answers[1]["httpStatusCode"] == 200
    assert answers[1]["body"][1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.do(org.org.counts)["Account"]["alive"] == (0 if undone else 2)


GOOD = step("POST", "sobjects/Account", "good", {"Name": "A"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": []}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD, "x"]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD], "allOrNone": "yes"}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD], "collateSubrequests": 1}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD, {**GOOD, "referenceId": ""}]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD, {**GOOD, "referenceId": "a[1]"}]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD, GOOD]}, "INVALID_INPUT"),
        ({"compositeRequest": [GOOD, {**GOOD, "referenceId": "b", "method": "FETCH"}]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD, {**GOOD, "referenceId": "b", "url": "v61.0/sobjects/Account"}]}, "INVALID_INPUT"),
        ({"compositeRequest": [GOOD, {**GOOD, "referenceId": "b", "httpHeaders": {"authorization": "x"}}]}, "INVALID_INPUT"),
        ({"compositeRequest": [GOOD, {**GOOD, "referenceId": "b", "httpHeaders": {"X": 1}}]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [GOOD, step("GET", "limits", "b")]}, "INVALID_INPUT"),
        ({"compositeRequest": [GOOD, step("POST", "composite", "b", {})]}, "INVALID_INPUT"),
        ({"compositeRequest": [GOOD, step("POST", "jobs/ingest", "b", {})]}, "INVALID_INPUT"),
        ({"compositeRequest": [{**GOOD, "referenceId": f"r{n}"} for n in range(26)]}, "LIMIT_EXCEEDED"),
        ({"compositeRequest": [GOOD, *(step("GET", "query?q=SELECT Id FROM Account", f"q{n}") for n in range(5)), step("GET", "composite/sobjects/Account?ids=x&fields=Id", "c")]}, "LIMIT_EXCEEDED"),
    ],
)  # fmt: skip
def test_a_malformed_request_executes_nothing(
    org: Running, call: Caller, body: dict[str, Any], code: str
) -> None:
    answer = call("POST", "composite", json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert org.do(org.org.counts)["Account"]["alive"] == 0


def test_reference_ids_with_other_characters_were_allowed_before_version_52(
    org: Running, call: Caller
) -> None:
    body = {"compositeRequest": [{**GOOD, "referenceId": "a-1"}]}
    answer = call("POST", "composite", json=body)
    message = "Provided referenceId ('a-1') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_')."
    assert answer.json() == [{"message": message, "errorCode": "JSON_PARSER_ERROR"}]
    assert call("POST", "/services/data/v51.0/composite", json=body).status_code == 200


def test_errors_of_steps_are_those_of_the_routes(org: Running, call: Caller) -> None:
    answers = composite(
        call,
        step("PUT", "sobjects/Account", "method", {}),
        step("GET", "sobjects/Nothing/x", "type"),
        step("GET", "query?q=garbage", "query"),
        step("POST", "sobjects/Account", "nobody"),
        {**step("GET", "sobjects/Account/001", "version"), "url": "/services/data/v99.0/sobjects/Account/001000000000000AAA"},
    )  # fmt: skip
    found = [(answer["httpStatusCode"], answer["body"][0]["errorCode"]) for answer in answers]
    assert found == [
        (405, "METHOD_NOT_ALLOWED"),
        (404, "NOT_FOUND"),
        (400, "MALFORMED_QUERY"),
        (400, "JSON_PARSER_ERROR"),
        (404, "NOT_FOUND"),
    ]


def test_several_matches_of_an_external_id_are_an_answer(start: Callable[..., Running]) -> None:
    org = start(
        definitions=(
            {
                "name": "Account",
                "fields": [{"name": "Old__c", "type": "string", "length": 20, "external_id": True}],
            },
        )
    )
    caller = Caller(org)
    for name in "AB":
        caller("POST", "sobjects/Account", json={"Name": name, "Old__c": "1"})
    [answer] = composite(caller, step("PATCH", "sobjects/Account/Old__c/1", "a", {"Phone": "1"}))
    assert answer["httpStatusCode"] == 300
    assert len(answer["body"]) == 2


def used(answer: Any) -> int:
    return int(answer.headers["Sforce-Limit-Info"].partition("=")[2].partition("/")[0])


def test_a_composite_call_counts_once_and_a_batch_by_its_members(org: Running, call: Caller) -> None:
    before = used(call("GET", "limits"))
    composite(call, *({**GOOD, "referenceId": f"r{n}"} for n in range(3)))
    after = used(call("GET", "limits"))
    assert after - before == 2
    batch = {"batchRequests": [{"method": "GET", "url": "v61.0/sobjects/Account/describe"}] * 3}
    assert used(call("POST", "composite/batch", json=batch)) - after == 3


def test_a_batch_runs_independent_calls(org: Running, call: Caller) -> None:
    made = call("POST", "sobjects/Account", json={"Name": "A"}).json()["id"]
    batch = {
        "batchRequests": [
            {"method": "PATCH", "url": f"v61.0/sobjects/Account/{made}", "richInput": {"Name": "B"}},
            {"method": "GET", "url": f"v61.0/sobjects/Account/{made}?fields=Name"},
            {"method": "GET", "url": "v61.0/limits"},
            {"method": "POST", "url": "v61.0/sobjects/Account", "richInput": {}},
            {"method": "GET", "url": "/services/data/v61.0/query?q=SELECT Id FROM Account"},
        ]
    }
    answer = call("POST", "composite/batch", json=batch).json()
    assert answer["hasErrors"] is True
    assert [result["statusCode"] for result in answer["results"]] == [204, 200, 200, 400, 200]
    assert answer["results"][0]["result"] is None
    assert answer["results"][1]["result"]["Name"] == "B"


def test_a_batch_halts_on_error_where_asked(org: Running, call: Caller) -> None:
    calls = [
        {"method": "GET", "url": "v61.0/limits"},
        {"method": "POST", "url": "v61.0/sobjects/Account", "richInput": {}},
        {"method": "POST", "url": "v61.0/sobjects/Account", "richInput": {"Name": "A"}},
    ]
    answer = call("POST", "composite/batch", json={"haltOnError": True, "batchRequests": calls}).json()
    assert [result["statusCode"] for result in answer["results"]] == [200, 400, 412]
    assert answer["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert org.do(org.org.counts)["Account"]["alive"] == 0


@pytest.mark.parametrize(
    ("calls", "code"),
    [
        (None, "JSON_PARSER_ERROR"),
        ([{"method": "GET"}], "JSON_PARSER_ERROR"),
        ([{"method": "GET", "url": "v61.0/jobs/ingest"}], "INVALID_INPUT"),
        ([{"method": "GET", "url": "v61.0/limits"}] * 26, "LIMIT_EXCEEDED"),
    ],
)
def test_a_malformed_batch(org: Running, call: Caller, calls: Any, code: str) -> None:
    answer = call("POST", "composite/batch", json={"batchRequests": calls})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_the_day_may_end_in_the_middle_of_a_batch(call: Caller, switched: Callable[..., None]) -> None:
    switched(daily_api_requests=2)
    batch = {"batchRequests": [{"method": "GET", "url": "v61.0/limits"}] * 3}
    answer = call("POST", "composite/batch", json=batch)
    assert [result["statusCode"] for result in answer.json()["results"]] == [200, 200, 403]
    assert answer.json()["results"][2]["result"] == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]


def test_what_is_below_composite(org: Running, call: Caller) -> None:
    found = call("GET", "composite").json()
    assert found == {name: f"{ROOT}/composite/{name}" for name in ("batch", "sobjects", "graph")}
