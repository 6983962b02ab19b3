"""Which lists are asked for a record that may be the same, and which rows count."""

from __future__ import annotations

import pytest

from integration.connectors.zoho.search import Query, applied_filters, digits, fits, queries
from integration.ports import FindRequest


def columns(**request: str) -> list[str]:
    return [query.column for query in queries(FindRequest("contact", **request))]


def test_the_most_telling_filters_are_asked_and_never_more_than_three() -> None:
    every = {
        "key": "001",
        "name": "Acme",
        "email": "a@b.example",
        "phone": "555 0100",
        "website": "b.example",
    }
    assert columns(**every) == ["contact_name", "email", "phone"]
    assert columns(key="001", name="Acme") == ["contact_name", "search_text"]
    assert columns(name="  ", email="", phone="12") == []


def test_values_longer_than_a_filter_takes_are_asked_by_their_beginning() -> None:
    [query] = queries(FindRequest("contact", name="n" * 150))
    assert query.params == {"contact_name_startswith": "n" * 100}
    assert not fits(query, {"contact_name": "n" * 151}, frozenset())
    assert fits(query, {"contact_name": "N" * 150}, frozenset())


NAME = Query("contact_name", {}, "Acme  Widgets")
EMAIL = Query("email", {}, "Ada@acme.example")
PHONE = Query("phone", {}, "+1 (555) 0100")


@pytest.mark.parametrize(
    ("query", "row", "applied", "fit"),
    [
        (NAME, {"contact_name": "acme widgets "}, set(), True),
        (NAME, {"contact_name": "Acme Widgets Ltd"}, {"contact_name"}, False),
        (NAME, {}, {"contact_name"}, False),
        (EMAIL, {"email": "ada@ACME.example"}, set(), True),
        (EMAIL, {"email": "other@acme.example"}, set(), False),
        (EMAIL, {"email": "other@acme.example"}, {"email"}, True),
        (PHONE, {"phone": "15550100"}, set(), True),
        (PHONE, {"mobile": "1-555-0100"}, set(), True),
        (PHONE, {"phone": ""}, set(), False),
        (Query("search_text", {}, "001"), {"contact_name": "001"}, {"search_text"}, False),
    ],
)
def test_a_row_must_have_what_was_asked_for(
    query: Query, row: dict[str, str], applied: set[str], fit: bool
) -> None:
    assert fits(query, row, frozenset(applied)) is fit


def test_what_the_server_says_it_searched() -> None:
    assert applied_filters({"search_criteria": [{"column_name": "email"}, "x"]}) == {"email"}
    assert applied_filters({}) == frozenset()
    assert digits("12-34") == ""
