"""Where the goods of a purchase order go: to one of the organisation's places, or to a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.parties import check_party
from integration.sandbox.zoho.faults import invalid_value
from integration.sandbox.zoho.fields import clean_id
from integration.sandbox.zoho.purchases.purchase_order import PurchaseOrder
from integration.sandbox.zoho.rendering import address
from integration.sandbox.zoho.sales.house import Sales

Json = dict[str, Any]
_CUSTOMER, _PLACE = "delivery_customer_id", "delivery_org_address_id"


class Delivery:
    """Reads and shows where the goods go; a place of the organisation is named by the id of its location."""

    def __init__(self, ground: Ground, sales: Sales) -> None:
        self._ground, self._sales = ground, sales

    def read(self, order: PurchaseOrder, body: Mapping[str, Any]) -> PurchaseOrder:
        """The order with the place that the body names; one takes the place of the other.

        :raises ApiError: both at once, no such customer or place
        """
        named = {key: clean_id(key, body[key]) for key in (_CUSTOMER, _PLACE) if key in body}
        customer_id, place_id = named.get(_CUSTOMER, ""), named.get(_PLACE, "")
        if customer_id and place_id:
            raise invalid_value(_PLACE)
        if customer_id and customer_id != order.delivery_customer_id:
            check_party(self._ground.contacts.find(customer_id), "customer", self._ground.switches)
        if place_id and self._ground.places.address(place_id) is None:
            raise invalid_value(_PLACE)
        if customer_id or place_id:
            named = {_CUSTOMER: customer_id, _PLACE: place_id}
        return order.changed(**named)

    def shown(self, order: PurchaseOrder) -> Json:
        """The keys of an answer that tell where the goods go."""
        sale = self._sales.orders.register.ever(order.salesorder_id)
        customer_id = order.delivery_customer_id
        if not customer_id and not order.delivery_org_address_id and order.is_drop_shipment and sale:
            customer_id = sale.customer_id
        if customer_id:
            contact = self._ground.party(customer_id)
            found: Mapping[str, str] = contact.shipping_address if contact else {}
            if sale is not None and sale.customer_id == customer_id:
                found = sale.shipping_address
            name, place_id = contact.name if contact else "", ""
        else:
            place_id, name = order.delivery_org_address_id or order.location_id, ""
            found = self._ground.places.address(place_id) or {}
        return {
            _CUSTOMER: customer_id, "delivery_customer_name": name, _PLACE: place_id,
            "delivery_address": address(found),
        }  # fmt: skip
