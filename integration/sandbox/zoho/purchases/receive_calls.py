"""The API calls on purchase receives; their order is named in the query, not in the body.

There is no list of them: a purchase order tells its own.
"""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.document_calls import API, approval_endpoints, parent_in_query
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.purchases.receive import Receive


def create_receive(org: ZohoOrg, call: Call) -> Answer:
    order_id = parent_in_query(call, "purchaseorder_id")
    return _answer(org, org.purchases.receives.create(order_id, call.body(), API), 201)


def get_receive(org: ZohoOrg, call: Call) -> Answer:
    return _answer(org, org.purchases.receives.get(_id(call)))


def update_receive(org: ZohoOrg, call: Call) -> Answer:
    return _answer(org, org.purchases.receives.update(_id(call), call.body(), API))


def delete_receive(org: ZohoOrg, call: Call) -> Answer:
    org.purchases.receives.delete(_id(call), API)
    return success("The Purchase Receive has been deleted.")


def _answer(org: ZohoOrg, receive: Receive, status: int = 200) -> Answer:
    key = org.switches.zoho_receive_key
    return success("success", status, **{key: org.purchase_views.receives.detail(receive)})


def _id(call: Call) -> str:
    return call.path["purchasereceive_id"]


_ONE = "/purchasereceives/{purchasereceive_id}"
ENDPOINTS = (
    Endpoint("POST", "/purchasereceives", "purchasereceives.CREATE", create_receive),
    Endpoint("GET", _ONE, "purchasereceives.READ", get_receive),
    Endpoint("PUT", _ONE, "purchasereceives.UPDATE", update_receive),
    Endpoint("DELETE", _ONE, "purchasereceives.DELETE", delete_receive),
    *approval_endpoints("purchasereceive", lambda org: org.purchases.receive_desk),
)
