"""The API calls on bills, as far as they drive the statuses of purchase orders."""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.document_calls import API, ids_of
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.purchases.receive import OPEN, VOID


def list_bills(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.purchases.bills.register, org.purchase_views.bill_list, call.query)
    rows = [org.purchase_views.bills.row(bill) for bill in page.records]
    return success(bills=rows, page_context=page.context)


def create_bill(org: ZohoOrg, call: Call) -> Answer:
    """A bill of the purchase orders in query and body, or of none."""
    key = "purchaseorder_id"
    order_ids = ids_of(call, key) if call.query.get(key) else []
    bill = org.purchases.bills.create(call.body(), API, order_ids)
    return success("The bill has been created.", 201, bill=org.purchase_views.bills.detail(bill))


def get_bill(org: ZohoOrg, call: Call) -> Answer:
    return success(bill=org.purchase_views.bills.detail(org.purchases.bills.get(call.path["bill_id"])))


def delete_bill(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.bills.delete(call.path["bill_id"], API)
    return success("The bill has been deleted.")


def open_bill(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.bills.set_stage(call.path["bill_id"], OPEN, API)
    return success("The status of the bill has been changed from draft to open.")


def void_bill(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.bills.set_stage(call.path["bill_id"], VOID, API)
    return success("The bill has been marked as void.")


_ONE = "/bills/{bill_id}"
ENDPOINTS = (
    Endpoint("GET", "/bills", "bills.READ", list_bills),
    Endpoint("POST", "/bills", "bills.CREATE", create_bill),
    Endpoint("GET", _ONE, "bills.READ", get_bill),
    Endpoint("DELETE", _ONE, "bills.DELETE", delete_bill),
    Endpoint("POST", f"{_ONE}/status/open", "bills.CREATE", open_bill),
    Endpoint("POST", f"{_ONE}/status/void", "bills.CREATE", void_bill),
)
