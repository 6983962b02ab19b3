"""The API calls on packages and shipment orders; their order is named in the query, not in the body."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.document_calls import API, ids_of, parent_in_query
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.listing import list_page
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.sales.fulfilment import Package, Shipment

Json = dict[str, Any]


def list_packages(org: ZohoOrg, call: Call) -> Answer:
    page = list_page(org.sales.packages.register, org.sale_views.package_list, call.query)
    rows = [org.sale_views.fulfilment.package_row(package) for package in page.records]
    return success(packages=rows, page_context=page.context)


def create_package(org: ZohoOrg, call: Call) -> Answer:
    package = org.sales.packages.create(parent_in_query(call, "salesorder_id"), call.body(), API)
    return success("success", 201, package=_package(org, package))


def get_package(org: ZohoOrg, call: Call) -> Answer:
    return success(package=_package(org, org.sales.packages.get(call.path["package_id"])))


def update_package(org: ZohoOrg, call: Call) -> Answer:
    package = org.sales.packages.update(call.path["package_id"], call.body(), API)
    return success("success", package=_package(org, package))


def delete_package(org: ZohoOrg, call: Call) -> Answer:
    org.sales.packages.delete(call.path["package_id"], API)
    return success()


def create_shipment(org: ZohoOrg, call: Call) -> Answer:
    order_id, package_ids = parent_in_query(call, "salesorder_id"), ids_of(call, "package_ids")
    shipment = org.sales.shipments.create(order_id, package_ids, call.body(), API)
    return success("success", 201, **_shipment(org, shipment))


def get_shipment(org: ZohoOrg, call: Call) -> Answer:
    return success(**_shipment(org, org.sales.shipments.get(call.path["shipment_id"])))


def update_shipment(org: ZohoOrg, call: Call) -> Answer:
    package_ids = ids_of(call, "package_ids") if "package_ids" in call.query else []
    shipment = org.sales.shipments.update(call.path["shipment_id"], package_ids, call.body(), API)
    return success("success", **_shipment(org, shipment))


def delete_shipment(org: ZohoOrg, call: Call) -> Answer:
    org.sales.shipments.delete(call.path["shipment_id"], API)
    return success("The Shipment Order has been deleted.")


def deliver_shipment(org: ZohoOrg, call: Call) -> Answer:
    org.sales.shipments.deliver(call.path["shipment_id"], API)
    return success("The Shipment Order has been marked as Delivered.")


def _package(org: ZohoOrg, package: Package) -> Json | list[Json]:
    shown = org.sale_views.fulfilment.package(package)
    return [shown] if org.switches.zoho_package_answer == "array" else shown


def _shipment(org: ZohoOrg, shipment: Shipment) -> Json:
    return {org.switches.zoho_shipment_key: org.sale_views.fulfilment.shipment(shipment)}


_PACKAGE, _SHIPMENT = "/packages/{package_id}", "/shipmentorders/{shipment_id}"
ENDPOINTS = (
    Endpoint("GET", "/packages", "packages.READ", list_packages),
    Endpoint("POST", "/packages", "packages.CREATE", create_package),
    Endpoint("GET", _PACKAGE, "packages.READ", get_package),
    Endpoint("PUT", _PACKAGE, "packages.UPDATE", update_package),
    Endpoint("DELETE", _PACKAGE, "packages.DELETE", delete_package),
    Endpoint("POST", "/shipmentorders", "shipmentorders.CREATE", create_shipment),
    Endpoint("GET", _SHIPMENT, "shipmentorders.READ", get_shipment),
    Endpoint("PUT", _SHIPMENT, "shipmentorders.UPDATE", update_shipment),
    Endpoint("DELETE", _SHIPMENT, "shipmentorders.DELETE", delete_shipment),
    Endpoint("POST", f"{_SHIPMENT}/status/delivered", "shipmentorders.CREATE", deliver_shipment),
)
