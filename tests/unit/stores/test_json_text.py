"""Any JSON can be stored and comes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.stores.json_text import Encoded, clean, dumps, loads

TEXTS = st.text(st.characters(exclude_categories=[], exclude_characters="\x00"))
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)


def documents(texts: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    return st.recursive(
        st.none() | st.booleans() | NUMBERS | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )


@given(documents(PLAIN))
def test_storable_documents_come_back_equal(document: object) -> None:
    assert loads(dumps(document)) == document


@given(documents(TEXTS))
def test_any_document_is_made_storable_once_and_for_all(document: object) -> None:
    text = dumps(document)
    assert dumps(loads(text)) == text
    text.encode()


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\\u0000", "\\u0000"),
        ("\\\x00", "\\\ufffd"),
        ("\\\\u0000", "\\\\u0000"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_what_postgresql_cannot_hold_is_replaced(given_text: str, stored: str) -> None:
    assert loads(dumps({given_text: [given_text]})) == {stored: [stored]}
    assert clean(given_text) == (stored if "\x00" in given_text or "\ud83d" in given_text else given_text)


def test_integers_beyond_64_bits_keep_their_digits() -> None:
    assert loads(dumps([2**63 - 1, 2**64, -(2**70)])) == [2**63 - 1, str(2**64), str(-(2**70))]


def test_encoded_text_is_not_encoded_again() -> None:
    assert dumps(dumps({"a": 1})) == '{"a":1}'
    assert type(dumps([])) is Encoded


@given(TEXTS)
def test_clean_text_is_what_json_holds(text: str) -> None:
    assert json.loads(dumps(text)) == clean(text)
