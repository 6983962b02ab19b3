"""What a write of a sales order may contain beside its lines: keys, types, lengths, ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.documents.numeric import clean_amount, clean_discount
from integration.sandbox.zoho.faults import invalid_element, invalid_value
from integration.sandbox.zoho.fields import (
    clean_choice,
    clean_date,
    clean_flag,
    clean_id,
    clean_list,
    clean_text,
)

Json = dict[str, Any]
_TEXTS: Mapping[str, int | None] = {
    "notes": 5000, "terms": 10_000, "adjustment_description": 500, "delivery_method": 100,
    "salesperson_name": 200, "place_of_supply": 100, "gst_treatment": 100, "gst_no": 100,
    "tax_treatment": 100, "zcrm_potential_name": 200,
}  # fmt: skip
_IDS = ("template_id", "pricebook_id", "salesperson_id", "zcrm_potential_id", "estimate_id")
# Answered with other keys, or by those who own them.
_STRUCTURED = frozenset({
    "salesorder_number", "customer_id", "line_items", "custom_fields", "contact_persons_associated",
    "contact_persons", "billing_address", "shipping_address", "billing_address_id", "shipping_address_id",
    "currency_id", "currency_code", "exchange_rate", "location_id", "warehouse_id",
})  # fmt: skip
# Keys of the answer that clients send back: projections of other data, taken and not looked at.
_PROJECTIONS = frozenset({
    "salesorder_id", "status", "order_status", "invoiced_status", "paid_status", "shipped_status",
    "color_code", "current_sub_status", "current_sub_status_id", "sub_statuses", "customer_name",
    "company_name", "email", "contact_person_details", "source", "currency_symbol", "price_precision",
    "delivery_method_id", "tax_rounding", "sales_channel", "is_dropshipped", "is_backordered",
    "is_drop_shipment", "is_backorder", "is_backorder_allowed", "is_manually_fulfilled", "created_by_name",
    "created_by_email", "created_by_id", "last_modified_by_id", "total_quantity", "is_emailed",
    "has_unconfirmed_line_item", "picklists", "purchaseorders", "warehouses", "locations", "location_name",
    "payment_terms", "payment_terms_label", "custom_field_hash", "template_name", "template_type",
    "created_time", "created_date", "last_modified_time", "sub_total", "bcy_sub_total",
    "sub_total_inclusive_of_tax", "discount_total", "bcy_discount_total", "discount_amount",
    "discount_applied_on_amount", "tax_total", "bcy_tax_total", "total", "bcy_total", "taxes", "packages",
    "invoices", "salesreturns", "payments", "creditnotes", "refunds", "contact", "balance",
    "approvers_list", "bcy_shipping_charge", "bcy_adjustment", "total_invoiced_amount", "is_pre_gst",
    "shipping_details", "has_attachment", "attachment_name", "can_send_in_mail", "comments", "submitter_id",
    "approver_id", "account_identifier", "merchant_id", "integration_id", "is_taxable", "tax_id",
})  # fmt: skip


def clean_order(body: Mapping[str, Any], switches: Switches) -> tuple[Json, Json]:
    """What a write says: values of the order's own fields, and those kept in `values`.

    :raises ApiError: an unknown key, a wrong type, a text too long, a number out of range
    """
    own: Json = {}
    rest: Json = {}
    for key, value in body.items():
        if key in _OWN:
            own[key] = _OWN[key](key, value)
        elif key in _TEXTS:
            rest[key] = clean_text(key, value, _TEXTS[key])
        elif key in _IDS:
            rest[key] = clean_id(key, value)
        elif key == "reference_number":
            rest[key] = clean_text(key, value, switches.zoho_reference_length)
        elif key == "shipment_date":
            rest[key] = clean_date(key, value)
        elif key in {"documents", "tags"}:
            rest[key] = clean_list(key, value)
        else:
            check_known(key, switches)
    return own, rest


def check_known(key: str, switches: Switches) -> None:
    """Refuse a key that no document of sale knows. :raises ApiError: `Invalid Element`."""
    if key in _STRUCTURED or key in _PROJECTIONS or key in _OWN or key in _TEXTS or key in _IDS:
        return
    if (
        not key.startswith("cf_")
        and not key.endswith("_formatted")
        and switches.zoho_unknown_keys == "reject"
    ):
        raise invalid_element(key, switches)


def clean_day(key: str, value: object) -> str:
    """A date that must not be empty. :raises ApiError: no date."""
    found = clean_date(key, value)
    if not found:
        raise invalid_value(key)
    return found


def day_of(seconds: int, offset: Callable[[int], str]) -> str:
    """The day of a moment in the organisation's time zone; `offset` renders the moment."""
    return date.fromisoformat(offset(seconds)[:10]).isoformat()


def _charge(key: str, value: object) -> Decimal:
    found = clean_amount(key, 0 if value in (None, "") else value)
    if found < 0:
        raise invalid_value(key)
    return found


def _adjustment(key: str, value: object) -> Decimal:
    return clean_amount(key, 0 if value in (None, "") else value)


def _level(key: str, value: object) -> str:
    return clean_choice(key, value, ("entity_level", "item_level"))


_OWN: Mapping[str, Callable[[str, object], Any]] = {
    "date": clean_day,
    "discount": clean_discount,
    "discount_type": _level,
    "is_discount_before_tax": clean_flag,
    "is_inclusive_tax": clean_flag,
    "shipping_charge": _charge,
    "adjustment": _adjustment,
}
