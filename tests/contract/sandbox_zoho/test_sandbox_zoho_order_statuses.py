"""The table of statuses, against the combinations that real orders show."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.sandbox.switches import Switches, assigned
from integration.sandbox.zoho.sales.statuses import Counted, Money, Progress, statuses_of

FULL = Decimal(3)


def line(**done: int) -> Counted:
    return Counted(FULL, Progress(**{key: Decimal(value) for key, value in done.items()}))


def money(invoiced: int, balance: int) -> Money:
    return Money(Decimal(invoiced), Decimal(balance))


NOTHING = money(0, 0)
SHIPPED = {"packed": 3, "shipped": 3}
FULFILLED = {**SHIPPED, "delivered": 3}
CASES = [
    ("draft", [line()], NOTHING, ("draft", "draft", "", "", "")),
    ("pending_approval", [line()], NOTHING, ("pending_approval", "pending_approval", "", "", "")),
    ("approved", [line()], NOTHING, ("approved", "approved", "", "", "")),
    ("void", [line(packed=1)], NOTHING, ("void", "void", "", "", "")),
    ("confirmed", [line()], NOTHING, ("confirmed", "confirmed", "not_invoiced", "unpaid", "pending")),
    ("confirmed", [line(packed=3)], NOTHING, ("confirmed", "confirmed", "not_invoiced", "unpaid", "pending")),
    ("confirmed", [line(invoiced=3)], money(30, 0), ("confirmed", "closed", "invoiced", "paid", "pending")),
    ("confirmed", [line(invoiced=3)], money(30, 10), ("confirmed", "closed", "invoiced", "partially_paid", "pending")),
    ("confirmed", [line(packed=2, shipped=1)], NOTHING,
     ("partially_shipped", "confirmed", "not_invoiced", "unpaid", "partially_shipped")),
    ("confirmed", [line(**SHIPPED), line()], NOTHING,
     ("partially_shipped", "confirmed", "not_invoiced", "unpaid", "partially_shipped")),
    ("confirmed", [line(**SHIPPED)], NOTHING, ("shipped", "confirmed", "not_invoiced", "unpaid", "shipped")),
    ("confirmed", [line(**SHIPPED, invoiced=1)], money(10, 0),
     ("shipped", "confirmed", "partially_invoiced", "partially_paid", "shipped")),
    ("confirmed", [line(**SHIPPED, invoiced=1)], money(10, 10),
     ("shipped", "confirmed", "partially_invoiced", "unpaid", "shipped")),
    ("confirmed", [line(**SHIPPED, invoiced=3)], money(30, 0), ("shipped", "closed", "invoiced", "paid", "shipped")),
    ("confirmed", [line(**FULFILLED, invoiced=3)], money(30, 0),
     ("fulfilled", "closed", "invoiced", "paid", "fulfilled")),
    ("confirmed", [line(**FULFILLED)], NOTHING, ("fulfilled", "confirmed", "not_invoiced", "unpaid", "fulfilled")),
    ("confirmed", [line(**{**FULFILLED, "delivered": 2})], NOTHING,
     ("shipped", "confirmed", "not_invoiced", "unpaid", "shipped")),
    # What a supplier sends to the customer need not be shipped here; an invoice of nothing is paid.
    ("confirmed", [line(dropshipped=3)], NOTHING, ("fulfilled", "confirmed", "not_invoiced", "unpaid", "fulfilled")),
    ("confirmed", [line(invoiced=3)], NOTHING, ("confirmed", "closed", "invoiced", "paid", "pending")),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "lines", "paid", "expected"), CASES)
def test_statuses_follow_from_stage_and_progress(
    stage: str, lines: list[Counted], paid: Money, expected: tuple[str, ...]
) -> None:
    assert tuple(statuses_of(stage, lines, paid, Switches())) == expected


def test_a_service_need_not_be_shipped() -> None:
    lines = [line(**SHIPPED), Counted(FULL, goods=False)]
    assert statuses_of("confirmed", lines, NOTHING, Switches()).shipped_status == "shipped"
    assert statuses_of("confirmed", lines[1:], NOTHING, Switches()).shipped_status == "pending"


@pytest.mark.parametrize(
    ("done", "paid", "expected"),
    [
        ({}, NOTHING, ("open", "open", "not_invoiced", "unpaid", "pending")),
        (
            {"invoiced": 1},
            money(10, 10),
            ("partially_invoiced", "open", "partially_invoiced", "unpaid", "pending"),
        ),
        ({**FULFILLED, "invoiced": 3}, money(30, 0), ("invoiced", "closed", "invoiced", "paid", "fulfilled")),
    ],
)
def test_books_says_open_and_goes_by_invoices(
    done: dict[str, int], paid: Money, expected: tuple[str, ...]
) -> None:
    books = assigned(Switches(), {"zoho_confirmed_word": "open"})
    assert tuple(statuses_of("confirmed", [line(**done)], paid, books)) == expected


def test_closing_may_wait_for_the_money() -> None:
    switches = assigned(Switches(), {"zoho_order_closes_on": "paid"})
    open_still = statuses_of("confirmed", [line(invoiced=3)], money(30, 10), switches)
    assert (open_still.order_status, open_still.invoiced_status) == ("confirmed", "invoiced")
    assert statuses_of("confirmed", [line(invoiced=3)], money(30, 0), switches).order_status == "closed"


def test_the_order_status_of_a_void_order_is_a_switch() -> None:
    switches = assigned(Switches(), {"zoho_void_order_status": "closed"})
    assert statuses_of("void", [line()], NOTHING, switches)[:2] == ("void", "closed")
