"""Queries look at as few rows as an index can tell, also while records change."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest

from integration.sandbox.clock import Clock
from integration.sandbox.salesforce import OrgOptions, SalesforceOrg
from integration.sandbox.salesforce.ordered_index import OrderedIndex, common, joined
from integration.sandbox.salesforce.soql_find import Wish
from integration.sandbox.salesforce.soql_like import like
from integration.sandbox.salesforce.soql_paths import fold
from integration.sandbox.salesforce.tables import Row

_MANY = 600


@pytest.fixture(scope="module")
def filled() -> SalesforceOrg:
    org = SalesforceOrg(OrgOptions(), Clock())
    for number in range(_MANY):
        account = org.plant(
            "Account", {"Name": f"Firm {number % 300}", "Zoho_Id__c": f"z{number}"}, number % 97
        )
        org.plant("Contact", {"LastName": f"P{number}", "AccountId": account}, 1)
    return org


@pytest.mark.parametrize(
    ("query", "rows", "looked_at"),
    [
        ("SELECT Id FROM Account WHERE Zoho_Id__c IN ('Z5', 'z7', 'none')", 2, 2),
        ("SELECT Id FROM Account WHERE Name = 'FIRM 5' AND Is_Active__c = true", 2, 2),
        ("SELECT Id FROM Account WHERE Name LIKE 'firm 29_' AND Name != null", 20, 22),
        ("SELECT Id FROM Account WHERE Name IN ('Firm 1', 'Firm 2') OR Zoho_Id__c = 'z9'", 5, _MANY),
        ("SELECT Id FROM Account ORDER BY Name DESC LIMIT 5", 5, 6),
        ("SELECT Id FROM Account ORDER BY SystemModstamp, Id LIMIT 5", 5, 5),
        ("SELECT Id FROM Contact WHERE Account.Zoho_Id__c = 'z5'", 1, 1),
        ("SELECT Id FROM Contact WHERE Account.Owner.Name != null AND Account.Name = 'Firm 5'", 2, 2),
        ("SELECT Id FROM Contact WHERE Name > 'P98' OR (Name = 'P98' AND AccountId != null)", 2, 2),
        ("SELECT Id FROM Account WHERE SystemModstamp = TODAY ORDER BY SystemModstamp", 7, 7),
    ],
)
def test_rows_looked_at(
    filled: SalesforceOrg, monkeypatch: pytest.MonkeyPatch, query: str, rows: int, looked_at: int
) -> None:
    seen = 0
    among = Wish.among

    def counting(wish: Wish, found: Iterable[Row], gone: set[str]) -> Iterator[Row]:
        def counted() -> Iterator[Row]:
            nonlocal seen
            for row in found:
                seen += 1
                yield row

        return among(wish, counted(), gone)

    monkeypatch.setattr(Wish, "among", counting)
    assert len(filled.queries.run(query, with_deleted=False).rows) == rows
    assert seen <= looked_at


def test_indexes_follow_changes(filled: SalesforceOrg) -> None:
    """Whatever happens to records, an index made before finds what one made afterwards finds."""
    rng = random.Random(7)
    org = SalesforceOrg(OrgOptions(), Clock())
    queries = [f"SELECT Id FROM Account ORDER BY {name}" for name in ("Name", "Name DESC", "SystemModstamp")]
    ids: list[str] = []
    for number in range(120):
        for query in queries:
            org.queries.run(query, with_deleted=False)
        kind = rng.choice(("create", "create", "change", "delete"))
        if kind == "create" or not ids:
            ids.append(org.edit("Account", None, {"Name": f"n{rng.randint(0, 9)}"})["Id"])
        elif kind == "change":
            org.edit("Account", rng.choice(ids), {"Name": f"n{number}"})
        else:
            org.delete("Account", ids.pop(rng.randrange(len(ids))))
    fresh = SalesforceOrg(OrgOptions(), Clock())
    fresh.load(org.dump())
    for query in queries:
        found = [
            org.queries.run(query, with_deleted=True).rows,
            fresh.queries.run(query, with_deleted=True).rows,
        ]
        assert [row.id for row in found[0]] == [row.id for row in found[1]]
        live = org.queries.run(query, with_deleted=False).rows
        assert {row.id for row in live} == set(ids)


def test_places_meet_and_join() -> None:
    assert joined([[(3, 5)], [(0, 1), (4, 8)], [(9, 9)]]) == [(0, 1), (3, 8)]
    assert common([[(0, 10)], [(2, 4), (6, 12)]]) == [(2, 4), (6, 10)]
    assert common([[(0, 2)], [(3, 4)]]) == []
    index: OrderedIndex[Row] = OrderedIndex(lambda row: row.values["Name"], [])
    assert list(index.rows(index.everything())) == []


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%a%a%a%a%a%a%a%a%a%a%a%a%b", "a" * 200, False),
        ("Stra_e", "Straße", True),
        ("ΟΔΟΣ%", "Οδοσκαθαριστής", True),
        ("%ab%b", "ab", False),
        ("%_", "", False),
        ("a%a", "a", False),
        ("İ_", "İx", True),
    ],
)
def test_patterns(pattern: str, text: str, *, expected: bool) -> None:
    matches = like([(character, False) for character in pattern], ignore_case=True)
    assert matches(fold(text)) is expected
