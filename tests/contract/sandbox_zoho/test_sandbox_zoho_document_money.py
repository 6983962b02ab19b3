"""Totals worked out by hand, over the level of the discount x what rates include x where taxes are rounded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from integration.sandbox.zoho.documents.money import (
    NO_DISCOUNT,
    Discount,
    PricedLine,
    TaxRate,
    Terms,
    Totals,
    rounded,
    shares,
    totals_of,
)

SALES = TaxRate("1", "Sales Tax", Decimal("8.25"))
HIGH, LOW = TaxRate("2", "VAT 19", Decimal(19)), TaxRate("3", "VAT 7", Decimal(7))
HALVES = TaxRate(
    "4",
    "Two halves",
    Decimal(18),
    parts=(TaxRate("5", "First", Decimal(9)), TaxRate("6", "Second", Decimal(9))),
)
ON_TOP = TaxRate(
    "7",
    "With a compound",
    Decimal("15.47375"),
    parts=(TaxRate("8", "Plain", Decimal(5)), TaxRate("9", "Compound", Decimal("9.975"), compound=True)),
)
TEN, FIVE = Discount(Decimal(10), percent=True), Discount(Decimal(5))


def line(
    quantity: str, rate: str, tax: TaxRate | None = SALES, discount: Discount | None = None
) -> PricedLine:
    return PricedLine(Decimal(quantity), Decimal(rate), discount or Discount(), tax)


# 29.97 + 8.90 = 38.87
PLAIN = (line("3", "9.99"), line("2", "4.45"))
# 29.97 - 3.00 = 26.97 and 8.90 - 1.00 = 7.90
REDUCED = (line("3", "9.99", discount=TEN), line("2", "4.45", discount=Discount(Decimal(1))))


class Case(NamedTuple):
    lines: tuple[PricedLine, ...]
    terms: dict[str, Any]
    sub_total: str
    discount: str
    tax: str
    total: str


def entity(
    discount: Discount = NO_DISCOUNT, *, before: bool = True, inclusive: bool = False, item: bool = False
) -> dict[str, Any]:
    return {
        "discount": discount, "is_discount_before_tax": before, "is_inclusive_tax": inclusive,
        "tax_rounding": "item_level" if item else "entity_level",
    }  # fmt: skip


def by_line(**choices: bool) -> dict[str, Any]:
    return {**entity(**choices), "discount_type": "item_level"}  # type: ignore[arg-type]


CASES = {
    # No discount. 8.25 % of 38.87 is 3.206775; of 29.97 2.472525, of 8.90 0.73425.
    "none, added, total": Case(PLAIN, entity(), "38.87", "0", "3.21", "42.08"),
    "none, added, line": Case(PLAIN, entity(item=True), "38.87", "0", "3.20", "42.07"),
    # Included: 38.87 x 8.25 / 108.25 = 2.9624; 2.2841 and 0.6783 by line; net 27.69 and 8.22.
    "none, included, total": Case(PLAIN, entity(inclusive=True), "35.91", "0", "2.96", "38.87"),
    "none, included, line": Case(PLAIN, entity(inclusive=True, item=True), "35.91", "0", "2.96", "38.87"),
    # 10 % before tax: 3.89 off, taxed 34.98 (26.9707 and 8.0093).
    "10 % before, added, total": Case(PLAIN, entity(TEN), "38.87", "3.89", "2.89", "37.87"),
    "10 % before, added, line": Case(PLAIN, entity(TEN, item=True), "38.87", "3.89", "2.89", "37.87"),
    "10 % before, included, total": Case(PLAIN, entity(TEN, inclusive=True), "35.91", "3.89", "2.67", "34.98"),
    "10 % before, included, line": Case(PLAIN, entity(TEN, inclusive=True, item=True), "35.91", "3.89", "2.67", "34.98"),
    # 10 % after tax: of 42.08, 42.07 or 38.87.
    "10 % after, added, total": Case(PLAIN, entity(TEN, before=False), "38.87", "4.21", "3.21", "37.87"),
    "10 % after, added, line": Case(PLAIN, entity(TEN, before=False, item=True), "38.87", "4.21", "3.20", "37.86"),
    "10 % after, included, total": Case(PLAIN, entity(TEN, before=False, inclusive=True), "35.91", "3.89", "2.96", "34.98"),
    "10 % after, included, line": Case(PLAIN, entity(TEN, before=False, inclusive=True, item=True), "35.91", "3.89", "2.96", "34.98"),
    # 5.00 before tax: taxed 33.87 (26.1148 and 7.7552); 2.794275, or 2.15 and 0.64.
    "5 before, added, total": Case(PLAIN, entity(FIVE), "38.87", "5", "2.79", "36.66"),
    "5 before, added, line": Case(PLAIN, entity(FIVE, item=True), "38.87", "5", "2.79", "36.66"),
    "5 before, included, total": Case(PLAIN, entity(FIVE, inclusive=True), "35.91", "5", "2.58", "33.87"),
    "5 before, included, line": Case(PLAIN, entity(FIVE, inclusive=True, item=True), "35.91", "5", "2.58", "33.87"),
    "5 after, added, total": Case(PLAIN, entity(FIVE, before=False), "38.87", "5", "3.21", "37.08"),
    "5 after, added, line": Case(PLAIN, entity(FIVE, before=False, item=True), "38.87", "5", "3.20", "37.07"),
    "5 after, included, total": Case(PLAIN, entity(FIVE, before=False, inclusive=True), "35.91", "5", "2.96", "33.87"),
    # On the lines. 8.25 % of 34.87 is 2.876775; of 26.97 2.225025, of 7.90 0.65175.
    "lines before, added, total": Case(REDUCED, by_line(), "34.87", "4", "2.88", "37.75"),
    "lines before, added, line": Case(REDUCED, by_line(item=True), "34.87", "4", "2.88", "37.75"),
    "lines before, included, total": Case(REDUCED, by_line(inclusive=True), "32.21", "4", "2.66", "34.87"),
    "lines before, included, line": Case(REDUCED, by_line(inclusive=True, item=True), "32.21", "4", "2.66", "34.87"),
    "lines after, added, total": Case(REDUCED, by_line(before=False), "34.87", "4", "3.21", "38.08"),
    "lines after, added, line": Case(REDUCED, by_line(before=False, item=True), "34.87", "4", "3.20", "38.07"),
    # A discount of a line counts nothing where the whole document has the discount.
    "lines ignored": Case(REDUCED, entity(), "38.87", "0", "3.21", "42.08"),
    # 9 % of 20.10 is 1.809 for each half; of 10.05 it is 0.9045.
    "group, total": Case((line("1", "10.05", HALVES),) * 2, entity(), "20.10", "0", "3.62", "23.72"),
    "group, line": Case((line("1", "10.05", HALVES),) * 2, entity(item=True), "20.10", "0", "3.60", "23.70"),
    # 9.975 % of 105.00 is 10.47375.
    "compound": Case((line("1", "100", ON_TOP),), entity(), "100", "0", "15.47", "115.47"),
    "two taxes, shipping, adjustment": Case(
        (line("2", "10", HIGH), line("1", "5", LOW)),
        {"shipping_charge": Decimal("4.9"), "adjustment": Decimal("-0.05")}, "25", "0", "4.15", "34.00",
    ),
    "shipping is not reduced": Case((line("1", "100", None),), {**entity(TEN), "shipping_charge": Decimal(20)}, "100", "10", "0", "110"),
    "six decimals": Case((line("7", "21.651038", None),), {}, "151.56", "0", "0", "151.56"),
    "half a cent goes up": Case((line("1", "0.125", None), line("3", "0.125", None)), {}, "0.51", "0", "0", "0.51"),
    "no cents": Case((line("3", "33.4", TaxRate("x", "T", Decimal(10))),), {"decimals": 0}, "100", "0", "10", "110"),
    "part of a unit": Case((line("0.333", "3", HIGH),), {}, "1.00", "0", "0.19", "1.19"),
    "all of it off": Case(PLAIN, entity(Discount(Decimal(100), percent=True)), "38.87", "38.87", "0", "0"),
    "nothing": Case((line("1", "0"),), entity(TEN), "0", "0", "0", "0"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_totals_are_those_worked_out_by_hand(case: Case) -> None:
    found = totals_of(case.lines, Terms(**case.terms))
    expected = tuple(Decimal(text) for text in case[2:])
    assert (found.sub_total, found.discount_total, found.tax_total, found.total) == expected


def test_a_group_is_shown_as_its_parts() -> None:
    found = totals_of([line("1", "10.05", HALVES), line("2", "3", HIGH), line("1", "1", HALVES)], Terms())
    # 9 % of 11.05 is 0.9945, 19 % of 6.00 is 1.14.
    assert _taxes(found) == [("First", "0.99"), ("Second", "0.99"), ("VAT 19", "1.14")]


def test_lines_show_their_own_amounts() -> None:
    found = totals_of(REDUCED, Terms(**by_line(inclusive=True, item=True))).lines
    assert [(each.item_sub_total, each.discount_amount) for each in found] == [
        (Decimal("29.97"), Decimal("3.00")), (Decimal("8.90"), Decimal("1.00")),
    ]  # fmt: skip
    assert [(str(each.item_total), str(each.item_total_inclusive_of_tax)) for each in found] == [
        ("24.91", "26.97"), ("7.30", "7.90"),
    ]  # fmt: skip
    assert [str(each.taxes[0].amount) for each in found] == ["2.06", "0.60"]


def test_included_taxes_show_the_sum_of_the_rates_beside_the_net_one() -> None:
    found = totals_of(PLAIN, Terms(is_inclusive_tax=True))
    assert (str(found.sub_total), str(found.sub_total_inclusive_of_tax)) == ("35.91", "38.87")
    assert totals_of(PLAIN, Terms()).sub_total_inclusive_of_tax == 0


def test_the_base_currency_is_rounded_by_itself() -> None:
    found = totals_of(PLAIN, Terms(exchange_rate=Decimal("1.08")))
    # 42.08 x 1.08 = 45.4464 and 38.87 x 1.08 = 41.9796
    assert (str(found.in_base(found.total)), str(found.in_base(found.sub_total))) == ("45.45", "41.98")


@pytest.mark.parametrize(
    ("amount", "decimals", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("2.344999", 2, "2.34"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
    ],
)
def test_halves_go_away_from_zero(amount: str, decimals: int, expected: str) -> None:
    assert str(rounded(Decimal(amount), decimals)) == expected


def test_shares_add_up_to_the_amount() -> None:
    weights = [Decimal(1)] * 3
    assert shares(Decimal("10.00"), weights, 2) == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert shares(Decimal("10.00"), [Decimal(0)], 2) == [Decimal(0)]


def _taxes(found: Totals) -> list[tuple[str, str]]:
    return [(each.tax.name, str(each.amount)) for each in found.taxes]
