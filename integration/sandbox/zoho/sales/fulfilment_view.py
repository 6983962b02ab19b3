"""How packages and shipments look in answers, and a package inside its order."""

from __future__ import annotations

from typing import Any

from integration.sandbox.zoho.documents.money import Totals
from integration.sandbox.zoho.documents.numeric import shown
from integration.sandbox.zoho.documents.parties import persons_shown
from integration.sandbox.zoho.documents.parts import Part
from integration.sandbox.zoho.documents.shown import added, amounts_shown, custom_shown, line_shown
from integration.sandbox.zoho.rendering import address
from integration.sandbox.zoho.sales.fulfilment import Package, Shipment
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.order import SalesOrder

Json = dict[str, Any]
_CARRIED = ("carrier", "service", "tracking_number")


def package_in_order(sales: Sales, package: Package) -> Json:
    """A package as its order lists it."""
    shipment = sales.shipments.register.find(package.shipment_id)
    values = shipment.values if shipment else {}
    return {
        "package_id": package.record_id, "package_number": package.number, "date": package.date,
        "status": package.status, "detailed_status": "", "status_message": "",
        "quantity": added(line.quantity for line in package.packed),
        "shipment_id": package.shipment_id, "shipment_number": shipment.number if shipment else "",
        "shipment_status": shipment.status if shipment else "",
        **{key: values.get(key, "") for key in _CARRIED},
        "delivery_method": values.get("delivery_method", ""),
        "shipment_date": shipment.date if shipment else "", "delivery_days": "", "delivery_guarantee": False,
    }  # fmt: skip


