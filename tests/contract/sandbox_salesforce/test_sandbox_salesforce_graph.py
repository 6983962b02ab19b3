"""Composite Graph: each graph whole or not at all, within its limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.sandbox_salesforce.raw_calls import Caller, step
from tests.contract.sandbox_salesforce.running_org import Running


def graph(graph_id: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": graph_id, "compositeRequest": list(steps)}


def send(caller: Caller, *graphs: dict[str, Any]) -> list[dict[str, Any]]:
    answer = caller("POST", "composite/graph", json={"graphs": list(graphs)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["graphs"]
    return found


def entries(found: dict[str, Any]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = found["graphResponse"]["compositeResponse"]
    return answers


def family(size: int, name: str = "A") -> list[dict[str, Any]]:
    """An account with contacts, so many records in all."""
    account = step("POST", "sobjects/Account", "parent", {"Name": name})
    contacts = [
        step("POST", "sobjects/Contact/", f"c{n}", {"LastName": f"P{n}", "AccountId": "@{parent.id}"})
        for n in range(size - 1)
    ]
    return [account, *contacts]


BAD = step("POST", "sobjects/Account", "bad", {})
GOOD = step("POST", "sobjects/Account", "good", {"Name": "A"})


def test_a_graph_is_one_transaction_and_one_call(org: Running, call: Caller) -> None:
    [found] = send(call, graph("g1", *family(50)))
    assert (found["graphId"], found["isSuccessful"]) == ("g1", True)
    assert {entry["httpStatusCode"] for entry in entries(found)} == {201}
    assert [entry["referenceId"] for entry in entries(found)][:2] == ["parent", "c0"]
    assert org.do(org.org.counts)["Contact"]["alive"] == 49
    events = org.events()
    assert len(events) == 50
    assert len({event["transactionKey"] for event in events}) == 1
    assert [event["sequenceNumber"] for event in events] == list(range(1, 51))
    assert org.do(org.org.api_calls.used) == 1


def test_an_order_with_499_lines_is_one_graph(org: Running, call: Caller) -> None:
    def made(entity: str, **fields: Any) -> str:
        return str(call("POST", f"sobjects/{entity}", json=fields).json()["id"])

    account, product = made("Account", Name="A"), made("Product2", Name="P", IsActive=True)
    book = org.do(lambda: org.org.standard_price_book)
    price = made("PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=5, IsActive=True)
    order = {"AccountId": account, "EffectiveDate": "2026-01-01", "Status": "Draft", "Pricebook2Id": book}
    line = {"OrderId": "@{order.id}", "PricebookEntryId": price, "Quantity": 2, "UnitPrice": 5}
    nodes = [step("POST", "sobjects/OrderItem", f"line{n}", line) for n in range(499)]
    [found] = send(call, graph("g", step("POST", "sobjects/Order", "order", order), *nodes))
    assert found["isSuccessful"] is True
    total = call("GET", f"sobjects/Order/{entries(found)[0]['body']['id']}?fields=TotalAmount").json()
    assert total["TotalAmount"] == 4990
    assert org.do(org.org.counts)["OrderItem"]["alive"] == 499


def test_rows_and_external_ids_are_nodes_too(org: Running, call: Caller) -> None:
    [found] = send(
        call,
        graph(
            "g",
            step("PATCH", "sobjects/Account/Zoho_Id__c/7", "keyed", {"Name": "A"}),
            step("PATCH", "sobjects/Account/@{keyed.id}", "row", {"Phone": "1"}),
            step("POST", "sobjects/Contact", "contact", {"LastName": "P", "Account": {"Zoho_Id__c": "7"}}),
            step("GET", "sobjects/Contact/@{contact.id}", "read"),
            step("DELETE", "sobjects/Contact/@{contact.id}", "gone"),
        ),
    )
    assert [entry["httpStatusCode"] for entry in entries(found)] == [201, 204, 201, 200, 204]
    assert entries(found)[3]["body"]["AccountId"] == entries(found)[0]["body"]["id"]


@pytest.mark.parametrize("repeats", [True, False])
def test_a_failed_graph_leaves_nothing_and_the_others_stand(
    org: Running, call: Caller, switched: Callable[..., None], repeats: bool
) -> None:
    switched(graph_repeats_root_error=repeats)
    first, second = send(
        call, graph("bad", GOOD, BAD, {**GOOD, "referenceId": "third"}), graph("good", *family(2))
    )
    root = [
        {
            "message": "Required fields are missing: [Name]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Name"],
        }
    ]
    halted = [
        {
            "message": "The transaction was rolled back since another operation in the same transaction failed.",
            "errorCode": "PROCESSING_HALTED",
        }
    ]
    other = root if repeats else halted
    assert (first["isSuccessful"], second["isSuccessful"]) == (False, True)
    assert [(entry["referenceId"], entry["httpStatusCode"], entry["body"]) for entry in entries(first)] == [
        ("good", 400, other),
        ("bad", 400, root),
        ("third", 400, other),
    ]
    assert org.do(org.org.counts)["Account"] == {"alive": 1, "deleted": 0}
    assert len({event["transactionKey"] for event in org.events()}) == 1


def refusal(found: dict[str, Any], message: str) -> None:
    assert found["isSuccessful"] is False
    error = {"message": message, "errorCode": "LIMIT_EXCEEDED"}
    assert entries(found) == [
        {"body": [error], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": None}
    ]


def test_more_than_five_hundred_nodes(org: Running, call: Caller) -> None:
    [found] = send(call, graph("g", *family(501)))
    refusal(found, "Limit of 500 reached for number of Nodes in the Graph")
    first, second = send(call, graph("a", *family(3)), graph("b", *family(498)))
    assert first["isSuccessful"] is True
    refusal(second, "Limit of 500 reached for number of Nodes in the Graph")
    assert org.do(org.org.counts)["Account"]["alive"] == 1


def test_references_fifteen_deep_at_most(org: Running, call: Caller) -> None:
    def chain(length: int) -> list[dict[str, Any]]:
        first = step("POST", "sobjects/Account", "n0", {"Name": "A"})
        rest = [
            step("POST", "sobjects/Account", f"n{n}", {"Name": "A", "ParentId": f"@{{n{n - 1}.id}}"})
            for n in range(1, length)
        ]
        return [first, *rest]

    deep, deeper = send(call, graph("a", *chain(15)), graph("b", *chain(16)))
    assert deep["isSuccessful"] is True
    refusal(deeper, "Limit of 15 reached for depth of Nodes in the Graph")


def test_fifteen_kinds_of_nodes_at_most(org: Running, call: Caller) -> None:
    def kinds(count: int) -> list[dict[str, Any]]:
        return [
            {
                **step("POST", "sobjects/Account", f"n{n}", {"Name": "A"}),
                "url": f"/services/data/v{45 + n}.0/sobjects/Account",
            }
            for n in range(count)
        ]

    good, bad = send(call, graph("a", *kinds(15)), graph("b", *kinds(16)))
    assert good["isSuccessful"] is True
    refusal(bad, "Limit of 15 reached for number of different Nodes in the Graph")


def test_after_fourteen_failed_graphs_the_rest_is_not_tried(org: Running, call: Caller) -> None:
    found = send(
        call,
        *(graph(f"b{n}", BAD) for n in range(14)),
        graph("rest", GOOD, {**GOOD, "referenceId": "two"}),
    )
    assert {one["isSuccessful"] for one in found} == {False}
    assert entries(found[13])[0]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert [entry["body"][0]["errorCode"] for entry in entries(found[14])] == ["PROCESSING_HALTED"] * 2
    assert [entry["referenceId"] for entry in entries(found[14])] == ["good", "two"]
    assert org.do(org.org.counts)["Account"]["alive"] == 0
    thirteen = send(call, *(graph(f"b{n}", BAD) for n in range(13)), graph("last", GOOD))
    assert thirteen[13]["isSuccessful"] is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "JSON_PARSER_ERROR"),
        ({"graphs": []}, "JSON_PARSER_ERROR"),
        ({"graphs": [graph("a", GOOD), {"compositeRequest": [GOOD]}]}, "JSON_PARSER_ERROR"),
        ({"graphs": [graph("a", GOOD), {"graphId": "b"}]}, "JSON_PARSER_ERROR"),
        ({"graphs": [graph("a", GOOD), graph("a", GOOD)]}, "INVALID_INPUT"),
        ({"graphs": [graph("a", GOOD, GOOD)]}, "INVALID_INPUT"),
        ({"graphs": [graph("a", GOOD, step("GET", "query?q=SELECT Id FROM Account", "q"))]}, "INVALID_INPUT"),
        ({"graphs": [graph("a", GOOD, step("POST", "composite/sobjects", "c", {}))]}, "INVALID_INPUT"),
        ({"graphs": [graph(f"g{n}", GOOD) for n in range(76)]}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_malformed_request_executes_nothing(
    org: Running, call: Caller, body: dict[str, Any], code: str
) -> None:
    answer = call("POST", "composite/graph", json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert org.do(org.org.counts)["Account"]["alive"] == 0


def test_seventy_five_graphs_and_no_graphs_before_version_50(org: Running, call: Caller) -> None:
    found = send(call, *(graph(f"g{n}", GOOD) for n in range(75)))
    assert all(one["isSuccessful"] for one in found)
    body = {"graphs": [graph("g", GOOD)]}
    assert call("POST", "/services/data/v49.0/composite/graph", json=body).status_code == 404


def test_nodes_have_headers_of_their_own(org: Running, call: Caller) -> None:
    send(call, graph("g", {**GOOD, "httpHeaders": {"Sforce-Call-Options": "client=zsync"}}))
    assert [event["changeOrigin"] for event in org.events()] == ["com/salesforce/api/rest/61.0;client=zsync"]
