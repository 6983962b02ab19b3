"""Amounts as the org rounds them: halves away from zero, on decimal digits rather than binary ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import Value

_TOO_MUCH = Decimal(10) ** 16
"""Amounts have 16 digits before the point."""
_INEXACT = Decimal(10) ** 13
"""From here on a binary number may not hold every cent."""


def exact(value: Value) -> Decimal:
    """The decimal a stored number stands for; an empty one is nothing."""
    return Decimal(str(value)) if value is not None else Decimal(0)


def rounded(value: Decimal, scale: int = 2) -> float:
    """:raises ApiError: NUMBER_OUTSIDE_VALID_RANGE, an amount that no field can hold"""
    if abs(value) >= _TOO_MUCH:
        message = f"value outside of valid range on numeric field: {value:f}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[])
    return float(value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP))


def total(quantity: Value, price: Value, discount: Value = None) -> float:
    """`quantity * price` less the discount in percent."""
    return rounded(exact(quantity) * exact(price) * (1 - exact(discount) / 100))


def moved(
    amount: Value, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None, part: str
) -> float | None:
    """A sum after one of its parts has changed; None for a sum too large for all its digits to be kept."""
    new, old = (exact(None if line is None else line[part]) for line in (after, before))
    change = new - old
    found = rounded(exact(amount) + change)
    largest = max(abs(exact(found)), abs(change), abs(exact(amount)))
    return found if largest < _INEXACT else None


def summed(values: Iterable[Value]) -> float:
    return rounded(sum((exact(value) for value in values), Decimal(0)))