class FulfilmentView:
    """Answers about packages and shipments."""

    def __init__(self, sales: Sales) -> None:
        self._sales, self._ground = sales, sales.ground
        self._custom = sales.ground.premises.fields["package"]

    def package(self, package: Package) -> Json:
        """What GET /packages/{id} and webhooks show."""
        order = self._order(package.order_id)
        shipment = self._sales.shipments.register.find(package.shipment_id)
        return {
            **self.package_row(package),
            "contact_persons": [{"contact_person_id": each} for each, _ in order.persons],
            "billing_address": address(order.billing_address),
            "shipping_address": address(order.shipping_address),
            "line_items": [self._packed(line, order) for line in package.packed],
            "shipment_order": self._carried(shipment) if shipment else {},
            "custom_fields": self._custom.array(package.custom),
            "custom_field_hash": self._custom.flat(package.custom),
        }

    def package_row(self, package: Package) -> Json:
        """A list row: no lines, no addresses."""
        order, contact = self._order(package.order_id), self._ground.party(package.customer_id)
        shipment = self._sales.shipments.register.find(package.shipment_id)
        values = shipment.values if shipment else {}
        primary = contact.primary if contact else {}
        quantity = added(line.quantity for line in package.packed)
        return {
            "package_id": package.record_id, "package_number": package.number,
            "salesorder_id": package.order_id, "salesorder_number": order.number, "date": package.date,
            "status": package.status, "customer_id": package.customer_id,
            "customer_name": contact.name if contact else "",
            **{key: primary.get(key, "") for key in ("email", "phone", "mobile")},
            "quantity": quantity, "total_quantity": quantity, "notes": package.notes, "is_emailed": False,
            "shipment_id": package.shipment_id, "shipment_number": shipment.number if shipment else "",
            "shipment_status": shipment.status if shipment else "",
            "shipment_date": shipment.date if shipment else "",
            "delivery_method": values.get("delivery_method", ""),
            **{key: values.get(key, "") for key in _CARRIED},
            "template_id": "", "template_name": "", "template_type": "",
            "created_time": self._ground.time(package.created),
            "last_modified_time": self._ground.time(package.modified),
            **self._custom.flat(package.custom),
        }  # fmt: skip

    def shipment(self, shipment: Shipment) -> Json:
        """What GET /shipmentorders/{id} and webhooks show."""
        order, values = self._order(shipment.order_id), shipment.values
        totals = self._sales.orders.totals(order)
        terms = order.terms(*self._ground.decimals(order.currency_id))
        currency = self._ground.currency(order.currency_id)
        packages = [self._sales.packages.register.find(each) for each in shipment.package_ids]
        return {
            **amounts_shown(totals, terms), **self._carried(shipment),
            "salesorder_id": shipment.order_id, "salesorder_number": order.number, "date": shipment.date,
            "reference_number": values.get("reference_number", ""), "customer_id": shipment.customer_id,
            "customer_name": self._ground.party_name(shipment.customer_id),
            "contact_persons": values.get("contact_persons", []),
            "contact_persons_associated": persons_shown(
                order.persons, self._ground.party(shipment.customer_id)
            ),
            "currency_id": currency.currency_id, "currency_code": currency.code,
            "currency_symbol": currency.symbol, "estimate_id": "",
            "exchange_rate": values.get("exchange_rate", shown(order.exchange_rate)),
            "shipping_charge": values.get("shipping_charge", 0.0),
            "price_precision": self._ground.decimals(order.currency_id)[0], "is_emailed": False,
            "line_items": self._lines(shipment, order, totals),
            "packages": [package_in_order(self._sales, each) for each in packages if each is not None],
            "billing_address": address(order.billing_address),
            "shipping_address": address(order.shipping_address),
            "template_id": values.get("template_id", ""), "template_name": "", "template_type": "",
            "shipmentorder_custom_fields": custom_shown(tuple(map(tuple, values.get("custom", ())))),
            "created_time": self._ground.time(shipment.created),
            "last_modified_time": self._ground.time(shipment.modified),
        }  # fmt: skip

    def _carried(self, shipment: Shipment) -> Json:
        values = shipment.values
        method = values.get("delivery_method", "")
        return {
            "shipment_id": shipment.record_id, "shipment_number": shipment.number,
            "shipping_date": shipment.date, "status": shipment.status, "detailed_status": "",
            "status_message": "", "delivery_days": 0, "delivery_guarantee": False, "shipment_rate": 0.0,
            **{key: values.get(key, "") for key in _CARRIED}, "delivery_method": method,
            "delivery_method_id": self._sales.orders.methods.id_of(method), "notes": values.get("notes", ""),
        }  # fmt: skip

    def _packed(self, packed: Part, order: SalesOrder) -> Json:
        line = order.line(packed.order_line_id)
        assert line is not None
        return {
            "line_item_id": packed.line_item_id, "so_line_item_id": packed.order_line_id,
            "item_id": line.item_id, "item_order": line.item_order, "name": line.name,
            "description": line.description, "sku": self._ground.sku(line.item_id), "unit": line.unit,
            "quantity": shown(packed.quantity), "is_invoiced": order.of(line).invoiced > 0,
            "item_custom_fields": custom_shown(line.custom), "is_combo_product": False, "combo_type": "",
            "mapped_items": [], **self._ground.places.shown(line.location_id),
        }  # fmt: skip

    def _lines(self, shipment: Shipment, order: SalesOrder, totals: Totals) -> list[Json]:
        gone: dict[str, list[Any]] = {}
        for package_id in shipment.package_ids:
            package = self._sales.packages.register.ever(package_id)
            for packed in package.packed if package else ():
                gone.setdefault(packed.order_line_id, []).append(packed.quantity)
        return [
            {
                **line_shown(line, total, totals, self._ground.taxes.rate(line.tax_id), ""),
                "sku": self._ground.sku(line.item_id), "quantity": added(gone[line.line_item_id]),
                "is_invoiced": order.of(line).invoiced > 0,
            }
            for line, total in zip(order.lines, totals.lines, strict=True)
            if line.line_item_id in gone
        ]  # fmt: skip

    def _order(self, order_id: str) -> SalesOrder:
        found = self._sales.orders.register.ever(order_id)
        assert found is not None
        return found
