"""Record ids and bitmaps against the vectors of Salesforce's own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.sandbox.salesforce.bitmaps import encode_bitmap, encode_bits
from integration.sandbox.salesforce.ids import BASE62, IdSource, checksum, looks_like_id, to_long


@pytest.mark.parametrize(
    ("short_id", "suffix"),
    [
        ("0015f00002J9YYE", "AA3"),
        ("001ZM000001n4n5", "YAA"),
        ("0035f00002EztxD", "AAR"),
        ("006SM0000001Tb3", "YAE"),
        ("000000000000000", "AAA"),
    ],
)
def test_checksum_of_known_ids(short_id: str, suffix: str) -> None:
    assert checksum(short_id) == suffix
    assert to_long(short_id) == short_id + suffix
    assert to_long(short_id + suffix) == short_id + suffix


def test_a_wrong_checksum_is_no_id() -> None:
    assert to_long("0015f00002J9YYEAAA") is None


@pytest.mark.parametrize("text", ["", "001", "0015f00002J9YY-", "0015f00002J9YYEA", "Ä015f00002J9YYE"])
def test_other_texts_do_not_look_like_ids(text: str) -> None:
    assert not looks_like_id(text)


@given(st.text(BASE62, min_size=15, max_size=15))
def test_ids_that_differ_in_case_differ_in_checksum(short_id: str) -> None:
    swapped = short_id.swapcase()
    assert (checksum(short_id) == checksum(swapped)) == (swapped == short_id)


def test_new_ids_ascend_as_text() -> None:
    source = IdSource()
    made = [source.next("001") for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert all(to_long(record_id) == record_id for record_id in made)


@pytest.mark.parametrize(
    ("positions", "text"),
    [
        ([11, 22], "0x400800"),
        ([22], "0x400000"),
        ([16], "0x010000"),
        ([12, 19, 20, 21, 22, 23, 27], "0x08F81000"),
    ],
)
def test_bits_of_known_events(positions: list[int], text: str) -> None:
    assert encode_bits(positions) == text


def test_children_of_a_compound_have_an_element_of_their_own() -> None:
    assert encode_bitmap([(22, None), (4, 0)]) == ["0x400000", "4-0x01"]
    assert encode_bitmap([]) == []
