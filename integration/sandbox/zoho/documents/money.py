"""The amounts of a document: line totals, discounts, taxes, total, and all of it in the base currency.

Everything is computed with fractions and rounded once, half up, where a number is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

RATE_DECIMALS = 6
_HUNDRED = Fraction(100)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Discount:
    """An amount, or a percentage where `percent`."""

    value: Decimal = _NOTHING
    percent: bool = False

    def of(self, base: Fraction) -> Fraction:
        """What is taken off the base."""
        return base * Fraction(self.value) / _HUNDRED if self.percent else Fraction(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)


NO_DISCOUNT = Discount()


@dataclass(frozen=True)
class TaxRate:
    """A tax, or a group of taxes where there are `parts`; a compound part is charged on plain ones, too."""

    tax_id: str
    name: str
    percentage: Decimal
    compound: bool = False
    parts: tuple[TaxRate, ...] = ()

    def charged(self) -> list[tuple[TaxRate, Fraction]]:
        """The single taxes with the percentage of the untaxed amount that each comes to."""
        plain = sum((Fraction(part.percentage) for part in self.parts if not part.compound), Fraction())
        return [
            (part, Fraction(part.percentage) * (1 + (plain / _HUNDRED if part.compound else 0)))
            for part in self.parts
        ] or [(self, Fraction(self.percentage))]


class PricedLine(NamedTuple):
    """What counts of a line."""

    quantity: Decimal
    rate: Decimal
    discount: Discount = NO_DISCOUNT
    tax: TaxRate | None = None


@dataclass(frozen=True)
class Terms:
    """What a document says about all of its lines.

    `tax_rounding` is `item_level` (every tax of every line is rounded) or `entity_level` (the sum of each
    tax is). `decimals` is the precision of the document's currency, `base_decimals` of the base currency.
    """

    discount: Discount = NO_DISCOUNT
    discount_type: str = "entity_level"
    is_discount_before_tax: bool = True
    is_inclusive_tax: bool = False
    shipping_charge: Decimal = _NOTHING
    adjustment: Decimal = _NOTHING
    exchange_rate: Decimal = Decimal(1)
    tax_rounding: str = "entity_level"
    decimals: int = 2
    base_decimals: int = 2


class TaxAmount(NamedTuple):
    """What one tax comes to."""

    tax: TaxRate
    amount: Decimal


class LineTotal(NamedTuple):
    """A line's amounts: before its discount, the discount, after it (both without tax), with tax included."""

    item_sub_total: Decimal
    discount_amount: Decimal
    item_total: Decimal
    item_total_inclusive_of_tax: Decimal
    taxes: tuple[TaxAmount, ...]


@dataclass(frozen=True)
class Totals:
    """A document's amounts in its own currency; `sub_total` is without tax whatever the rates include."""

    lines: tuple[LineTotal, ...]
    sub_total: Decimal
    sub_total_inclusive_of_tax: Decimal
    discount_total: Decimal
    tax_total: Decimal
    taxes: tuple[TaxAmount, ...]
    total: Decimal
    exchange_rate: Decimal
    base_decimals: int

    def in_base(self, amount: Decimal) -> Decimal:
        """The amount in the base currency."""
        return rounded(Fraction(amount) * Fraction(self.exchange_rate), self.base_decimals)


@dataclass
class _Work:
    """A line between price and tax; `gross` is what the rate says, `taxable` what taxes are charged on."""

    line: PricedLine
    sub_total: Fraction
    gross: Fraction
    taxable: Fraction
    taxes: list[tuple[TaxRate, Fraction]] = field(default_factory=list)


def rounded(amount: Fraction | Decimal, decimals: int) -> Decimal:
    """The amount to so many decimals, halves away from zero."""
    scaled = Fraction(amount) * 10**decimals
    whole = (abs(scaled.numerator) * 2 + scaled.denominator) // (scaled.denominator * 2)
    return Decimal(whole if scaled >= 0 else -whole).scaleb(-decimals)


