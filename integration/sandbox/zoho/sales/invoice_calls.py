"""The API calls on invoices and customer payments, as far as they drive the statuses of orders."""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.document_calls import API, own_number, parent_in_query
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.sales.invoice import SENT, VOID


def list_invoices(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.sales.invoices.register, org.sale_views.invoice_list, call.query)
    rows = [org.sale_views.invoices.row(invoice) for invoice in page.records]
    return success(invoices=rows, page_context=page.context)


def create_invoice(org: ZohoOrg, call: Call) -> Answer:
    """An invoice of the order in the query, or of none."""
    return _created(org, call, call.query.get("salesorder_id", ""))


def create_from_order(org: ZohoOrg, call: Call) -> Answer:
    """An invoice of all that is left of the order."""
    return _created(org, call, parent_in_query(call, "salesorder_id"))


def get_invoice(org: ZohoOrg, call: Call) -> Answer:
    return success(invoice=org.sale_views.invoices.detail(org.sales.invoices.get(call.path["invoice_id"])))


def send_invoice(org: ZohoOrg, call: Call) -> Answer:
    org.sales.invoices.set_stage(call.path["invoice_id"], SENT, API)
    return success("Invoice status has been changed to Sent.")


def void_invoice(org: ZohoOrg, call: Call) -> Answer:
    org.sales.invoices.set_stage(call.path["invoice_id"], VOID, API)
    return success("Invoice status has been changed to Void.")


def delete_invoice(org: ZohoOrg, call: Call) -> Answer:
    org.sales.invoices.delete(call.path["invoice_id"], API)
    return success("The invoice has been deleted.")


def create_payment(org: ZohoOrg, call: Call) -> Answer:
    payment = org.sales.payments.create(call.body(), API)
    shown = org.sale_views.invoices.payment(payment)
    return success("The payment from the customer has been recorded", 201, payment=shown)


def get_payment(org: ZohoOrg, call: Call) -> Answer:
    return success(payment=org.sale_views.invoices.payment(org.sales.payments.get(call.path["payment_id"])))


def delete_payment(org: ZohoOrg, call: Call) -> Answer:
    org.sales.payments.delete(call.path["payment_id"], API)
    return success("The payment has been deleted.")


def _created(org: ZohoOrg, call: Call, order_id: str) -> Answer:
    body = call.body() if call.content or not order_id else {}
    invoice = org.sales.invoices.create(body, API, order_id=order_id, own_number=own_number(call))
    return success("The invoice has been created.", 201, invoice=org.sale_views.invoices.detail(invoice))


_INVOICE, _PAYMENT = "/invoices/{invoice_id}", "/customerpayments/{payment_id}"
ENDPOINTS = (
    Endpoint("GET", "/invoices", "invoices.READ", list_invoices),
    Endpoint("POST", "/invoices", "invoices.CREATE", create_invoice),
    Endpoint("POST", "/invoices/fromsalesorder", "invoices.CREATE", create_from_order),
    Endpoint("GET", _INVOICE, "invoices.READ", get_invoice),
    Endpoint("DELETE", _INVOICE, "invoices.DELETE", delete_invoice),
    Endpoint("POST", f"{_INVOICE}/status/sent", "invoices.CREATE", send_invoice),
    Endpoint("POST", f"{_INVOICE}/status/void", "invoices.CREATE", void_invoice),
    Endpoint("POST", "/customerpayments", "customerpayments.CREATE", create_payment),
    Endpoint("GET", _PAYMENT, "customerpayments.READ", get_payment),
    Endpoint("DELETE", _PAYMENT, "customerpayments.DELETE", delete_payment),
)
