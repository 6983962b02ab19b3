"""The API calls on inventory adjustments."""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.fields import clean_text
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg

API = "api"
_REASON_LENGTH = 500


def list_adjustments(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.adjustments.register, org.adjustments.list_spec, call.query)
    rows = [org.adjustment_shown.row(each) for each in page.records]
    return success(inventory_adjustments=rows, page_context=page.context)


def create_adjustment(org: ZohoOrg, call: Call) -> Answer:
    made = org.adjustments.create(call.body(), API)
    shown = org.adjustment_shown.detail(made)
    status = org.switches.zoho_adjustment_create_status
    return success("Inventory Adjustment has been added", status, inventory_adjustment=shown)


def get_adjustment(org: ZohoOrg, call: Call) -> Answer:
    found = org.adjustments.get(_id(call))
    return success(inventory_adjustment=org.adjustment_shown.detail(found))


def update_adjustment(org: ZohoOrg, call: Call) -> Answer:
    changed = org.adjustments.update(_id(call), call.body(), API)
    return success(inventory_adjustment=org.adjustment_shown.detail(changed))


def delete_adjustment(org: ZohoOrg, call: Call) -> Answer:
    org.adjustments.delete(_id(call), API)
    return success("Inventory Adjustment(s) has been deleted")


def submit(org: ZohoOrg, call: Call) -> Answer:
    org.adjustments.act(_id(call), "submit", API)
    return success()


def approve(org: ZohoOrg, call: Call) -> Answer:
    """There is one approver: an approval and the final one are the same."""
    org.adjustments.act(_id(call), "approve", API)
    return success()


def reject(org: ZohoOrg, call: Call) -> Answer:
    if call.content:
        clean_text("reason", call.body().get("reason"), _REASON_LENGTH)
    org.adjustments.act(_id(call), "reject", API)
    return success()


def _id(call: Call) -> str:
    return call.path["inventory_adjustment_id"]


_ONE = "/inventoryadjustments/{inventory_adjustment_id}"
ENDPOINTS = (
    Endpoint("GET", "/inventoryadjustments", "inventoryadjustments.READ", list_adjustments),
    Endpoint("POST", "/inventoryadjustments", "inventoryadjustments.CREATE", create_adjustment),
    Endpoint("GET", _ONE, "inventoryadjustments.READ", get_adjustment),
    Endpoint("PUT", _ONE, "inventoryadjustments.UPDATE", update_adjustment),
    Endpoint("DELETE", _ONE, "inventoryadjustments.DELETE", delete_adjustment),
    # Approvals are guarded by UPDATE, unlike other changes of status.
    Endpoint("POST", f"{_ONE}/submit", "inventoryadjustments.UPDATE", submit),
    Endpoint("POST", f"{_ONE}/approve", "inventoryadjustments.UPDATE", approve),
    Endpoint("POST", f"{_ONE}/approve/final", "inventoryadjustments.UPDATE", approve),
    Endpoint("POST", f"{_ONE}/reject", "inventoryadjustments.UPDATE", reject),
)
