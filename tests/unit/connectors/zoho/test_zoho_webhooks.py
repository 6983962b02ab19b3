"""Signatures recomputed by the stated rule with other means, and bodies that lie."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.connectors.zoho.webhooks import form_pairs, parse, signature, verify, verify_secret
from integration.errors import BadInput

SECRET = "k3yforhooks9876543210"
BODY = '{"contact":{"contact_id":"46000000000123","contact_name":"Müller & Söhne","credit":12.50}}'.encode()
JSON = "application/json;charset=UTF-8"
FORM = "application/x-www-form-urlencoded"

VECTORS = [
    ("body alone", [], [], BODY, BODY),
    (
        "query and body",
        [("tenant", "acme"), ("source", "inventory")],
        [],
        BODY,
        b"sourceinventorytenantacme" + BODY,
    ),
    ("no body", [("b", "2"), ("a", "1")], [], b"", b"a1b2"),
    (
        "form",
        [("tenant", "acme")],
        [("customer", "Bowman & Co"), ("id", "9")],
        b"",
        b"customerBowman & Coid9tenantacme",
    ),
    ("form mixed with query", [("m", "1")], [("z", "2"), ("a", "3")], b"", b"a3m1z2"),
    ("capitals sort before small letters", [("b", "1"), ("B", "2")], [], b"x", b"B2b1x"),
    ("empty value", [("a", ""), ("b", "1")], [], b"", b"ab1"),
    ("repeated key keeps its order", [("a", "2"), ("a", "1")], [], b"", b"a2a1"),
    ("not ASCII", [("naïve", "é")], [], b"", "naïveé".encode()),
]


def openssl(message: bytes) -> str:
    """HMAC-SHA256 by a program that shares no code with ours."""
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", SECRET], input=message, capture_output=True, check=True
    )
    return done.stdout.decode().split()[-1]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
@pytest.mark.parametrize(
    ("name", "query", "form", "body", "message"), VECTORS, ids=[row[0] for row in VECTORS]
)
def test_signatures_are_those_of_the_rule(
    name: str, query: list[tuple[str, str]], form: list[tuple[str, str]], body: bytes, message: bytes
) -> None:
    expected = openssl(message)
    assert signature(SECRET, query, form, body) == expected
    assert verify(SECRET, expected, query, form, body)
    encoded = base64.b64encode(bytes.fromhex(expected)).decode()
    assert signature(SECRET, query, form, body, "base64") == encoded
    assert verify(SECRET, encoded, query, form, body, "base64")
    assert not verify(SECRET, encoded, query, form, body)


def test_a_golden_signature() -> None:
    """HMAC-SHA256 of RFC 4231, test case 2."""
    golden = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", [], [], b"what do ya want for nothing?") == golden


@given(
    st.lists(st.tuples(st.text(), st.text()), max_size=5),
    st.binary(max_size=50),
    st.text(alphabet="0123456789abcdef", max_size=64),
)
def test_nothing_but_the_signature_verifies(pairs: list[tuple[str, str]], body: bytes, guess: str) -> None:
    right = signature(SECRET, pairs, [], body)
    assert verify(SECRET, right, pairs, [], body)
    assert verify(SECRET, guess, pairs, [], body) == (guess == right)
    assert not verify(SECRET + "x", right, pairs, [], body)
    assert not verify(SECRET, right, pairs, [], body + b"x")


@pytest.mark.parametrize("given_", ["", "é", "\ud800", "x" * 10_000, "A" * 64])
def test_strange_signatures_are_wrong_and_no_error(given_: str) -> None:
    assert not verify(SECRET, given_, [], [], BODY)
    assert not verify_secret(SECRET, given_)


def test_a_static_secret() -> None:
    assert verify_secret(SECRET, SECRET)
    assert not verify_secret(SECRET, SECRET[:-1])


def test_the_default_payload() -> None:
    record = parse(
        b'{"contact":{"contact_id":"46000000000123","last_modified_time":"2026-06-09T13:15:34-0400",'
        b'"rate":12.50,"whole":3.0}}',
        JSON,
    )
    assert (record.entity, record.record_id) == ("contact", "46000000000123")
    assert record.at_ms == 1_781_025_334_000
    assert record.body["contact"]["rate"] == {"$decimal": "12.5"}  # type: ignore[index, call-overload]
    assert record.body["contact"]["whole"] == 3  # type: ignore[index, call-overload]


def test_the_legacy_form_and_other_entities() -> None:
    raw = b"JSONString=%7B%22salesorder%22%3A%7B%22salesorder_id%22%3A4600000000000000123%7D%7D"
    record = parse(raw, FORM)
    assert (record.entity, record.record_id, record.at_ms) == ("salesorder", "4600000000000000123", 0)
    assert form_pairs(raw, FORM) == [("JSONString", '{"salesorder":{"salesorder_id":4600000000000000123}}')]
    assert form_pairs(BODY, JSON) == []


DEEP = b'{"contact":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("raw", "content_type", "code"),
    [
        (b"", JSON, "webhook.json"),
        (b"nonsense", JSON, "webhook.json"),
        (b"[]", JSON, "webhook.json"),
        (b'{"contact":{"contact_id":"1","x":NaN}}', JSON, "webhook.json"),
        (b'{"contact":{"contact_id":"1","x":"a\\u0000"}}', JSON, "webhook.json"),
        (b'{"contact":{"contact_id":"1","x":' + b"9" * 5000 + b"}}", JSON, "webhook.json"),
        (DEEP, JSON, "webhook.json"),
        (b'\xff{"contact":{}}', JSON, "webhook.encoding"),
        (b"{}", JSON, "webhook.no_record"),
        (b'{"contact":{"contact_name":"x"}}', JSON, "webhook.no_record"),
        (b'{"contact":{"contact_id":"../1"}}', JSON, "webhook.no_record"),
        (b'{"contact":{"contact_id":true}}', JSON, "webhook.no_record"),
        (b'{"contact":{"contact_id":"1","last_modified_time":"yesterday"}}', JSON, "zoho.time"),
        (b'{"contact":{"contact_id":"1","last_modified_time":"2026-06-09T13:15:34"}}', JSON, "zoho.time"),
        (b"contact_id=1", FORM, "webhook.no_json"),
        (b"contact_id", FORM, "webhook.form"),
        (b"JSONString=%ff", FORM, "webhook.form"),
        (b"&".join(b"a=1" for _ in range(2000)), FORM, "webhook.form"),
    ],
)
def test_bodies_that_cannot_be_accepted_say_why(raw: bytes, content_type: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(raw, content_type)
    assert caught.value.code == code
    assert caught.value.status == 400


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_any_json_is_parsed_or_refused(value: object) -> None:
    with suppress(BadInput):
        assert parse(json.dumps(value).encode(), JSON).record_id
