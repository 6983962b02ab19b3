"""A webhook as the settings of an organisation keep it, and what a write of one may contain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import ApiError, invalid_element, invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_choice, clean_flag, clean_text
from integration.sandbox.zoho.webhook_rules import ENTITIES, METHODS

Json = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
SECRET_LENGTHS = (12, 50)
_TEXTS = {
    "webhook_name": 50, "description": 100, "url": 5000, "raw_data": 100_000, "body_type": 100,
    "connection_link_name": 100,
}  # fmt: skip
_PAIRS = ("query_parameters", "headers", "form_data", "entity_parameters", "additional_parameters")
# Sent back by clients that read and change, or without meaning for what is sent.
_PASSED_OVER = frozenset({
    "webhook_id", "placeholder", "is_active", "is_from_plugin", "created_time", "related_rules", "is_hidden",
    "lock_type", "lock_reason", "events", "user_defined_format_name", "user_defined_format_value",
    "action_id", "action_type", "action_ph",
})  # fmt: skip


@dataclass(frozen=True)
class Hook:
    """One webhook; what it sends follows from `form_data`, `raw_data` and `is_new_response_format`."""

    webhook_id: str
    created: int
    entity: str = ""
    webhook_name: str = ""
    description: str = ""
    method: str = "POST"
    url: str = ""
    secret: str = ""
    body_type: str = ""
    raw_data: str = ""
    connection_link_name: str = ""
    query_parameters: Pairs = ()
    headers: Pairs = ()
    form_data: Pairs = ()
    entity_parameters: Pairs = ()
    additional_parameters: Pairs = ()
    is_new_response_format: bool = True

    @property
    def format(self) -> str:
        """How the body is made: `json`, `form` (the record in JSONString), `pairs` or `raw`."""
        if self.form_data:
            return "pairs"
        if self.raw_data:
            return "raw"
        return "json" if self.is_new_response_format else "form"

    def shown(self, created_time: str) -> Json:
        """As GET tells it."""
        pairs = {key: _pairs_shown(getattr(self, key)) for key in _PAIRS}
        texts = {key: getattr(self, key) for key in _TEXTS}
        return {
            "webhook_id": self.webhook_id, **texts, **pairs, "entity": self.entity, "method": self.method,
            "secret": self.secret, "placeholder": "", "user_defined_format_name": "",
            "user_defined_format_value": "", "lock_type": "none", "lock_reason": "", "is_active": True,
            "is_from_plugin": False, "is_new_response_format": self.is_new_response_format,
            "created_time": created_time,
        }  # fmt: skip


def changed_hook(hook: Hook, body: Mapping[str, Any], switches: Switches) -> Hook:
    """The webhook after a write; what it leaves out stays.

    :raises ApiError: an unknown key, a wrong type or length, no entity or address
    """
    changes: Json = {}
    for key, value in body.items():
        if key in _CLEANERS:
            changes[key] = _CLEANERS[key](key, value)
        elif key not in _PASSED_OVER and switches.zoho_unknown_keys == "reject":
            raise invalid_element(key, switches)
    found = replace(hook, **changes)
    for key in ("url", "entity"):
        if not getattr(found, key):
            raise missing_value(key)
    if not found.url.startswith(("http://", "https://")):
        raise invalid_value("url")
    return found


def _pairs(key: str, value: object) -> Pairs:
    if not isinstance(value, list):
        raise invalid_value(key)
    found = []
    for entry in value:
        name = entry.get("param_name") if isinstance(entry, dict) else None
        text = entry.get("param_value") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name or not isinstance(text, str):
            raise invalid_value(key)
        found.append((name, text))
    return tuple(found)


def _pairs_shown(pairs: Pairs) -> list[Json]:
    return [{"param_name": name, "param_value": text} for name, text in pairs]


def _secret(key: str, value: object) -> str:
    text = clean_text(key, value, None)
    low, high = SECRET_LENGTHS
    if text and not (low <= len(text) <= high and text.isascii() and text.isalnum()):
        raise ApiError(400, 15, f'Please ensure that the "secret" has {low} to {high} letters and digits.')
    return text


_CLEANERS: Mapping[str, Callable[[str, object], Any]] = {
    **{key: partial(clean_text, limit=limit) for key, limit in _TEXTS.items()},
    **dict.fromkeys(_PAIRS, _pairs),
    "entity": partial(clean_choice, choices=sorted(ENTITIES)),
    "method": partial(clean_choice, choices=METHODS),
    "secret": _secret,
    "is_new_response_format": clean_flag,
}
