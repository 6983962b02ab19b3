"""Every fact that nobody could verify, as a named switch with the default the stand-ins go by.

Where the truth is unknown the default is the behaviour that asks more of a client.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, ClassVar, Protocol, TypeVar

from integration.sandbox.errors import BadInstructionError


def _text(default: str, doc: str, *choices: str) -> str:
    found: str = field(default=default, metadata={"doc": doc, "choices": choices})
    return found


def _flag(default: bool, doc: str) -> bool:  # noqa: FBT001 - the declaration reads as name: default, doc
    found: bool = field(default=default, metadata={"doc": doc})
    return found


def _number(default: float, doc: str) -> float:
    found: float = field(default=default, metadata={"doc": doc})
    return found


def _count(default: int, doc: str) -> int:
    found: int = field(default=default, metadata={"doc": doc})
    return found


@dataclass(frozen=True)
class Switches:
    """One field per unverified fact; `--switch name=value` sets it."""

    zoho_token_seconds: int = _count(3600, "life of an access token")
    zoho_live_access_tokens: int = _count(10, "access tokens alive per refresh token; the next evicts one")
    zoho_token_error_status: int = _count(200, "HTTP status of token answers that carry an error")
    zoho_token_minutes: int = _count(10, "length, in limit minutes, of the window of 10 token requests")
    zoho_token_scope_answered: bool = _flag(True, "the token answer repeats the scope")
    zoho_dead_token_code: int = _count(57, "code under 401 for an unknown or expired token (57 or 14)")
    zoho_no_organization_code: int = _count(6041, "code under 400 for a missing or foreign organization_id")
    zoho_minute_window: str = _text("sliding", "the window of calls per minute", "fixed", "sliding")
    zoho_block_minutes: float = _number(0.0, "limit minutes an organisation stays blocked after 429/44")
    zoho_refused_calls_count: bool = _flag(False, "calls answered 429 use up the minute and the day")
    zoho_retry_after: bool = _flag(False, "429 answers carry Retry-After")
    zoho_rate_headers: bool = _flag(True, "organisation calls carry X-Rate-Limit-*")
    zoho_latency_ms: float = _number(5.0, "time an API call is in process, so that in-flight limits bite")
    zoho_unknown_keys: str = _text("reject", "body keys nobody documents", "reject", "ignore")
    zoho_invalid_element_code: int = _count(2, "code of `Invalid Element <key>`")
    zoho_malformed_json_code: int = _count(4, "code of `JSON is not well formed` (1038 or 4)")
    zoho_duplicate_customer_names: bool = _flag(False, "organisation preference: customers may share a name")
    zoho_duplicate_vendor_names: bool = _flag(False, "organisation preference: vendors may share a name")
    zoho_duplicate_vendor_code: int = _count(3062, "code of the vendor wording of a taken name")
    zoho_names_ignore_case: bool = _flag(True, "names that differ in case or outer blanks only are the same")
    zoho_unique_ignore_case: bool = _flag(False, "unique custom values that differ in case only are the same")
    zoho_duplicate_custom_value_code: int = _count(110_817, "code for a taken value of a unique custom field")
    zoho_custom_fields_replace: bool = _flag(False, "custom fields not listed in a PUT are cleared")
    zoho_address_put: str = _text("blank", "sub-keys an address leaves out", "blank", "keep")
    zoho_first_person_is_primary: bool = _flag(True, "without a flag the first person is primary")
    zoho_next_person_is_primary: bool = _flag(False, "when the primary person goes the next one is promoted")
    zoho_person_first_name_required: bool = _flag(False, "POST of a person insists on first_name")
    zoho_person_touches_contact: bool = _flag(True, "a change of a person moves the contact's modified time")
    zoho_has_transaction_code: int = _count(3037, "code of the refusal to delete a contact with transactions")
    zoho_keyed_upsert: bool = _flag(True, "PUT /contacts with X-Unique-Identifier-Key exists")
    zoho_keyed_not_found_status: int = _count(404, "HTTP status of a keyed PUT that finds nothing")
    zoho_keyed_not_found_code: int = _count(1002, "code of a keyed PUT that finds nothing")
    zoho_keyed_create_status: int = _count(200, "HTTP status of a keyed PUT that creates (200 or 201)")
    zoho_keyed_create_stores_key: bool = _flag(False, "such a create stores the key by itself")
    zoho_own_number: str = _text(
        "reject", "a document number without ignore_auto_number_generation", "reject", "ignore"
    )
    zoho_own_number_code: int = _count(4097, "code of that refusal")
    zoho_number_taken_code: int = _count(36_004, "code for a document number that another document has")
    zoho_number_length: int = _count(50, "longest document number")
    zoho_contact_type_code: int = _count(1036, "code for a vendor on a sale or a customer on a purchase")
    zoho_inactive_contact_code: int = _count(3007, "code for a new document of an inactive contact")
    zoho_tax_rounding: str = _text(
        "entity_level", "organisation setting: where taxes are rounded", "entity_level", "item_level"
    )
    zoho_unknown_address_code: int = _count(15_002, "code for an address id that is not the contact's")
    zoho_unknown_line_code: int = _count(2, "code for a line_item_id that the document does not have")
    zoho_line_put: str = _text("reset", "keys an existing line leaves out in a PUT", "reset", "keep")
    zoho_line_quantity_required: bool = _flag(True, "a new line must say its quantity; otherwise it is 1")
    zoho_line_item_absent_status: int = _count(400, "HTTP status under 2006 for a line's unknown item")
    zoho_line_item_code: int = _count(2008, "code for a line whose item is inactive or not for this use")
    zoho_quantity_text: bool = _flag(True, "a quantity may be a text with a number")
    zoho_quantity_limit: int = _count(1_000_000_000, "quantities of a line stay below this")
    zoho_quantity_code: int = _count(4, "code for a quantity that is zero, negative or too large")
    zoho_reference_length: int = _count(50, "longest reference_number")
    zoho_confirmed_word: str = _text(
        "confirmed", "status of a confirmed sales order: Inventory's word or Books'", "confirmed", "open"
    )
    zoho_void_order_status: str = _text("void", "order_status of a void order", "void", "", "closed")
    zoho_order_closes_on: str = _text(
        "invoiced", "a sales order closes when it is all ...", "invoiced", "paid"
    )
    zoho_order_locked_code: int = _count(36_023, "code for an edit of a void, cancelled or closed order")
    zoho_order_progress_code: int = _count(36_025, "code for taking from a line what is packed or received")
    zoho_order_documents_code: int = _count(36_021, "code for deleting what other documents were made from")
    zoho_order_status_code: int = _count(36_026, "code for a step that the status does not allow")
    zoho_more_than_left_code: int = _count(36_014, "code for more than is left to pack, invoice or receive")
    zoho_confirm_again_refused: bool = _flag(True, "confirming or issuing an order twice is refused")
    zoho_void_refused_from: str = _text(
        "shipped",
        "an order cannot be void any more once it is ... (or invoiced)",
        "packed",
        "shipped",
        "never",
    )
    zoho_sales_approval: bool = _flag(False, "organisation preference: sales orders need approval")
    zoho_no_approval_code: int = _count(36_040, "code for approval where it is switched off")
    zoho_bulk_delete_all_or_none: bool = _flag(True, "a bulk delete with one refusal deletes nothing")
    zoho_progress_touches_order: bool = _flag(
        True, "packages, invoices, receives and bills move their order's last_modified_time"
    )
    zoho_webhook_order_progress: bool = _flag(False, "they fire an edit rule of the order, too")
    zoho_draft_invoice_counts: bool = _flag(True, "a draft invoice or bill counts for order and stock")
    zoho_package_answer: str = _text(
        "object", "`package` in answers: one object, or a list of one as published", "object", "array"
    )
    zoho_package_exact_filters: bool = _flag(False, "GET /packages honours exact-match filters")
    zoho_shipment_key: str = _text(
        "shipment_order", "key of a shipment in answers", "shipment_order", "shipmentorder"
    )
    zoho_settings_fields: bool = _flag(True, "/settings/fields exists under /inventory/v1")
    zoho_search_lag_seconds: float = _number(2.0, "delay of filters after a write, scaled")
    zoho_email_filter: str = _text("any", "persons the e-mail and phone filters look at", "any", "primary")
    zoho_contact_type_filter: bool = _flag(False, "GET /contacts honours contact_type")
    zoho_modified_filter: bool = _flag(False, "GET /contacts honours last_modified_time")
    zoho_modified_filter_inclusive: bool = _flag(False, "that filter includes the very second")
    zoho_person_portal: bool = _flag(False, "the organisation has the customer portal")
    zoho_revoke_kills_access: bool = _flag(True, "revoking a refresh token kills its access tokens")
    zoho_settings_automation: bool = _flag(
        True, "/settings/webhooks, /settings/workflows and /retrypolicies exist under /inventory/v1"
    )
    zoho_webhook_in_use_code: int = _count(4, "code of the refusal to delete a webhook that a rule sets off")
    zoho_webhook_on_api_changes: bool = _flag(True, "workflow rules fire for changes made through the API")
    zoho_webhook_status_is_edit: bool = _flag(True, "active and inactive fire an edit rule")
    zoho_webhook_encoding: str = _text("hex", "encoding of the webhook signature", "hex", "base64")
    zoho_webhook_timeout_seconds: float = _number(5.0, "how long a receiver may take")
    zoho_webhook_dispatch_seconds: float = _number(0.05, "from the change until the payload is rendered")
    zoho_webhook_delete_payload: str = _text("last_state", "body of a delete rule", "last_state", "id_only")

    # Items, stock and settings
    zoho_item_create_status: int = _count(201, "HTTP status of POST /items (201 or 200)")
    zoho_item_absent_status: int = _count(404, "HTTP status for an item that does not exist (404 or 400)")
    zoho_item_absent_code: int = _count(2006, "its code (2006 or 1002)")
    zoho_item_name_length: int = _count(100, "longest name of an item")
    zoho_duplicate_item_code: int = _count(1001, "code for a taken name or SKU (1001 or 1000)")
    zoho_duplicate_item_names: bool = _flag(False, "organisation preference: items may share a name")
    zoho_sku_ignore_case: bool = _flag(True, "SKUs that differ in case only are the same")
    zoho_item_type_default: str = _text("sales", "type of an item that is created without one",
                                        "sales", "purchases", "sales_and_purchases", "inventory")  # fmt: skip
    zoho_item_accounts_needed: bool = _flag(False, "tracked items must name purchase and inventory account")
    zoho_item_type_fixed: bool = _flag(True, "an item with transactions cannot start or stop keeping stock")
    zoho_inactive_item_code: int = _count(2, "code of a document that names an inactive item")
    zoho_itemdetails_most: int = _count(100, "most ids that GET /itemdetails takes; 0: no limit")
    zoho_itemdetails_unknown: str = _text("skip", "ids it does not know", "skip", "refuse")
    zoho_bulk_items: str = _text("skip", "ids that a bulk call on items cannot handle", "skip", "refuse")
    zoho_inventory_tracking: bool = _flag(True, "the organisation keeps stock at all")
    zoho_stock_on_untracked: str = _text(
        "reject", "opening stock of an item without stock", "reject", "ignore"
    )
    zoho_opening_stock_put: str = _text("apply", "opening stock in a PUT", "apply", "ignore", "reject")
    zoho_stock_sites: str = _text(
        "locations", "what the organisation calls its places", "locations", "warehouses"
    )
    zoho_location_stock_as_text: bool = _flag(True, "stock numbers of locations are texts")
    zoho_available_less_committed: bool = _flag(False, "available stock is already without what is committed")
    zoho_stock_moves_modified: bool = _flag(False, "a movement of stock moves the item's modified time")
    zoho_webhook_stock_is_edit: bool = _flag(False, "a movement of stock fires an edit rule of the item")
    zoho_low_stock_inclusive: bool = _flag(True, "stock that equals the reorder level is low")
    zoho_negative_stock: bool = _flag(False, "an adjustment may take stock below zero")
    zoho_negative_stock_code: int = _count(2, "code of the refusal")
    zoho_purchase_rate_key: str = _text(
        "rate", "key of a purchase price that wins where a line has both", "rate", "purchase_rate"
    )
    zoho_purchase_headline: str = _text(
        "billed", "status of a purchase order that is all billed", "billed", "received"
    )
    zoho_purchase_approval: bool = _flag(False, "organisation preference: purchase orders need approval")
    zoho_receive_approval: bool = _flag(False, "organisation preference: purchase receives need approval")
    zoho_purchase_reissue: bool = _flag(False, "a cancelled purchase order can be issued again")
    zoho_purchase_cancel_drafts: bool = _flag(True, "a draft purchase order can be cancelled")
    zoho_purchase_for_confirmed_only: bool = _flag(
        True, "a purchase order that buys for a sales order needs a confirmed one"
    )
    zoho_receive_key: str = _text(
        "purchase_receive", "key of a purchase receive in answers", "purchase_receive", "purchasereceive"
    )
    zoho_bill_begins: str = _text("draft", "status of a new bill", "draft", "open")
    zoho_bill_number_unique: bool = _flag(True, "a vendor's bill number can be used once")
    zoho_value_adjustments: bool = _flag(False, "adjustments of type `value` exist")
    zoho_adjustment_create_status: int = _count(201, "HTTP status of POST /inventoryadjustments (201 or 200)")
    zoho_adjustment_lines: int = _count(100, "most lines of an adjustment; 0: no limit")
    zoho_adjustment_reasons: str = _text("create", "a reason nobody used before", "create", "refuse")
    zoho_adjustment_approvals: bool = _flag(False, "adjustments wait for approval before they move stock")
    zoho_adjustment_filters: bool = _flag(False, "GET /inventoryadjustments honours filters")
    zoho_setting_taken_code: int = _count(2, "code for a taken name of a location or tax")
    zoho_setting_in_use_code: int = _count(2, "code for a location or tax in use that is to go or change")


class _Record(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Group = TypeVar("Group", bound=_Record)


def assigned(defaults: Group, assignments: Mapping[str, str], prefix: str = "") -> Group:
    """The group of switches with the texts set; names may carry the prefix.

    :raises BadInstructionError: a name or value that does not exist
    """
    known = {found.name: found for found in fields(defaults)}
    changes: dict[str, Any] = {}
    for name, text in assignments.items():
        short = name if name in known else name.removeprefix(prefix)
        if short not in known:
            raise BadInstructionError(unknown_switch(name, [prefix + each for each in known]))
        changes[short] = _value(known[short], text)
    return replace(defaults, **changes)


def unknown_switch(name: str, known: Sequence[str]) -> str:
    """What is said about a name that no switch has, with those that are nearly the same."""
    # The system's name in front is common to all and would make strangers look alike.
    bare = name.removeprefix("zoho_").removeprefix("salesforce_")
    by_bare: dict[str, list[str]] = {}
    for each in known:
        by_bare.setdefault(each.removeprefix("zoho_").removeprefix("salesforce_"), []).append(each)
    similar = get_close_matches(bare, by_bare, n=3, cutoff=0.75)
    near = [each for match in similar for each in by_bare[match]]
    hint = f"did you mean {' or '.join(near)}?" if near else "--list-switches tells them all"
    return f"no switch {name!r}; {hint}"


def listed(switches: _Record, prefix: str = "") -> list[dict[str, Any]]:
    """Every switch of the group with its value, default and meaning."""
    return [
        {
            "name": prefix + found.name,
            "value": getattr(switches, found.name),
            "default": found.default,
            "doc": found.metadata["doc"],
            "choices": _choices(found),
        }
        for found in fields(switches)
    ]


def _choices(found: Field[Any]) -> list[str]:
    """The texts it takes, or what kind of text."""
    if found.metadata.get("choices"):
        return list(found.metadata["choices"])
    kinds = {bool: ["true", "false"], int: ["a whole number"], float: ["a number"]}
    return kinds.get(type(found.default), ["a text"])


def _value(found: Field[Any], text: str) -> bool | int | float | str:
    choices = found.metadata.get("choices")
    if choices and text not in choices:
        raise BadInstructionError(f"switch {found.name} is one of {choices}, not {text!r}")
    if isinstance(found.default, bool):
        known = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
        if text.lower() not in known:
            raise BadInstructionError(f"switch {found.name} is true or false, not {text!r}")
        return known[text.lower()]
    try:
        if isinstance(found.default, int):
            return int(text)
        return float(text) if isinstance(found.default, float) else text
    except ValueError as error:
        raise BadInstructionError(f"switch {found.name} does not take {text!r}") from error
