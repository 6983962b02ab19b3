"""Numbers of a document as a client may send them: quantities, rates, amounts, discounts, exchange rates."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents.money import RATE_DECIMALS, Discount, rounded
from integration.sandbox.zoho.faults import ApiError, invalid_value

LARGEST = Decimal(10) ** 12
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?", re.ASCII)
_HUNDRED = Decimal(100)


def clean_amount(key: str, value: object, *, texts: bool = False) -> Decimal:
    """A JSON number, kept to six decimals; a text with a number only where `texts` allows it.

    :raises ApiError: no number, or one past a million millions
    """
    if isinstance(value, bool) or not isinstance(value, int | float | (str if texts else int)):
        raise invalid_value(key)
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise invalid_value(key)
    found = Decimal(str(value))
    if not found.is_finite() or abs(found) > LARGEST:
        raise invalid_value(key)
    if found.adjusted() < -2 * RATE_DECIMALS:
        return Decimal(0)
    return rounded(Fraction(found), RATE_DECIMALS).normalize()


def clean_rate(key: str, value: object) -> Decimal:
    """A price of one unit. :raises ApiError: it is negative."""
    found = clean_amount(key, value)
    if found < 0:
        raise invalid_value(key)
    return found


def clean_quantity(key: str, value: object, switches: Switches) -> Decimal:
    """More than nothing and no more than the switch allows; clients send it as a text, too."""
    found = clean_amount(key, value, texts=switches.zoho_quantity_text)
    if not 0 < found < switches.zoho_quantity_limit:
        raise ApiError(400, switches.zoho_quantity_code, f"Invalid value passed for {key}")
    return found


def clean_discount(key: str, value: object) -> Discount:
    """`10` is an amount, `"10%"` a percentage from 0 to 100; empty is none."""
    if value in (None, ""):
        return Discount()
    percent = isinstance(value, str) and value.strip().endswith("%")
    found = clean_amount(key, value.strip().rstrip("%") if isinstance(value, str) else value, texts=True)
    if found < 0 or (percent and found > _HUNDRED):
        raise invalid_value(key)
    return Discount(found, percent)


def clean_exchange_rate(key: str, value: object) -> Decimal:
    """Units of the base currency for one of the document's. :raises ApiError: not above zero."""
    found = clean_amount(key, value)
    if found <= 0:
        raise invalid_value(key)
    return found


def shown(amount: Decimal) -> float:
    """A number as JSON shows it; money and quantities are never whole-number literals on the wire."""
    return float(amount)


def discount_shown(discount: Discount) -> float | str:
    """A percentage is a text, `"10.00%"`; an amount is a number."""
    if not discount.percent:
        return float(discount.value)
    # With all its decimals: whoever sends the document back as it was read changes nothing.
    return f"{discount.value:.2f}%" if discount.value == round(discount.value, 2) else f"{discount.value:f}%"


def discount_kept(discount: Discount) -> str:
    """The discount as a text that `clean_discount` reads back."""
    # Without an exponent, which ten has otherwise and no client may send.
    return f"{discount.value:f}%" if discount.percent else f"{discount.value:f}"
