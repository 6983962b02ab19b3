"""Values between JSON, types and texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from integration.canonical.values import Json, Value
from integration.mapping.conversions import (
    CONVERSIONS,
    TYPES,
    UnconvertibleError,
    cut,
    from_json,
    is_email,
    length,
    places,
    to_json,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "  a\r\nb\r ", "a\nb"),
        ("text", "   ", None),
        ("text", 12, "12"),
        ("text", Decimal("12.50"), "12.50"),
        ("text", True, "true"),
        ("text", "a\x00b\x07c", "abc"),
        ("text", "half \ud83d pair", "half \ufffd pair"),
        ("text", "👩‍🚀 שלום", "👩‍🚀 שלום"),
        ("line", " Jane \n  Doe ", "Jane Doe"),
        ("lines", " 12 High St \r\n\r\n Floor 2 ", "12 High St\nFloor 2"),
        ("email", " Jane@Example.ORG ", "jane@example.org"),
        ("phone", "+49  30   123", "+49 30 123"),
        ("integer", "007", 7),
        ("integer", Decimal("5.0"), 5),
        ("integer", "", None),
        ("decimal", " 12.50 ", Decimal("12.50")),
        ("decimal", "1e3", Decimal(1000)),
        ("decimal", "0e99", Decimal(0)),
        ("boolean", "TRUE", True),
        ("boolean", 0, False),
        ("boolean", None, False),
        ("boolean", "", False),
        ("date", "2026-03-29", date(2026, 3, 29)),
        ("datetime", "2026-03-29T01:30:00.000+0000", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("datetime", "2026-03-29T01:30:00.999Z", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("datetime", "2026-03-29T03:30:00+0200", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("datetime", None, None),
    ],
)
def test_coerce(kind: str, value: Value, expected: Value) -> None:
    found = TYPES[kind](value, UTC)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "1.5"),
        ("integer", "twelve"),
        ("integer", True),
        ("integer", "١٢"),
        ("decimal", "1,234.50"),
        ("decimal", "NaN"),
        ("decimal", "Infinity"),
        ("decimal", "1_000"),
        ("decimal", "1e999999999"),
        ("decimal", "0e99999999999999999999"),
        ("decimal", date(2026, 1, 1)),
        ("boolean", "perhaps"),
        ("date", "29.03.2026"),
        ("date", "2026-02-30"),
        ("date", 20260329),
        ("datetime", "yesterday"),
        ("datetime", 1774747800000),
        ("datetime", "0001-01-01T00:00:00+1400"),
    ],
)
def test_what_has_no_form_in_a_type_is_refused_without_showing_it(kind: str, value: Value) -> None:
    with pytest.raises(UnconvertibleError) as caught:
        TYPES[kind](value, UTC)
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-03-29T01:59:59", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
        ("2026-03-29T03:00:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25T01:30:00", datetime(2026, 10, 24, 23, 30, tzinfo=UTC)),
        (
            "2026-10-25T02:30:00",
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),  # told twice that night: the first
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T03:00:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_wall_time_around_daylight_saving(wall: str, instant: datetime) -> None:
    assert TYPES["datetime"](wall, BERLIN) == instant


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-28T22:59:59Z", date(2026, 3, 28)),
        ("2026-03-28T23:00:00Z", date(2026, 3, 29)),
        ("2026-03-29T22:00:00Z", date(2026, 3, 30)),
    ],
)
def test_the_day_of_an_instant_is_the_day_where_the_rule_says(moment: str, day: date) -> None:
    assert TYPES["date"](moment, BERLIN) == day


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("5.00"), 5),
        (Decimal("5.10"), {"$decimal": "5.10"}),
        (Decimal("1E+3"), 1000),
        (True, True),
        (None, None),
        (date(2026, 3, 29), "2026-03-29"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29T01:30:00+0000"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=-3))), "2026-03-29T04:30:00+0000"),
    ],
)
def test_to_json(value: Value, expected: Json) -> None:
    assert to_json(value) == expected


def test_times_carry_the_offset_of_their_zone() -> None:
    assert to_json(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN) == "2026-10-25T02:30:00+0200"
    assert to_json(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN) == "2026-10-25T02:30:00+0100"


def test_json_floats_become_the_decimal_they_show() -> None:
    assert from_json(0.1) == Decimal("0.1")
    assert from_json({"$decimal": "12.50"}) == Decimal("12.50")


@pytest.mark.parametrize("value", [["a"], {"a": 1}, {"$decimal": "x"}, {"$date": "x"}])
def test_objects_and_lists_are_no_values(value: Json) -> None:
    with pytest.raises(UnconvertibleError):
        from_json(value)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("jane@example.org", True),
        ("j.o'neil+x@mail.example.co.uk", True),
        ("müller@exämple.de", True),
        ("jane", False),
        ("jane@localhost", False),
        ("jane@@example.org", False),
        ("jane@example..org", False),
        ("a b@example.org", False),
        ("@example.org", False),
        ("jane@example.org, joe@example.org", False),
        (".jane@example.org", False),
        ("jane@example.org.", False),
        ("x" * 250 + "@a.de", False),
    ],
)
def test_e_mail_addresses(text: str, fine: bool) -> None:
    assert is_email(text) is fine


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("trim", "  a ", "a"),
        ("upper", "straße", "STRASSE"),
        ("lower", "ÄB", "äb"),
        ("digits", "+49 (30) 12-3", "+4930123"),
        ("squeeze", " a   b ", "a b"),
        ("drop_email_suffix", "Jane Doe (jane@example.org)", "Jane Doe"),
        ("drop_email_suffix", "Jane Doe (Berlin)", "Jane Doe (Berlin)"),
        ("drop_email_suffix", "jane@example.org", "jane@example.org"),
        ("drop_email_suffix", "(j@x.de)", "(j@x.de)"),
        ("upper", 12, 12),
        ("trim", "  ", None),
    ],
)
def test_named_conversions(name: str, value: Value, expected: Value) -> None:
    assert CONVERSIONS[name](value) == expected


def test_rounding_is_half_up() -> None:
    assert places(2)(Decimal("1.005")) == Decimal("1.01")
    assert places(0)(Decimal("2.5")) == Decimal(3)
    assert places(2)("text") == "text"


def test_length_counts_as_the_systems_do() -> None:
    assert length("abc") == 3
    assert length("👍") == 2


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [("short", 10, "short"), ("much too long", 8, "much to…"), ("👍👍👍", 4, "👍…"), ("abc def", 5, "abc…")],
)
def test_cut_ends_in_the_marker_and_fits(text: str, most: int, expected: str) -> None:
    assert cut(text, most, "…") == expected
    assert length(cut(text, most, "…")) <= most
