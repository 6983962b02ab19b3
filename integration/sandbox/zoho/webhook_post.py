"""What goes over the wire for one webhook: method, address, headers, body, from its rule and the record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from yarl import URL

from integration.sandbox.zoho.webhook_rules import Rule
from integration.sandbox.zoho.webhook_signature import HEADER, sign

_FORM = "application/x-www-form-urlencoded"
# `${contact.contact_name}`; how Zoho spells them beyond that is not documented.
_PLACEHOLDER = re.compile(r"\$\{(?:(\w+)\.)?(\w+)\}")
Json = dict[str, Any]


@dataclass(frozen=True)
class Post:
    """One request, the same at every attempt."""

    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes


def post_of(rule: Rule, entity: str, record: Json, encoding: str) -> Post:
    """The request for the record as it is now; `encoding` is that of the signature."""
    body, kind = _body(rule, entity, record)
    url = URL(rule.url, encoded=True)
    own = urlencode({name: filled(text, record) for name, text in rule.query_parameters.items()})
    raw_query = "&".join(part for part in (url.raw_query_string, own) if part)
    target = URL(str(url.with_query(None)) + (f"?{raw_query}" if raw_query else ""), encoded=True)
    headers = {
        "Content-Type": f"{kind};charset=UTF-8", "User-Agent": "ZohoInventory",
        **{name: filled(text, record) for name, text in rule.headers.items()},
    }  # fmt: skip
    if rule.secret:
        headers[HEADER] = sign(rule.secret, raw_query, body, form=kind == _FORM, encoding=encoding)
    return Post(rule.method, target, headers, body)


def filled(text: str, record: Mapping[str, Any]) -> str:
    """The text with the record's values in place of its placeholders; an unknown one leaves nothing."""
    return _PLACEHOLDER.sub(lambda match: _text(record.get(match[2].lower(), "")), text)


def _body(rule: Rule, entity: str, record: Json) -> tuple[bytes, str]:
    if rule.format == "raw":
        text = filled(rule.raw, record)
        return text.encode(), "application/json" if text.lstrip().startswith(("{", "[")) else "text/plain"
    if rule.format == "pairs":
        return urlencode(
            {name: filled(text, record) for name, text in rule.form_data.items()}
        ).encode(), _FORM
    payload = orjson.dumps({entity: record})
    if rule.format == "form":
        return urlencode({"JSONString": payload.decode()}).encode(), _FORM
    return payload, "application/json"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
