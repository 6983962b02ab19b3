"""What a write of a purchase order or bill may contain beside its lines."""

from __future__ import annotations

from collections.abc import Mapping

from integration.sandbox.zoho.documents.document_fields import FieldTable

_TEXTS: Mapping[str, int | None] = {
    "notes": 5000, "terms": 10_000, "adjustment_description": 500, "ship_via": 100, "attention": 200,
    "source_of_supply": 100, "destination_of_supply": 100, "place_of_supply": 100, "gst_treatment": 100,
    "gst_no": 100, "tax_treatment": 100,
}  # fmt: skip
_IDS = ("template_id", "pricebook_id")
# Read by those who own them.
_STRUCTURED = frozenset({
    "purchaseorder_number", "vendor_id", "line_items", "custom_fields", "contact_persons_associated",
    "contact_persons", "billing_address", "billing_address_id", "currency_id", "currency_code",
    "exchange_rate", "location_id", "warehouse_id", "salesorder_id", "is_drop_shipment", "is_backorder",
    "delivery_customer_id", "delivery_org_address_id",
})  # fmt: skip
# Keys of the answer that clients send back: projections of other data, taken and not looked at.
_PROJECTIONS = frozenset({
    "purchaseorder_id", "status", "order_status", "received_status", "billed_status", "color_code",
    "current_sub_status", "current_sub_status_id", "sub_statuses", "vendor_name", "company_name",
    "contact_person_details", "source", "currency_symbol", "price_precision", "ship_via_id", "tax_rounding",
    "created_by_name", "created_by_email", "created_by_id", "last_modified_by_id", "total_quantity",
    "is_emailed", "is_received", "is_po_marked_as_received", "is_drop_shipped", "is_backordered",
    "can_mark_as_bill", "can_mark_as_unbill", "salesorders", "purchasereceives", "receives", "bills",
    "delivery_address", "delivery_customer_name", "delivery_customer_address_id", "delivery_org_name",
    "delivery_address_id", "warehouses", "locations", "location_name", "warehouse_name", "payment_terms",
    "payment_terms_label", "custom_field_hash", "template_name", "template_type", "created_time",
    "created_date", "last_modified_time", "sub_total", "bcy_sub_total", "sub_total_inclusive_of_tax",
    "discount_total", "bcy_discount_total", "discount_amount", "discount_applied_on_amount", "tax_total",
    "bcy_tax_total", "total", "bcy_total", "taxes", "balance", "approvers_list", "bcy_shipping_charge",
    "bcy_adjustment", "is_pre_gst", "is_reverse_charge_applied", "has_attachment", "attachment_name",
    "can_send_in_mail", "comments", "submitter_id", "approver_id", "submitted_by", "submitted_date",
    "quantity", "quantity_yet_to_receive", "quantity_received", "billed_amount", "client_viewed_time",
    "is_viewed_by_client",
})  # fmt: skip
ORDER_FIELDS = FieldTable(
    _TEXTS, _IDS, ("delivery_date", "expected_delivery_date"), _STRUCTURED, _PROJECTIONS
)

# Named in the query or by the book itself.
_OF_BILLS = frozenset({
    "bill_number", "purchaseorder_ids", "due_date", "payment_terms", "payment_terms_label",
})  # fmt: skip
_SHOWN_OF_BILLS = frozenset({"bill_id", "purchaseorders", "payment_made"})
BILL_FIELDS = FieldTable(_TEXTS, _IDS, (), _STRUCTURED | _OF_BILLS, _PROJECTIONS | _SHOWN_OF_BILLS)
