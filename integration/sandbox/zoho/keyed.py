"""Update and upsert by a unique custom field: PUT on a module without an id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.answers import Answer, Call
from integration.sandbox.zoho.custom_fields import CustomFields
from integration.sandbox.zoho.faults import ApiError, invalid_element, method_not_allowed, missing_value

Json = dict[str, Any]


def keyed_put(
    call: Call,
    fields: CustomFields,
    label: str,
    holder: Callable[[str, str], str | None],
    update: Callable[[str, Json], Answer],
    create: Callable[[Json, int], Answer],
) -> Answer:
    """Update the record that holds the value of the header, or create one where X-Upsert allows it.

    `holder` answers the id by api_name and value, `create` gets the body and the HTTP status.
    :raises ApiError: no such unique field, or nothing found and nothing to be created
    """
    switches = call.switches
    if not switches.zoho_keyed_upsert:
        raise method_not_allowed("PUT")
    key, value = (_told(call, f"X-Unique-Identifier-{part}") for part in ("Key", "Value"))
    if not key or not value:
        raise missing_value("X-Unique-Identifier-Key")
    definition = fields.get(key)
    if definition is None or not definition.is_unique:
        raise invalid_element(key, switches)
    body = call.body()
    record_id = holder(key, fields.unique_form(value))
    if record_id is not None:
        return update(record_id, body)
    if call.headers.get("X-Upsert", "").lower() != "true":
        raise _not_found(label, switches)
    if switches.zoho_keyed_create_stores_key and isinstance(body.setdefault("custom_fields", []), list):
        body["custom_fields"].append({"api_name": key, "value": value})
    return create(body, switches.zoho_keyed_create_status)


def _told(call: Call, header: str) -> str:
    """The header as text: bytes that are no UTF-8 reach us as lone surrogates, which no answer can carry."""
    return call.headers.get(header, "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _not_found(label: str, switches: Switches) -> ApiError:
    return ApiError(
        switches.zoho_keyed_not_found_status, switches.zoho_keyed_not_found_code, f"{label} does not exist."
    )
