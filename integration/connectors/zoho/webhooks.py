"""Who sent a webhook, and what it says. Pure: no web framework, no settings.

The rule of signing is Zoho's help page "Securing webhooks" (zoho.com/us/subscriptions/kb/webhooks); that the
MAC is HMAC-SHA256 is how integrators implement it, whether hex or base64 is a setting. There is no time in
it: a replay is found by the event key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from urllib.parse import parse_qsl

from integration.canonical.values import Json
from integration.connectors.zoho.records import instant, json_safe
from integration.errors import BadInput

SIGNATURE_HEADER = "X-Zoho-Webhook-Signature"
Encoding = Literal["hex", "base64"]
Pairs = Sequence[tuple[str, str]]

_FORM = "application/x-www-form-urlencoded"
_LEGACY_FIELD = "JSONString"
_MOST_FORM_FIELDS = 1000


@dataclass(frozen=True)
class WebhookRecord:
    """What a webhook tells: one record of `entity`, its time of modification (0 when not told), the whole
    body.
    """

    entity: str
    record_id: str
    at_ms: int
    body: dict[str, Json]


def signature(
    secret: str, query_pairs: Pairs, form_pairs: Pairs, raw_body: bytes, encoding: Encoding = "hex"
) -> str:
    """The signature Zoho sends: all decoded pairs sorted by key and run together, then the raw body.

    `raw_body` is empty for forms, whose content is the pairs. Pairs with equal keys keep their order.
    """
    pairs = sorted([*query_pairs, *form_pairs], key=lambda pair: pair[0])
    message = "".join(key + value for key, value in pairs).encode() + raw_body
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def verify(
    secret: str,
    given: str,
    query_pairs: Pairs,
    form_pairs: Pairs,
    raw_body: bytes,
    encoding: Encoding = "hex",
) -> bool:
    """Whether `given` is the signature of this request; takes the same time for every wrong one."""
    return _equal(signature(secret, query_pairs, form_pairs, raw_body, encoding), given.strip())


def verify_secret(secret: str, given: str) -> bool:
    """Whether the static secret of a plan without signatures was sent."""
    return _equal(secret, given.strip())


def form_pairs(raw_body: bytes, content_type: str) -> list[tuple[str, str]]:
    """The decoded pairs of a form body; empty for every other kind. Raises BadInput on a form that is
    none.
    """
    if not is_form(content_type):
        return []
    try:
        text = raw_body.decode("utf-8")
        return parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=_MOST_FORM_FIELDS,
        )
    except ValueError:
        raise BadInput("webhook.form", "the form cannot be read") from None


def is_form(content_type: str) -> bool:
    """Whether the body is a form."""
    return content_type.partition(";")[0].strip().lower() == _FORM


def parse(raw_body: bytes, content_type: str) -> WebhookRecord:
    """What the body tells: Zoho's default JSON payload, or the same as form field JSONString.

    Raises BadInput with a reason and advice on everything else.
    """
    body = _object_of(_json_text(raw_body, content_type))
    for entity, record in body.items():
        record_id = record.get(f"{entity}_id") if isinstance(record, dict) else None
        if isinstance(record, dict) and _is_id(record_id):
            return WebhookRecord(entity, str(record_id), instant(record.get("last_modified_time")), body)
    raise BadInput(
        "webhook.no_record",
        "the body names no record",
        advice="Choose the default payload for the webhook in Zoho, not a text of your own.",
    )


def _json_text(raw_body: bytes, content_type: str) -> str:
    if not is_form(content_type):
        try:
            return raw_body.decode("utf-8")
        except UnicodeDecodeError:
            raise BadInput("webhook.encoding", "the body is not UTF-8") from None
    text = dict(form_pairs(raw_body, content_type)).get(_LEGACY_FIELD)
    if text is None:
        raise BadInput(
            "webhook.no_json",
            "the form has no JSONString",
            advice="Choose the default payload for the webhook in Zoho, not single form fields.",
        )
    return text


def _object_of(text: str) -> dict[str, Json]:
    try:
        found = json.loads(text, parse_float=_decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadInput("webhook.json", "the body is not JSON") from None
    if not isinstance(found, dict):
        raise BadInput("webhook.json", "the body is not a JSON object")
    if "\\u0000" in text and _holds_nul(found):
        raise BadInput("webhook.json", "the body holds a NUL character, which no field of Zoho can")
    return found


def _holds_nul(value: object) -> bool:
    """PostgreSQL stores no NUL, so it is refused at the door rather than found by a worker."""
    if isinstance(value, dict):
        return any(_holds_nul(inner) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return any(_holds_nul(inner) for inner in value)
    return isinstance(value, str) and "\x00" in value


def _decimal(text: str) -> Json:
    return json_safe(Decimal(text))


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _is_id(value: object) -> bool:
    return (
        isinstance(value, str | int)
        and not isinstance(value, bool)
        and str(value).isascii()
        and str(value).isdigit()
    )


def _equal(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))
