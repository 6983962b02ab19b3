"""CSV in pieces, and what jobs keep packed."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from integration.sandbox.salesforce.bulk.csv_rows import CsvError, CsvRows, CsvWriter
from integration.sandbox.salesforce.bulk.packed import PackedRows, PackedText


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("ending", ["LF", "CRLF"])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_pieces_may_end_anywhere(ending: str, size: int) -> None:
    rows = [["Náme", "B"], ['é"x"', "two\nlines"], ["a,b", ""], ["  ", "\r\n"]]
    data = b"\xef\xbb\xbf" + CsvWriter("COMMA", ending).rows(rows).encode()
    assert list(CsvRows(pieces(data, size), "COMMA", ending)) == rows


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'a\n"b', "Failed to parse CSV"),
        (b'a\n"b"c\n', "Failed to parse CSV"),
        (b"a\nb\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        (b"a\nb\rc\n", "Failed to parse CSV"),
        (b"a\nb,c\n", "a row has 2 columns where the header has 1"),
        (b"a\n" + b"x" * 32_001 + b"\n", "a field has more than 32000 characters"),
        (b",".join([b"a"] * 5001) + b"\n", "more than 5000 fields in a record"),
        (
            b",".join([b"a"] * 20) + b"\n" + b",".join([b"x" * 20_001] * 20) + b"\n",
            "a record has more than 400000 characters",
        ),
        (b"a\n\xff\n", "not UTF-8"),
        (b"a\n\xc3", "not UTF-8"),
    ],
)
def test_what_is_no_such_csv(data: bytes, message: str) -> None:
    with pytest.raises(CsvError) as raised:
        list(CsvRows([data], "COMMA", "LF"))
    assert message in str(raised.value)


def test_packed_text_is_small_and_whole() -> None:
    text = PackedText()
    line = b"Example Company,Leeds,United Kingdom\n"
    for _ in range(20_000):
        text.write(line)
    assert text.size == 20_000 * len(line)
    assert b"".join(text.read()) == b"".join(text.read()) == line * 20_000
    assert max(map(len, text.read())) <= 65_536
    assert len(text.dump()) < text.size / 20
    again = PackedText.loaded(text.dump())
    again.write(b"end")
    assert b"".join(again.read()) == line * 20_000 + b"end"


def test_packed_rows_give_any_page() -> None:
    rows = PackedRows()
    lines = [f"{n}\n" for n in range(1234)]
    for line in lines:
        rows.add(line)
    rng = random.Random(7)
    for found in (rows, PackedRows.loaded(rows.dump())):
        assert found.count == 1234
        for start, end in [
            (0, 1234),
            (0, 1),
            (499, 501),
            (1000, 1234),
            (1234, 1300),
            *((rng.randrange(1234), rng.randrange(1300)) for _ in range(20)),
        ]:
            assert [line for block in found.lines(start, end) for line in block] == lines[start:end]