def totals_of(lines: Sequence[PricedLine], terms: Terms) -> Totals:
    """Everything that follows from the lines and the terms."""
    works = [_begun(line, terms) for line in lines]
    gross = sum((work.gross for work in works), Fraction())
    discount = _discount(gross, terms, before_tax=True)
    for work in works:
        work.taxable -= discount * work.gross / gross if gross else 0
        work.taxes = _taxes(work, terms)
    taxes = _grouped(works, terms)
    tax_total = sum((each.amount for each in taxes), Decimal(0))
    payable = gross if terms.is_inclusive_tax else gross + Fraction(tax_total)
    discount += _discount(payable, terms, before_tax=False)
    shown = tuple(_line_total(work, terms) for work in works)
    extra = Fraction(terms.shipping_charge) + Fraction(terms.adjustment)
    off_lines = sum((each.discount_amount for each in shown), Decimal(0))
    return Totals(
        lines=shown,
        sub_total=sum((each.item_total for each in shown), Decimal(0)),
        sub_total_inclusive_of_tax=rounded(gross if terms.is_inclusive_tax else Fraction(), terms.decimals),
        discount_total=off_lines + rounded(discount, terms.decimals),
        tax_total=rounded(tax_total, terms.decimals),
        taxes=taxes,
        total=rounded(payable - discount + extra, terms.decimals),
        exchange_rate=terms.exchange_rate,
        base_decimals=terms.base_decimals,
    )


def shares(amount: Decimal, weights: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """The amount divided by weight so that the parts add up to it exactly."""
    whole, running, marks = sum(weights, Decimal(0)), Decimal(0), [Decimal(0)]
    for weight in weights:
        running += weight
        share = Fraction(amount) * Fraction(running) / Fraction(whole) if whole else Fraction()
        marks.append(rounded(share, decimals))
    return [after - earlier for earlier, after in pairwise(marks)]


def _discount(base: Fraction, terms: Terms, *, before_tax: bool) -> Fraction:
    """What the document as a whole takes off, rounded, if it does so at this point."""
    if terms.discount_type != "entity_level" or terms.is_discount_before_tax != before_tax:
        return Fraction()
    return Fraction(rounded(terms.discount.of(base), terms.decimals))


def _begun(line: PricedLine, terms: Terms) -> _Work:
    sub_total = Fraction(rounded(Fraction(line.quantity) * Fraction(line.rate), terms.decimals))
    if terms.discount_type != "item_level":
        return _Work(line, sub_total, sub_total, sub_total)
    gross = sub_total - Fraction(rounded(line.discount.of(sub_total), terms.decimals))
    return _Work(line, sub_total, gross, gross if terms.is_discount_before_tax else sub_total)


def _taxes(work: _Work, terms: Terms) -> list[tuple[TaxRate, Fraction]]:
    if work.line.tax is None:
        return []
    found = []
    charged = work.line.tax.charged()
    base = work.taxable
    if terms.is_inclusive_tax:
        base = base * _HUNDRED / (_HUNDRED + sum(percentage for _, percentage in charged))
    for tax, percentage in charged:
        amount = base * percentage / _HUNDRED
        if terms.tax_rounding == "item_level":
            amount = Fraction(rounded(amount, terms.decimals))
        found.append((tax, amount))
    return found


def _grouped(works: Sequence[_Work], terms: Terms) -> tuple[TaxAmount, ...]:
    """One row per single tax, in the order in which the lines bring them."""
    sums: dict[str, tuple[TaxRate, Fraction]] = {}
    for work in works:
        for tax, amount in work.taxes:
            sums[tax.tax_id] = (tax, sums.get(tax.tax_id, (tax, Fraction()))[1] + amount)
    return tuple(TaxAmount(tax, rounded(amount, terms.decimals)) for tax, amount in sums.values())


def _line_total(work: _Work, terms: Terms) -> LineTotal:
    decimals = terms.decimals
    net = work.gross
    if terms.is_inclusive_tax and work.line.tax is not None:
        net = net * _HUNDRED / (_HUNDRED + sum(percentage for _, percentage in work.line.tax.charged()))
    return LineTotal(
        item_sub_total=rounded(work.sub_total, decimals),
        discount_amount=rounded(work.sub_total - work.gross, decimals),
        item_total=rounded(net, decimals),
        item_total_inclusive_of_tax=rounded(work.gross if terms.is_inclusive_tax else Fraction(), decimals),
        taxes=tuple(TaxAmount(tax, rounded(amount, decimals)) for tax, amount in work.taxes),
    )
