"""The API calls on taxes and tax groups."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.listing import page_bounds, page_context
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.settings.taxes import TaxBook, TaxRecord

Json = dict[str, Any]
_SHOWN = ("tax_id", "tax_name", "tax_percentage", "tax_type", "tax_factor", "tax_authority_id",
          "tax_authority_name")  # fmt: skip


def list_taxes(org: ZohoOrg, call: Call) -> Answer:
    """Taxes and groups, the newest first."""
    number, size = page_bounds(call.query)
    start, taxes = (number - 1) * size, org.taxes.all()
    rows = [
        {**_tax(tax), "is_default_tax": False, "is_editable": tax.is_editable, "tax_account_id": "",
         "output_tax_account_name": "", "purchase_tax_account_name": "", "purchase_tax_account_id": ""}
        for tax in taxes[start : start + size]
    ]  # fmt: skip
    more = len(taxes) > start + size
    context = page_context(number, size, has_more=more, sort="created_time", descending=True, report="Taxes")
    return success(taxes=rows, page_context=context)


def create_tax(org: ZohoOrg, call: Call) -> Answer:
    """The answer holds a list of one; after an update it does not."""
    return success("The tax has been added.", 201, tax=[_detail(org.taxes.create(call.body()))])


def get_tax(org: ZohoOrg, call: Call) -> Answer:
    return success(tax=[_detail(org.taxes.get(call.path["tax_id"]))])


def update_tax(org: ZohoOrg, call: Call) -> Answer:
    tax = org.taxes.update(call.path["tax_id"], call.body())
    return success("Tax information has been saved.", tax=_tax(tax))


def delete_tax(org: ZohoOrg, call: Call) -> Answer:
    tax_id = call.path["tax_id"]
    org.taxes.delete(tax_id, is_used=_is_used(org, tax_id))
    return success("The record has been deleted.")


def create_group(org: ZohoOrg, call: Call) -> Answer:
    return success(status=201, tax_group=_group(org.taxes, org.taxes.create_group(call.body())))


def get_group(org: ZohoOrg, call: Call) -> Answer:
    found = org.taxes.get(call.path["tax_group_id"], group=True)
    return success(tax_group=_group(org.taxes, found))


def update_group(org: ZohoOrg, call: Call) -> Answer:
    found = org.taxes.update_group(call.path["tax_group_id"], call.body())
    return success(tax_group=_group(org.taxes, found))


def delete_group(org: ZohoOrg, call: Call) -> Answer:
    group_id = call.path["tax_group_id"]
    org.taxes.delete(group_id, group=True, is_used=_is_used(org, group_id))
    return success("The tax group has been deleted.")


def _is_used(org: ZohoOrg, tax_id: str) -> bool:
    return any(tax_id in {item.tax_id, item.rest.get("purchase_tax_id")} for item in org.items.register.all())


def _tax(tax: TaxRecord) -> Json:
    shown = {key: getattr(tax, key) for key in _SHOWN}
    if tax.is_group:
        shown["tax_type"] = "tax_group"
    return {**shown, "tax_specific_type": tax.tax_specific_type, "is_value_added": tax.is_value_added}


def _detail(tax: TaxRecord) -> Json:
    return {
        **_tax(tax), "tds_payable_account_id": "", "country": "", "country_code": tax.country_code,
        "purchase_tax_expense_account_id": tax.purchase_tax_expense_account_id,
    }  # fmt: skip


def _group(taxes: TaxBook, group: TaxRecord) -> Json:
    return {
        "tax_group_id": group.tax_id,
        "tax_group_name": group.tax_name,
        "tax_group_percentage": group.tax_percentage,
        "taxes": [{key: getattr(tax, key) for key in _SHOWN} for tax in taxes.members(group)],
    }


ENDPOINTS = (
    Endpoint("GET", "/settings/taxes", "settings.READ", list_taxes),
    Endpoint("POST", "/settings/taxes", "settings.CREATE", create_tax),
    Endpoint("GET", "/settings/taxes/{tax_id}", "settings.READ", get_tax),
    Endpoint("PUT", "/settings/taxes/{tax_id}", "settings.UPDATE", update_tax),
    Endpoint("DELETE", "/settings/taxes/{tax_id}", "settings.DELETE", delete_tax),
    Endpoint("POST", "/settings/taxgroups", "settings.CREATE", create_group),
    Endpoint("GET", "/settings/taxgroups/{tax_group_id}", "settings.READ", get_group),
    Endpoint("PUT", "/settings/taxgroups/{tax_group_id}", "settings.UPDATE", update_group),
    Endpoint("DELETE", "/settings/taxgroups/{tax_group_id}", "settings.DELETE", delete_group),
)
