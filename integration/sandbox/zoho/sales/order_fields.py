"""What a write of a sales order may contain beside its lines: keys, types, lengths, ranges."""

from __future__ import annotations

from collections.abc import Mapping

from integration.sandbox.zoho.documents.document_fields import FieldTable

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


ORDER_FIELDS = FieldTable(_TEXTS, _IDS, ("shipment_date",), _STRUCTURED, _PROJECTIONS)
