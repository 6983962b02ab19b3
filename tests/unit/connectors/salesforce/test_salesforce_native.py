"""Values, ids and query texts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.canonical.values import Json
from integration.connectors.salesforce import native, soql
from integration.connectors.salesforce.client import quoted
from integration.connectors.salesforce.ids import is_record_id, long_id, organization_of
from integration.connectors.salesforce.records import record_of
from integration.errors import ConfigurationFault, Retryable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("40000.0"), 40000),
        (Decimal("12.50"), {"$decimal": "12.5"}),
        (Decimal("-0.0"), 0),
        ("2018-10-27T15:00:00.000+0000", "2018-10-27T15:00:00.000+0000"),
        ("2018-10-27T17:00:00.5+02:00", "2018-10-27T15:00:00.500+0000"),
        ("2018-10-27T15:00:00Z", "2018-10-27T15:00:00.000+0000"),
        ("2018-10-27", "2018-10-27"),
        ("at 2018-10-27T15:00:00Z", "at 2018-10-27T15:00:00Z"),
        (True, True),
        (None, None),
        (7, 7),
    ],
)
def test_rest_values(value: object, expected: object) -> None:
    assert native.from_rest(value) == expected


@pytest.mark.parametrize("value", [{"city": "Hull"}, [1], 1.5, Decimal("NaN")])
def test_values_rest_never_gives(value: object) -> None:
    with pytest.raises(ValueError, match=r"field value|finite"):
        native.from_rest(value)


def test_values_the_stream_never_gives() -> None:
    for value in (float("nan"), float("inf"), {"a": 1}, b"x"):
        with pytest.raises(ValueError, match=r"field value|finite"):
            native.from_stream(value, "")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**11), max_value=10**11))
def test_a_number_is_the_same_by_rest_by_stream_and_back(value: Decimal) -> None:
    image = native.from_rest(value)
    assert native.from_stream(float(value), "Currency") == image
    sent = native.for_body({"x": image})["x"]
    assert Decimal(str(sent)) == value


@given(st.integers(-(10**13), 10**14))
def test_instants_round_trip(moment: int) -> None:
    assert native.epoch_ms(native.instant_text(moment)) == moment
    assert native.epoch_ms(native.soql_instant(moment)) == moment


def test_bodies() -> None:
    fields: dict[str, Json] = {
        "a": {"$date": "2020-02-29"},
        "b": {"$time": "2020-02-29T01:00:00+01:00"},
        "c": None,
        "d": "",
    }
    assert native.for_body(fields) == {
        "a": "2020-02-29", "b": "2020-02-29T00:00:00.000+0000", "c": None, "d": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "0015f00002J9YYEAA3",
        "001ZM000001n4n5YAA",
        "0035f00002EztxDAAR",
        "006SM0000001Tb3YAE",
        "000000000000000AAA",
    ],
)
def test_checksums_of_published_ids(text: str) -> None:
    assert long_id(text[:15]) == text
    assert long_id(text) == text
    assert is_record_id(text)
    assert is_record_id(text[:15])


@pytest.mark.parametrize(
    "text", ["", "0015f00002J9YYEAA4", "0015f00002J9YY", "0015f00002J9YY'", "0015f00002J9YYÉ", "../x"]
)
def test_what_cannot_be_an_id(text: str) -> None:
    assert not is_record_id(text)


def test_literals_cannot_be_left() -> None:
    assert soql.literal('O\'Hara \\ "x"\n') == "'O\\'Hara \\\\ \\\"x\\\"\\n'"


@given(st.lists(st.text(max_size=300), max_size=60))
def test_queries_fit_and_nothing_is_left_out(texts: list[str]) -> None:
    def query(run: object) -> str:
        return soql.select(("Id",), "Account", soql.is_in("Name", run))  # type: ignore[arg-type]

    runs = list(soql.fitting(texts, 20, query))
    assert [text for run in runs for text in run] == texts
    assert all(len(run) <= 20 for run in runs)


def test_rows_that_are_no_records() -> None:
    for row in ({}, {"Id": "0015f00002J9YYE"}, {"Id": "0015f00002J9YYE", "SystemModstamp": "yesterday"}):
        with pytest.raises(Retryable):
            record_of("Account", row, ())


def test_a_row_without_a_wanted_field_is_not_whole() -> None:
    row = {"Id": "0015f00002J9YYE", "SystemModstamp": "2018-10-27T15:00:00.000+0000", "Name": "Mill"}
    assert record_of("Account", row, ("Name",)).whole
    partial = record_of("Account", row, ("Name", "Phone"))
    assert not partial.whole
    assert partial.image == {"Name": "Mill"}


def test_path_segments() -> None:
    assert quoted("a/b?c#d é") == "a%2Fb%3Fc%23d%20%C3%A9"
    for text in (".", ".."):
        with pytest.raises(ConfigurationFault):
            quoted(text)


def test_the_org_in_a_token() -> None:
    assert organization_of("00D5f000000abcd!AQ") == long_id("00D5f000000abcd")
    assert organization_of("eyJhbGciOi.J9") == ""
    assert organization_of("005!x") == ""
