"""What counts as the same value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from integration.canonical.values import Value
from integration.mapping.equality import same


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        ("name", None, "  "),
        ("name", "Acme", " Acme "),
        ("name", "Cafe\u0301", "Caf\u00e9"),
        ("notes", "a\r\nb", "a\nb"),
        ("email", "Jane@Example.org", "jane@example.org"),
        ("primary_person.email", "J@X.DE", "j@x.de"),
        ("phone", "+49  30 1", "+49 30 1"),
        ("website", "http://Acme.example/", "acme.example"),
        ("website", "https://acme.example/Shop/", "HTTPS://ACME.example/Shop"),
        ("custom.score", Decimal("12.50"), Decimal("12.5")),
        ("custom.score", 12, Decimal("12.0")),
        ("custom.score", "12.50", Decimal("12.5")),
        ("custom.at", datetime(2026, 3, 29, 1, 0, 0, 5, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("is_active", True, True),
    ],
)
def test_same(field: str, a: Value, b: Value) -> None:
    assert same("customer", field, a, b)
    assert same("customer", field, b, a)


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        ("name", "Acme", "ACME"),
        ("name", "A" * 200, "A" * 199 + "a"),
        ("name", "Acme", None),
        ("name", "12", "12.0"),
        ("phone", "+49 30 1", "+49301"),
        ("website", "http://acme.example", "https://acme.example"),
        ("website", "acme.example/a", "acme.example/A"),
        ("is_active", False, None),
        ("is_active", True, 1),
        ("is_active", False, 0),
        ("custom.score", "twelve", 12),
        ("custom.on", date(2026, 3, 29), datetime(2026, 3, 29, tzinfo=UTC)),
        ("custom.on", date(2026, 3, 29), "2026-03-29x"),
        ("custom.at", datetime(2026, 3, 29, 1), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("custom.at", datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, 1, tzinfo=UTC)),
    ],
)
def test_not_same(field: str, a: Value, b: Value) -> None:
    assert not same("customer", field, a, b)
    assert not same("customer", field, b, a)
