"""X-Zoho-Webhook-Signature: a MAC over sorted parameters and the raw body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl

HEADER = "X-Zoho-Webhook-Signature"


def string_to_sign(query: str, body: bytes, *, form: bool) -> bytes:
    """Decoded parameters sorted by key, `key + value` without separators, then the raw body unless a form."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if form:
        pairs += parse_qsl(body.decode(), keep_blank_values=True)
    text = "".join(key + value for key, value in _sorted(pairs))
    return text.encode() + (b"" if form else body)


def sign(secret: str, query: str, body: bytes, *, form: bool, encoding: str = "hex") -> str:
    """HMAC-SHA256 of the string, as lower-case hex or base64."""
    digest = hmac.digest(secret.encode(), string_to_sign(query, body, form=form), hashlib.sha256)
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _sorted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    # By key alone: equal keys keep the order in which they came, query before body.
    return sorted(pairs, key=lambda pair: pair[0])
