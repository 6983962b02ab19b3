"""The API calls on purchase orders."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.document_calls import API, approval_endpoints, own_number
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.keyed import keyed_put
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder

Json = dict[str, Any]
_ADDED, _UPDATED = "Purchase Order has been added.", "Purchase Order has been updated."


def list_orders(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.purchases.orders.register, org.purchase_views.order_list, call.query)
    rows = [org.purchase_views.orders.row(order) for order in page.records]
    return success(purchaseorders=rows, page_context=page.context)


def create_order(org: ZohoOrg, call: Call) -> Answer:
    order = org.purchases.orders.create(call.body(), API, own_number=own_number(call))
    answer = _answer(org, order, _ADDED, 201)
    return Answer(answer.status, answer.body, {"Location": f"/api/v3/purchaseorders/{order.record_id}"})


def get_order(org: ZohoOrg, call: Call) -> Answer:
    return _answer(org, org.purchases.orders.get(_id(call)))


def update_order(org: ZohoOrg, call: Call) -> Answer:
    return _updated(org, call, _id(call), call.body())


def upsert_order(org: ZohoOrg, call: Call) -> Answer:
    """PUT without an id: the record is named by the value of a unique custom field."""
    orders = org.purchases.orders

    def create(body: Json, status: int) -> Answer:
        return _answer(org, orders.create(body, API, own_number=own_number(call)), _ADDED, status)

    return keyed_put(
        call, org.fields["purchaseorder"], orders.label, orders.holder,
        lambda order_id, body: _updated(org, call, order_id, body), create,
    )  # fmt: skip


def delete_order(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.orders.delete(_id(call), API)
    return success("The purchase order has been deleted.")


def issue_order(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.desk.issue(_id(call), API)
    return success("The purchase order has been marked as issued.")


def cancel_order(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.desk.cancel(_id(call), API)
    return success("The purchase order has been marked as cancelled.")


def _updated(org: ZohoOrg, call: Call, order_id: str, body: Json) -> Answer:
    return _answer(
        org, org.purchases.orders.update(order_id, body, API, own_number=own_number(call)), _UPDATED
    )


def _answer(org: ZohoOrg, order: PurchaseOrder, message: str = "success", status: int = 200) -> Answer:
    return success(message, status, purchaseorder=org.purchase_views.orders.detail(order))


def _id(call: Call) -> str:
    return call.path["purchaseorder_id"]


_ALL, _ONE = "/purchaseorders", "/purchaseorders/{purchaseorder_id}"
ENDPOINTS = (
    Endpoint("GET", _ALL, "purchaseorders.READ", list_orders),
    Endpoint("POST", _ALL, "purchaseorders.CREATE", create_order),
    Endpoint("PUT", _ALL, "purchaseorders.UPDATE", upsert_order),
    Endpoint("GET", _ONE, "purchaseorders.READ", get_order),
    Endpoint("PUT", _ONE, "purchaseorders.UPDATE", update_order),
    Endpoint("DELETE", _ONE, "purchaseorders.DELETE", delete_order),
    # As with sales orders, a change of status is guarded by CREATE.
    Endpoint("POST", f"{_ONE}/status/issued", "purchaseorders.CREATE", issue_order),
    Endpoint("POST", f"{_ONE}/status/cancelled", "purchaseorders.CREATE", cancel_order),
    *approval_endpoints("purchaseorder", lambda org: org.purchases.desk, several=True),
)
