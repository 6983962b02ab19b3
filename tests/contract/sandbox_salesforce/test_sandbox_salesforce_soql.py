"""Queries: what they find, what they refuse, how they page."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.contract.sandbox_salesforce.running_org import Running


@pytest.fixture(scope="module")
def filled(shared: Running) -> Running:
    """Five accounts, one of them deleted, and two contacts."""
    shared.do(shared.org.reset)
    edit = shared.org.edit
    accounts: list[dict[str, Any]] = [
        {"Name": "Alpha", "AnnualRevenue": 100, "Industry": "Banking", "Zoho_Id__c": "z1"},
        {"Name": "beta", "AnnualRevenue": 200, "BillingCity": "Köln"},
        {"Name": "Gamma 100%", "NumberOfEmployees": 5, "Is_Active__c": False},
        {"Name": "O'Hara \\ Sons", "BillingCity": "Cork", "Description": "long"},
        {"Name": "Gone"},
    ]
    made = [shared.do(lambda fields=fields: edit("Account", None, fields)) for fields in accounts]
    shared.do(lambda: shared.org.delete("Account", made[4]["Id"]))
    shared.do(
        lambda: edit(
            "Contact", None, {"LastName": "Child", "AccountId": made[0]["Id"], "Birthdate": "1990-02-28"}
        )
    )
    shared.do(lambda: edit("Contact", None, {"LastName": "Alone"}))
    return shared


def names(filled: Running, where: str, *, everything: bool = False) -> list[str]:
    query = f"SELECT Name FROM Account {where}"
    return [record["Name"] for record in filled.client().query(query, include_deleted=everything)["records"]]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ["Alpha", "beta", "Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE Name = 'ALPHA'", ["Alpha"]),
        ("WHERE Name != 'alpha'", ["beta", "Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE Name = 'O\\'Hara \\\\ Sons'", ["O'Hara \\ Sons"]),
        ("WHERE Name LIKE 'b%'", ["beta"]),
        ("WHERE Name LIKE '%100\\%'", ["Gamma 100%"]),
        ("WHERE Name LIKE '_eta'", ["beta"]),
        ("WHERE Name IN ('alpha', 'Beta')", ["Alpha", "beta"]),
        ("WHERE Name NOT IN ('alpha', 'Beta')", ["Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE AnnualRevenue > 100", ["beta"]),
        ("WHERE AnnualRevenue <= 1e2", ["Alpha"]),
        ("WHERE AnnualRevenue = null", ["Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE AnnualRevenue != null AND BillingCity = 'köln'", ["beta"]),
        ("WHERE (Name = 'beta' OR Is_Active__c = false) AND Name != null", ["beta", "Gamma 100%"]),
        ("WHERE NOT Name = 'beta'", ["Alpha", "Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE NOT (Name = 'beta' OR Name = 'Alpha')", ["Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE Zoho_Id__c = 'Z1'", ["Alpha"]),
        ("WHERE Zoho_Id__c IN ('z1', 'z2') AND Name = 'nope'", []),
        ("WHERE SystemModstamp >= 2020-01-01T00:00:00Z", ["Alpha", "beta", "Gamma 100%", "O'Hara \\ Sons"]),
        ("WHERE SystemModstamp > 2999-01-01T00:00:00.000+01:00", []),
        ("WHERE Name < 'c'", ["Alpha", "beta"]),
        ("ORDER BY Name DESC", ["O'Hara \\ Sons", "Gamma 100%", "beta", "Alpha"]),
        ("ORDER BY BillingCity, Name DESC", ["Gamma 100%", "Alpha", "O'Hara \\ Sons", "beta"]),
        ("ORDER BY BillingCity DESC NULLS LAST, Name", ["beta", "O'Hara \\ Sons", "Alpha", "Gamma 100%"]),
        ("ORDER BY SystemModstamp, Id LIMIT 2 OFFSET 1", ["beta", "Gamma 100%"]),
        ("limit 1", ["Alpha"]),
        ("WHERE Owner.Name = 'Person User' AND Name = 'beta'", ["beta"]),
    ],
)
def test_conditions(filled: Running, where: str, expected: list[str]) -> None:
    assert names(filled, where) == expected


def test_query_all_shows_the_deleted(filled: Running) -> None:
    assert names(filled, "WHERE IsDeleted = true", everything=True) == ["Gone"]
    assert names(filled, "WHERE IsDeleted = true") == []


def test_ids_of_both_lengths(filled: Running) -> None:
    (record,) = filled.client().query("SELECT Id FROM Account WHERE Name = 'Alpha'")["records"]
    long_id = record["Id"]
    assert names(filled, f"WHERE Id = '{long_id[:15]}'") == ["Alpha"]
    assert names(filled, f"WHERE Id IN ('{long_id}')") == ["Alpha"]
    assert names(filled, f"WHERE Id > '{long_id}'") == ["beta", "Gamma 100%", "O'Hara \\ Sons"]


def test_parents_come_nested(filled: Running) -> None:
    query = "SELECT Name, Account.Name, Account.Owner.Username FROM Contact ORDER BY Name"
    alone, child = filled.client().query(query)["records"]
    assert alone["Account"] is None
    assert child["Account"]["Name"] == "Alpha"
    assert child["Account"]["attributes"]["type"] == "Account"
    assert child["Account"]["Owner"]["Username"] == filled.options.person_username
    found = filled.client().query(
        "SELECT Id FROM Contact WHERE Account.Zoho_Id__c = 'z1' AND Birthdate = 1990-02-28"
    )
    assert found["totalSize"] == 1


def test_counts(filled: Running) -> None:
    client = filled.client()
    counted = client.query("SELECT COUNT() FROM Account WHERE Name != 'beta'")
    assert (counted["totalSize"], counted["records"]) == (3, [])
    (aggregate,) = client.query("SELECT COUNT(BillingCity) FROM Account")["records"]
    assert (aggregate["attributes"]["type"], aggregate["expr0"]) == ("AggregateResult", 2)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "MALFORMED_QUERY"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id Account", "MALFORMED_QUERY"),
        ("SELECT * FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'unclosed", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'bad \\q'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name IN ()", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account GROUP BY Name", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Kontakte) FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account; DROP", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Nothing.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE SystemModstamp > '2020-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Account WHERE AnnualRevenue LIKE '1'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_refused_queries(filled: Running, query: str, code: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as raised:
        filled.client().query(query)
    assert raised.value.content[0]["errorCode"] == code


def test_paging(org: Running) -> None:
    for number in range(450):
        org.org.plant("Account", {"Name": f"{number:04d}"}, 1)
    client = org.client()
    url = f"{org.url}/services/data/v61.0/query"
    headers = {"Authorization": f"Bearer {client.session_id}", "Sforce-Query-Options": "batchSize=10"}
    params = {"q": "SELECT Name FROM Account ORDER BY Name"}
    first = org.session().get(url, headers=headers, params=params, timeout=10).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    (record,) = client.query("SELECT Id FROM Account WHERE Name = '0300'")["records"]
    client.Account.update(record["Id"], {"Name": "changed meanwhile"})
    second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    third = client.query_more(second["nextRecordsUrl"], identifier_is_url=True)
    found = [r["Name"] for page in (first, second, third) for r in page["records"]]
    assert found == [f"{number:04d}" for number in range(450)]
    assert (third["done"], "nextRecordsUrl" in third) == (True, False)
    with pytest.raises(SalesforceMalformedRequest) as raised:
        client.query_more("01g000000000000AAA-200")
    assert raised.value.content[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert len(list(client.query_all_iter("SELECT Id FROM Account"))) == 450


def test_an_old_locator_is_gone(org: Running) -> None:
    for number in range(300):
        org.org.plant("Account", {"Name": f"{number:04d}"}, 1)
    client = org.client()
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = client.query("SELECT Id FROM Account", headers=headers)
    org.clock.step(seconds=901)
    with pytest.raises(SalesforceMalformedRequest) as raised:
        client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert raised.value.content[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_query_of_more_than_eight_kilobytes_is_read(org: Running) -> None:
    keys = ", ".join(f"'{number:018d}'" for number in range(400))
    query = f"SELECT Id FROM Account WHERE Zoho_Id__c IN ({keys})"
    assert len(query) > 8_190
    client = org.client()
    assert client.query(query)["totalSize"] == 0
    headers = {"Authorization": f"Bearer {client.session_id}"}
    url = f"{org.url}/services/data/v61.0/query"
    long = org.session().get(url, headers=headers, params={"q": query + " " * 9000}, timeout=10)
    assert (long.status_code, long.json()[0]["errorCode"]) == (414, "URI_TOO_LONG")
