"""How the amounts and lines of a document look in answers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from integration.sandbox.zoho.documents.lines import CustomTexts, Line
from integration.sandbox.zoho.documents.money import LineTotal, TaxAmount, TaxRate, Terms, Totals, rounded
from integration.sandbox.zoho.documents.numeric import discount_shown, shown
from integration.sandbox.zoho.profile import Currency

Json = dict[str, Any]


def decimals_of(currency: Currency) -> int:
    """How many decimals amounts of the currency have."""
    return int(currency.shown()["price_precision"])


def amounts_shown(totals: Totals, terms: Terms) -> Json:
    """The amounts of the document as a whole."""
    off_total = Decimal(0) if terms.discount_type == "item_level" else totals.discount_total
    return {
        "discount": discount_shown(terms.discount), "discount_amount": shown(off_total),
        "discount_applied_on_amount": shown(totals.sub_total),
        "is_discount_before_tax": terms.is_discount_before_tax, "discount_type": terms.discount_type,
        "is_inclusive_tax": terms.is_inclusive_tax, "tax_rounding": terms.tax_rounding,
        "exchange_rate": shown(terms.exchange_rate),
        "shipping_charge": shown(terms.shipping_charge),
        "bcy_shipping_charge": shown(totals.in_base(terms.shipping_charge)),
        "adjustment": shown(terms.adjustment), "bcy_adjustment": shown(totals.in_base(terms.adjustment)),
        "sub_total": shown(totals.sub_total), "bcy_sub_total": shown(totals.in_base(totals.sub_total)),
        "sub_total_inclusive_of_tax": shown(totals.sub_total_inclusive_of_tax),
        "discount_total": shown(totals.discount_total),
        "bcy_discount_total": shown(totals.in_base(totals.discount_total)),
        "tax_total": shown(totals.tax_total), "bcy_tax_total": shown(totals.in_base(totals.tax_total)),
        "total": shown(totals.total), "bcy_total": shown(totals.in_base(totals.total)),
        "taxes": [{**_tax(each), "tax_amount": shown(each.amount)} for each in totals.taxes],
    }  # fmt: skip


def line_shown(line: Line, total: LineTotal, totals: Totals, tax: TaxRate | None, sku: str) -> Json:
    """What all kinds of documents tell of a line."""
    return {
        "line_item_id": line.line_item_id, "item_id": line.item_id, "variant_id": line.item_id,
        "product_id": line.item_id, "sku": sku, "name": line.name, "group_name": "",
        "description": line.description, "item_order": line.item_order,
        "bcy_rate": shown(rounded(line.rate * totals.exchange_rate, 6)), "rate": shown(line.rate),
        "quantity": shown(line.quantity), "unit": line.unit, "discount": discount_shown(line.discount),
        "discount_amount": shown(total.discount_amount), "discounts": [],
        "tax_id": line.tax_id, "tax_name": tax.name if tax else "",
        "tax_type": ("tax_group" if tax.parts else "tax") if tax else "",
        "tax_percentage": shown(tax.percentage) if tax else 0.0,
        "line_item_taxes": [{**_tax(each), "tax_amount": shown(each.amount)} for each in total.taxes],
        "item_total": shown(total.item_total), "item_sub_total": shown(total.item_sub_total),
        "item_total_inclusive_of_tax": shown(total.item_total_inclusive_of_tax),
        "item_custom_fields": custom_shown(line.custom), "custom_field_hash": {}, "tags": [],
        "project_id": "", "pricebook_id": "", "image_id": "", "image_name": "", "image_type": "",
        "hsn_or_sac": "", "is_combo_product": False, "combo_type": "", "mapped_items": [],
    }  # fmt: skip


def custom_shown(custom: CustomTexts) -> list[Json]:
    """`item_custom_fields` of a line."""
    return [{"label": label, "value": text} for label, text in custom]


def added(amounts: Iterable[Decimal]) -> float:
    """The sum of quantities or amounts."""
    return shown(sum(amounts, Decimal(0)))


def _tax(each: TaxAmount) -> Json:
    percentage = f"{each.tax.percentage.normalize():f}"
    return {"tax_id": each.tax.tax_id, "tax_name": f"{each.tax.name} ({percentage}%)"}
