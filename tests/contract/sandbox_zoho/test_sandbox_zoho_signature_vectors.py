"""The signature rule against vectors worked out by hand from the written rule."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from integration.sandbox.zoho.webhook_signature import sign, string_to_sign

SECRET = "vectorsecret0001"


@pytest.mark.parametrize(
    ("query", "body", "form", "expected"),
    [
        ("", b'{"contact":{"contact_id":"1"}}', False, b'{"contact":{"contact_id":"1"}}'),
        ("b=2&a=1", b"{}", False, b"a1b2{}"),
        ("t=x%20y&s=a%2Bb", b"{}", False, b"sa+btx y{}"),
        ("z=1", b"name=A+%26+B&id=7", True, b"id7nameA & Bz1"),
        ("empty=", b"[]", False, b"empty[]"),
        ("", b"", False, b""),
    ],
)
def test_string_to_sign(query: str, body: bytes, form: bool, expected: bytes) -> None:
    assert string_to_sign(query, body, form=form) == expected
    known = hmac.new(SECRET.encode(), expected, hashlib.sha256).hexdigest()
    assert sign(SECRET, query, body, form=form) == known
