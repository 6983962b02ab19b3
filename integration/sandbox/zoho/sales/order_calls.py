"""The API calls on sales orders."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.document_calls import API, approval_endpoints, ids_of, own_number
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.keyed import keyed_put
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.sales.order import SalesOrder

Json = dict[str, Any]
_UPDATED = "Sales Order has been updated."


def list_orders(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.sales.orders.register, org.sale_views.order_list, call.query)
    rows = [org.sale_views.orders.row(order) for order in page.records]
    return success(salesorders=rows, page_context=page.context)


def create_order(org: ZohoOrg, call: Call) -> Answer:
    order = org.sales.orders.create(call.body(), API, own_number=own_number(call))
    answer = success("success", 201, salesorder=_shown(org, order))
    return Answer(answer.status, answer.body, {"Location": f"/api/v3/salesorders/{order.record_id}"})


def get_order(org: ZohoOrg, call: Call) -> Answer:
    return success(salesorder=_shown(org, org.sales.orders.get(call.path["salesorder_id"])))


def update_order(org: ZohoOrg, call: Call) -> Answer:
    order = org.sales.orders.update(call.path["salesorder_id"], call.body(), API, own_number=own_number(call))
    return success(_UPDATED, salesorder=_shown(org, order))


def upsert_order(org: ZohoOrg, call: Call) -> Answer:
    """PUT without an id: the record is named by the value of a unique custom field."""
    orders = org.sales.orders

    def update(order_id: str, body: Json) -> Answer:
        order = orders.update(order_id, body, API, own_number=own_number(call))
        return success(_UPDATED, salesorder=_shown(org, order))

    def create(body: Json, status: int) -> Answer:
        order = orders.create(body, API, own_number=own_number(call))
        return success("success", status, salesorder=_shown(org, order))

    return keyed_put(call, org.fields["salesorder"], "Sales Order", orders.holder, update, create)


def delete_order(org: ZohoOrg, call: Call) -> Answer:
    org.sales.orders.delete(call.path["salesorder_id"], API)
    return success("The Sales Order has been deleted.")


def delete_orders(org: ZohoOrg, call: Call) -> Answer:
    """Several at once: all or none of them, unless the switch says they go one by one."""
    order_ids = ids_of(call, "salesorder_ids")
    if org.switches.zoho_bulk_delete_all_or_none:
        for order_id in order_ids:
            org.sales.orders.check_deletable(order_id)
    for order_id in order_ids:
        org.sales.orders.delete(order_id, API)
    return success("The selected sales orders have been deleted")


def confirm_order(org: ZohoOrg, call: Call) -> Answer:
    org.sales.desk.confirm(call.path["salesorder_id"], API)
    return success("Sales order status has been changed to 'Confirmed'.")


def confirm_orders(org: ZohoOrg, call: Call) -> Answer:
    """200 whatever becomes of the single orders: that is in the two lists."""
    done, refused = org.sales.desk.confirm_all(ids_of(call, "salesorder_ids"), API)
    data = {"email_success_info": done, "email_error_info": refused}
    return success("Sales order status has been changed to Confirmed.", data=data)


def void_order(org: ZohoOrg, call: Call) -> Answer:
    org.sales.desk.void(call.path["salesorder_id"], API)
    return success("The status of the Sales Order has been changed to void.")


def list_comments(org: ZohoOrg, call: Call) -> Answer:
    order = org.sales.orders.get(call.path["salesorder_id"])
    return success(comments=org.sales.comments.of(order.record_id))


def add_comment(org: ZohoOrg, call: Call) -> Answer:
    order = org.sales.orders.get(call.path["salesorder_id"])
    return success("Comments added.", 201, comments=org.sales.comments.add(order.record_id, call.body()))


def remove_comment(org: ZohoOrg, call: Call) -> Answer:
    order = org.sales.orders.get(call.path["salesorder_id"])
    org.sales.comments.remove(order.record_id, call.path["comment_id"])
    return success("The comment has been deleted.")


def _shown(org: ZohoOrg, order: SalesOrder) -> Json:
    return org.sale_views.orders.detail(order)


_ONE = "/salesorders/{salesorder_id}"
ENDPOINTS = (
    Endpoint("GET", "/salesorders", "salesorders.READ", list_orders),
    Endpoint("POST", "/salesorders", "salesorders.CREATE", create_order),
    Endpoint("PUT", "/salesorders", "salesorders.UPDATE", upsert_order),
    Endpoint("DELETE", "/salesorders", "salesorders.DELETE", delete_orders),
    # A change of status is guarded by CREATE.
    Endpoint("POST", "/salesorders/status/confirmed", "salesorders.CREATE", confirm_orders),
    Endpoint("GET", _ONE, "salesorders.READ", get_order),
    Endpoint("PUT", _ONE, "salesorders.UPDATE", update_order),
    Endpoint("DELETE", _ONE, "salesorders.DELETE", delete_order),
    Endpoint("POST", f"{_ONE}/status/confirmed", "salesorders.CREATE", confirm_order),
    Endpoint("POST", f"{_ONE}/status/void", "salesorders.CREATE", void_order),
    *approval_endpoints("salesorder", lambda org: org.sales.desk, several=True),
    Endpoint("GET", f"{_ONE}/comments", "salesorders.READ", list_comments),
    Endpoint("POST", f"{_ONE}/comments", "salesorders.CREATE", add_comment),
    Endpoint("DELETE", f"{_ONE}/comments/{{comment_id}}", "salesorders.DELETE", remove_comment),
)
