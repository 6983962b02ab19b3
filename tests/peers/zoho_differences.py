"""Where the Zoho stand-in differs from the published shapes on purpose, and why."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.peers.openapi import Difference, Operation


@dataclass(frozen=True)
class Known:
    """Places that differ, for one reason; modules and paths may hold `*`."""

    modules: str
    paths: str
    reason: str
    problem: str = "*"

    def covers(self, operation: Operation, difference: Difference) -> bool:
        """Whether this is one of the places."""
        return (
            any(fnmatchcase(operation.module, module) for module in self.modules.split())
            and fnmatchcase(difference.problem, self.problem)
            and any(fnmatchcase(difference.path, _escaped(path)) for path in self.paths.split())
        )


def _escaped(path: str) -> str:
    return path.replace("[]", "[[]]")


RECORDED = "not among the keys that recorded answers of real organisations carry"

WRONG_TYPES = (
    Known("*", "*_amount *_amount_bcy", "whole only because the example is; amounts have decimals on the wire",
          "float instead of integer"),
    Known("items", "*.upc *.ean", "codes begin with zeros, and what is absent is an empty text",
          "str instead of integer"),
    Known("currency packages", "currency package", "one record is an object; lists have the plural key",
          "dict instead of array"),
    Known("*", "*.billing_address *.shipping_address *.delivery_address", "one address is an object in recorded answers",
          "dict instead of array"),
    Known("packages", "*.total_quantity", "quantities are numbers wherever answers were recorded",
          "float instead of string"),
    Known("*", "*.bcy_total", "whole only because the example is; amounts have decimals on the wire",
          "float instead of integer"),
)  # fmt: skip

_GROUPED = "items belong to no group: groups and variants are not part of the stand-in"
_ROWS = "rows of lists carry less than the record itself; " + RECORDED

ABSENT = (
    Known("items", "*.group_id *.group_name *.attribute_*", _GROUPED, "absent"),
    Known(
        "items",
        "*.unit_group_* *.default_*_unit_conversion_id",
        "units are texts without conversions",
        "absent",
    ),
    Known("items", "*.image_id", "pictures are kept nowhere", "absent"),
    Known("items", "items[].is_taxable items[].locations items[].custom_fields", _ROWS, "absent"),
    Known("contacts", "contact.unused_credits_receivable_amount_bcy contact.location_*", RECORDED, "absent"),
    Known("contacts", "contact.is_taxable contact.tax_* ", "sales tax of a contact: " + RECORDED, "absent"),
    Known("salesorders packages purchaseorders", "*[].custom_fields", _ROWS, "absent"),
    Known("purchaseorders", "*_formatted *.comments", RECORDED, "absent"),
    Known("purchaseorders", "*.purchase_rate", "recorded orders call the price of a line `rate`", "absent"),
    Known("purchaseorders", "*.reverse_charge_tax_id", "belongs to another edition", "absent"),
    Known(
        "packages",
        "*.serial_numbers *.batches *.storages",
        "serial numbers and batches are not tracked",
        "absent",
    ),
    Known("organizations", "*.zi_migration_status", RECORDED, "absent"),
)

# Where an answer keeps its record under another key than the published one: clients that work with real
# organisations read it there, or the other calls of the same module publish it so.
WRAPPERS = {
    ("salesorders", "sales_order"): "salesorder",
    ("purchaseorders", "purchase_order"): "purchaseorder",
    ("packages", "packagea"): "packages",
    ("shipmentorders", "shipmentorder"): "shipment_order",
}


def as_published(operation: Operation, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its record under the published key."""
    names = {wire: name for (module, name), wire in WRAPPERS.items() if module == operation.module}
    published = operation.answer_keys()
    return {names[key] if names.get(key) in published else key: value for key, value in answer.items()}


STATUSES = {
    "POST /items": (201, "creates answer 201 in recorded traffic"),
    "POST /inventoryadjustments": (201, "creates answer 201 in recorded traffic"),
}

# What the organisation of the stand-in does not have, by operation.
_MAIL = "mails are not sent: nothing leaves the sandbox"
_PICTURES = "pictures and files are kept nowhere"
_GROUPS = "item groups and variants are not part of the stand-in"
_STORES = "storage locations, serial numbers and batches are not part of the stand-in"
_TRANSACTIONS = "there are no documents of this kind"
_TAXES = "tax authorities and exemptions matter to returns, which nobody files here"
_PEOPLE = "users are given with the organisation; programs read them"
_PLACES = "locations are enabled from the start, and every user and item may be at each of them"
_CURRENCIES = "currencies are given with the organisation; programs read them"
_ORGANISATION = "there is one organisation and it does not change"

NOT_MODELLED: dict[str, str] = {
    **dict.fromkeys(
        (
            "GET /contacts/{contact_id}/statements/email", "POST /contacts/{contact_id}/statements/email",
            "POST /contacts/{contact_id}/email",
        ), _MAIL),
    "GET /contacts/{contact_id}/comments": "the history that people read beside a contact is not written",
    **dict.fromkeys(
        (
            "GET /items/{item_id}/image", "POST /items/{item_id}/image", "DELETE /items/{item_id}/image",
            "POST /items/{item_id}/images", "DELETE /items/{item_id}/images",
            "POST /items/{item_id}/images/reorder", "POST /items/{item_id}/backimage",
            "DELETE /items/{item_id}/backimage", "PUT /items/{item_id}/images/{image_id}/backimage",
            "GET /packages/print",
        ), _PICTURES),
    **dict.fromkeys(
        (
            "POST /items/ungroup", "PUT /items/move/{item_id}", "PUT /items/grouping/{group_id}",
        ), _GROUPS),
    **dict.fromkeys(
        (
            "POST /items/enablestoragelocation", "POST /items/disablestoragelocation",
            "POST /items/{item_id}/serialnumber/validate", "POST /items/{item_id}/serialnumber/validateandmap",
        ), _STORES),
    **dict.fromkeys(
        (
            "PUT /items/{item_id}/locations/permissions", "PUT /items/locations/permissions",
            "POST /settings/locations/enable",
        ), _PLACES),
    **dict.fromkeys(
        (
            "GET /items/transactions/deliverychallans", "GET /items/transactions/salesreceipts",
            "GET /items/transactions/moveorders", "GET /items/transactions/putaways",
        ), _TRANSACTIONS),
    **dict.fromkeys(
        (
            *(
                f"{method} /settings/{kind}{one}"
                for kind, name in (("taxauthorities", "tax_authority_id"), ("taxexemptions", "tax_exemption_id"))
                for method, one in (
                    ("GET", ""), ("POST", ""), ("GET", f"/{{{name}}}"), ("PUT", f"/{{{name}}}"),
                    ("DELETE", f"/{{{name}}}"),
                )
            ),
        ), _TAXES),
    **dict.fromkeys(
        (
            "POST /settings/currencies", "PUT /settings/currencies/{currency_id}",
            "DELETE /settings/currencies/{currency_id}",
        ), _CURRENCIES),
    **dict.fromkeys(("POST /organizations", "PUT /organizations/{organization_id}"), _ORGANISATION),
    **dict.fromkeys(
        (
            "POST /users", "PUT /users/{user_id}", "DELETE /users/{user_id}", "POST /users/{user_id}/invite",
            "POST /users/{user_id}/active", "POST /users/{user_id}/inactive",
        ), _PEOPLE),
}  # fmt: skip
