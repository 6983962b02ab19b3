"""The stated grammar of queries, piece by piece, and what lies outside of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from aiohttp.test_utils import TestClient, TestServer

from integration.sandbox.admin import Desk, admin_app
from integration.sandbox.salesforce import SalesforceOrg
from tests.contract.sandbox_salesforce.running_org import Running
from tests.contract.sandbox_salesforce.soql_world import PARCEL


@functools.cache
def session_of(running: Running) -> requests.Session:
    session = running.session()
    session.headers["Authorization"] = f"Bearer {running.token()}"
    return session


def ask(running: Running, query: str, *, resource: str = "query", **headers: str) -> requests.Response:
    url = f"{running.url}/services/data/v61.0/{resource}"
    return session_of(running).get(url, params={"q": query}, headers=headers, timeout=10)


def records(running: Running, query: str, **more: Any) -> list[dict[str, Any]]:
    answer = ask(running, query, **more)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["records"])


def refused(running: Running, query: str) -> dict[str, Any]:
    answer = ask(running, query)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()
    return dict(error)


def make(running: Running, entity: str, **fields: Any) -> str:
    return str(running.do(lambda: running.org.edit(entity, None, fields))["Id"])


def test_children_come_nested(org: Running) -> None:
    parent, alone = make(org, "Account", Name="Parent"), make(org, "Account", Name="Alone")
    for name in ("b", "a", "c"):
        make(org, "Contact", LastName=name, AccountId=parent)
    query = (
        "SELECT Name, (SELECT LastName, Account.Name FROM Contacts WHERE LastName != 'c' ORDER BY LastName"
        " LIMIT 5), (SELECT Id FROM ChildAccounts) FROM Account ORDER BY Name"
    )
    first, second = records(org, query)
    assert first == {
        "attributes": {"type": "Account", "url": f"/services/data/v61.0/sobjects/Account/{alone}"},
        "Name": "Alone",
        "Contacts": None,
        "ChildAccounts": None,
    }
    nested = second["Contacts"]
    assert (nested["totalSize"], nested["done"], set(nested)) == (2, True, {"totalSize", "done", "records"})
    assert [record["LastName"] for record in nested["records"]] == ["a", "b"]
    assert nested["records"][0]["attributes"]["type"] == "Contact"
    assert nested["records"][0]["Account"]["Name"] == "Parent"


def test_children_have_pages_of_their_own(org: Running) -> None:
    parent = make(org, "Account", Name="Parent")
    for number in range(230):
        org.org.plant("Contact", {"LastName": f"{number:03d}", "AccountId": parent}, 1)
    headers = {"Sforce-Query-Options": "batchSize=200"}
    query = "SELECT (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account"
    (found,) = records(org, query, **headers)
    nested = found["Contacts"]
    assert (nested["totalSize"], nested["done"], len(nested["records"])) == (230, False, 200)
    more = org.client().query_more(nested["nextRecordsUrl"], identifier_is_url=True)
    assert (more["totalSize"], more["done"]) == (230, True)
    assert [record["LastName"] for record in more["records"]] == [f"{n:03d}" for n in range(200, 230)]


def test_deleted_children_are_for_query_all(org: Running) -> None:
    parent = make(org, "Account", Name="Parent")
    gone = make(org, "Contact", LastName="Gone", AccountId=parent)
    org.do(lambda: org.org.delete("Contact", gone))
    query = "SELECT Id, (SELECT LastName, IsDeleted FROM Contacts) FROM Account"
    assert records(org, query)[0]["Contacts"] is None
    (child,) = records(org, query, resource="queryAll")[0]["Contacts"]["records"]
    assert (child["LastName"], child["IsDeleted"]) == ("Gone", True)


def test_compound_addresses_and_field_sets(org: Running) -> None:
    make(org, "Account", Name="A", BillingCity="Cork", Zoho_Id__c="z1")
    (found,) = records(org, "SELECT BillingAddress FROM Account")
    assert found["BillingAddress"]["city"] == "Cork"
    (custom,) = records(org, "SELECT FIELDS(CUSTOM) FROM Account LIMIT 200")
    assert (set(custom), custom["Zoho_Id__c"]) == ({"attributes", "Zoho_Id__c", "Is_Active__c"}, "z1")
    (standard,) = records(org, "SELECT fields(Standard), Zoho_Id__c FROM Account")
    assert {"Id", "Name", "BillingAddress", "Zoho_Id__c"} <= set(standard)
    error = refused(org, "SELECT FIELDS(ALL) FROM Account LIMIT 201")
    assert error["errorCode"] == "MALFORMED_QUERY"
    assert error["message"].endswith("The SOQL FIELDS function must have a LIMIT of at most 200")


def test_counting(org: Running) -> None:
    for name, city in (("A", "Cork"), ("B", None), ("C", None)):
        make(org, "Account", Name=name, BillingCity=city)
    whole = ask(org, "SELECT COUNT() FROM Account WHERE Name > 'A' LIMIT 1").json()
    assert whole == {"totalSize": 1, "done": True, "records": []}
    (row,) = records(org, "SELECT COUNT(Id), COUNT(BillingCity) cities, COUNT(Name) FROM Account")
    assert row == {"attributes": {"type": "AggregateResult"}, "expr0": 3, "cities": 1, "expr1": 3}
    message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
    assert refused(org, "SELECT COUNT(Id) FROM Account LIMIT 1")["message"].endswith(message)
    assert refused(org, "SELECT COUNT(Description) FROM Account")["errorCode"] == "INVALID_FIELD"
    assert refused(org, "SELECT COUNT() FROM Account ORDER BY Name")["errorCode"] == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "SELECT Id, Nope FROM Account",
            "INVALID_FIELD",
            (
                "\nSELECT Id, Nope FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Nope' on"
                " entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after"
                " the custom field name. Please reference your WSDL or the describe call for the appropriate names."
            ),
        ),
        (
            "SELECT Id\nFROM Account\nWHERE Name = 5",
            "INVALID_FIELD",
            (
                "\nWHERE Name = 5\n      ^\nERROR at Row:3:Column:7\nvalue of filter criterion for field 'Name' must"
                " be of type string and should be enclosed in quotes"
            ),
        ),
        (
            "SELECT Id FROM Account WHERE AnnualRevenue = '5'",
            "INVALID_FIELD",
            (
                "value of filter criterion for field 'AnnualRevenue' must be of type double and should not be"
                " enclosed in quotes"
            ),
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate > 2026-01-01",
            "INVALID_FIELD",
            (
                "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be"
                " enclosed in quotes"
            ),
        ),
        (
            "SELECT Id FROM Account WHERE Description LIKE 'x%'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account WHERE BillingAddress = 'x'",
            "INVALID_FIELD",
            "field 'BillingAddress' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY BillingAddress",
            "INVALID_FIELD",
            "field 'BillingAddress' can not be sorted in a query call",
        ),
        (
            "SELECT Owner.Nothing.Id FROM Account",
            "INVALID_FIELD",
            "Didn't understand relationship 'Nothing' in field path.",
        ),
        (
            "SELECT Id FROM Account WHERE Id = '001x'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: 001x",
        ),
        (
            "SELECT Id FROM Account WHERE OwnerId LIKE '005%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on id field",
        ),
        (
            "SELECT Id FROM Account WHERE Is_Active__c > false",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on boolean field",
        ),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE", "sObject type 'Nothing__c' is not supported."),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        (
            "SELECT Id FROM Account WHERE CreatedDate = 2026-02-30T00:00:00Z",
            "MALFORMED_QUERY",
            "Invalid datetime",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = N_YEARS_AGO:9999",
            "MALFORMED_QUERY",
            "Invalid date literal",
        ),
        ("SELECT Id FROM Account LIMIT 99999999999999", "MALFORMED_QUERY", "For input string"),
        ("SELECT Id, account.id FROM Account", "MALFORMED_QUERY", "duplicate field selected: account.id"),
        ("SELECT Id FROM Account WHERE " + "(" * 500, "MALFORMED_QUERY", "too complicated"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' AND NOT Name = 'b'",
            "MALFORMED_QUERY",
            "unexpected token: 'NOT'",
        ),
        (
            "SELECT Id FROM Account WHERE NOT Name = 'a' AND Name = 'b'",
            "MALFORMED_QUERY",
            "unexpected token: 'AND'",
        ),
        (
            "SELECT Id FROM Account OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
    ],
)
def test_refusals_in_the_words_of_the_api(org: Running, query: str, code: str, message: str) -> None:
    error = refused(org, query)
    assert error["errorCode"] == code
    assert message in error["message"]
    assert set(error) == {"errorCode", "message"}


@pytest.mark.parametrize(
    ("query", "feature"),
    [
        ("SELECT Name FROM Account GROUP BY Name", "GROUP BY"),
        ("SELECT Name FROM Account HAVING Name = 'a'", "HAVING"),
        ("SELECT SUM(AnnualRevenue) FROM Account", "function SUM() in SELECT"),
        ("SELECT toLabel(Industry) FROM Account", "function TOLABEL() in SELECT"),
        (
            "SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2026",
            "function CALENDAR_YEAR() in a filter",
        ),
        ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)", "semi-join or anti-join"),
        ("SELECT TYPEOF Owner WHEN User THEN Name END FROM Account", "TYPEOF"),
        ("SELECT Id FROM Account FOR UPDATE", "FOR VIEW, FOR REFERENCE or FOR UPDATE"),
        ("SELECT Id FROM Account USING SCOPE mine", "USING SCOPE"),
        ("SELECT Id FROM Account ALL ROWS", "ALL ROWS"),
        ("SELECT Id FROM Account WITH SECURITY_ENFORCED", "WITH"),
        ("SELECT Id FROM Account WHERE CreatedDate = THIS_FISCAL_YEAR", "fiscal date literal"),
        ("SELECT Id FROM Contact c, c.Account a", "FROM with several objects"),
        ("SELECT Id, (SELECT Id FROM Contacts OFFSET 1) FROM Account", "OFFSET in a sub-query"),
        (
            "SELECT Id, (SELECT Id, (SELECT Id FROM Contacts) FROM ChildAccounts) FROM Account",
            "sub-query in a sub-query",
        ),
        ("SELECT Id FROM Account WHERE WHERE", "not in the grammar"),
    ],
)
def test_what_is_unsupported_is_said_so(org: Running, query: str, feature: str) -> None:
    assert refused(org, query)["errorCode"] == "MALFORMED_QUERY"
    (listed,) = org.do(org.org.unsupported)
    assert (listed["feature"], listed["count"], listed["last_query"]) == (feature, 1, query)
    assert org.calls.since(0, 10)[-1]["code"] == f"MALFORMED_QUERY (unsupported: {feature})"


def test_the_list_of_the_unsupported_counts_and_lasts(org: Running) -> None:
    for query in ("SELECT MAX(Name) FROM Account", "SELECT Id FROM Account ALL ROWS"):
        refused(org, query)
        refused(org, query)
    listed = org.do(org.org.unsupported)
    assert [(entry["feature"], entry["count"]) for entry in listed] == [
        ("ALL ROWS", 2),
        ("function MAX() in SELECT", 2),
    ]
    other = SalesforceOrg(org.options, org.clock)
    other.load(json.loads(json.dumps(org.do(org.org.dump))))
    assert other.unsupported() == listed
    org.do(org.org.reset)
    assert org.do(org.org.unsupported) == []


def test_the_admin_endpoint_lists_the_unsupported(org: Running) -> None:
    refused(org, "SELECT Id FROM Account ALL ROWS")
    nothing: Any = None
    desk = Desk(nothing, nothing, org.faults, org.calls, salesforce=org.org)

    async def ask_admin() -> Any:
        async with TestClient(TestServer(admin_app(desk))) as client:
            return await (await client.get("/unsupported")).json()

    (listed,) = org.await_(ask_admin())["unsupported"]
    assert (listed["feature"], listed["count"]) == ("ALL ROWS", 1)
    assert set(listed) == {"feature", "count", "last_query", "last_at"}


def test_not_may_stand_beside_others_where_that_is_switched_on(start: Callable[..., Running]) -> None:
    org = start(soql_not_stands_alone=False)
    make(org, "Account", Name="a", BillingCity="Cork")
    make(org, "Account", Name="b", BillingCity="Cork")
    (found,) = records(org, "SELECT Name FROM Account WHERE BillingCity = 'cork' AND NOT Name = 'b'")
    assert found["Name"] == "a"


@pytest.mark.parametrize(
    ("set_up", "expected"),
    [(True, ["Sent", "Lost", "Found", "Odd"]), (False, ["Found", "Lost", "Odd", "Sent"])],
)
def test_picklists_have_an_order(start: Callable[..., Running], *, set_up: bool, expected: list[str]) -> None:
    org = start(definitions=(PARCEL,), picklists_sort_as_set_up=set_up)
    for state in ("Found", "Odd", "Lost", "Sent"):
        make(org, "Parcel__c", Name=state, State__c=state)
    found = records(org, "SELECT Name FROM Parcel__c ORDER BY State__c")
    assert [record["Name"] for record in found] == expected


def test_amounts_of_several_currencies(start: Callable[..., Running]) -> None:
    org = start(currencies="GBP,EUR")
    (euro,) = records(org, "SELECT Id FROM CurrencyType WHERE IsoCode = 'EUR'")
    org.do(lambda: org.org.edit("CurrencyType", euro["Id"], {"ConversionRate": 2}))
    make(org, "Account", Name="euro", AnnualRevenue=150, CurrencyIsoCode="EUR")
    make(org, "Account", Name="pound", AnnualRevenue=100, CurrencyIsoCode="GBP")

    def names(rest: str) -> list[str]:
        return [record["Name"] for record in records(org, f"SELECT Name FROM Account {rest}")]

    assert names("WHERE AnnualRevenue > 120") == ["euro"]
    assert names("WHERE AnnualRevenue > GBP80") == ["pound"]
    assert names("WHERE AnnualRevenue IN (eur150.00, GBP1)") == ["euro"]
    assert names("ORDER BY AnnualRevenue") == ["euro", "pound"]
    assert refused(org, "SELECT Id FROM Account WHERE AnnualRevenue > XXX5")["errorCode"] == "MALFORMED_QUERY"


def test_a_code_before_an_amount_needs_several_currencies(org: Running) -> None:
    error = refused(org, "SELECT Id FROM Account WHERE AnnualRevenue > USD5")
    assert error["errorCode"] == "INVALID_FIELD"


def test_a_user_has_ten_results_open(org: Running) -> None:
    for number in range(201):
        org.org.plant("Account", {"Name": f"{number:03d}"}, 1)
    client = org.client()
    headers = {"Sforce-Query-Options": "batchSize=200"}
    pages = [client.query("SELECT Id FROM Account", headers=headers) for _ in range(10)]
    # A result read to its end makes place first.
    client.query_more(pages[4]["nextRecordsUrl"], identifier_is_url=True)
    client.query("SELECT Id FROM Account", headers=headers)
    assert ask(org, "", resource=_locator(pages[4])).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert ask(org, "", resource=_locator(pages[0])).status_code == 200
    client.query("SELECT Id FROM Account", headers=headers)
    client.query("SELECT Id FROM Account", headers=headers)
    assert ask(org, "", resource=_locator(pages[0])).status_code == 400
    assert ask(org, "", resource=_locator(pages[9])).status_code == 200
    assert ask(org, "", resource=_locator(pages[9]) + "9" * 30).status_code == 400


def _locator(page: dict[str, Any]) -> str:
    return str(page["nextRecordsUrl"]).split("/v61.0/")[1]


def test_requests_too_long(org: Running) -> None:
    error = ask(org, "SELECT Id FROM Account" + " " * 16_400)
    assert (error.status_code, error.json()[0]["errorCode"]) == (414, "URI_TOO_LONG")
    error = ask(org, "SELECT Id FROM Account" + " " * 400_000)
    assert error.status_code == 414
    error = ask(org, "SELECT Id FROM Account", **{"X-Long": "x" * 16_300})
    assert (error.status_code, error.json()[0]["errorCode"]) == (431, "REQUEST_HEADER_FIELDS_TOO_LARGE")
