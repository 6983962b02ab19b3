"""CSV as rows of columns: delimiter, header and broken lines, without a word on what the values mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integration.sandbox.errors import BadInstructionError

DELIMITERS = ",;\t|"
_LARGEST_CELL = 1_000_000


@dataclass(frozen=True)
class Row:
    """One record of the file: its first line, its cells by column, or why it is none."""

    line: int
    cells: Mapping[str, str]
    problem: str = ""


def decoded(content: bytes) -> str:
    """The text of a file, with or without a byte order mark. :raises BadInstructionError: no UTF-8"""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInstructionError(f"line {line} is no UTF-8; save the file as UTF-8") from error


def rows_of(text: str, delimiter: str = "") -> Iterator[Row]:
    """Every record of the text that is not blank; without a delimiter the header tells it.

    :raises BadInstructionError: no header, or a name in it that is empty or given twice
    """
    csv.field_size_limit(_LARGEST_CELL)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or sniffed(first), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise BadInstructionError(f"the first line names the columns: {error}") from error
    if not header or not all(header) or len(set(header)) < len(header):
        raise BadInstructionError(f"every column has a name of its own, not {header}")
    return _rows(reader, header)


def sniffed(header: str) -> str:
    """The delimiter that makes the most columns of the header; a comma where none makes any."""
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _rows(reader: Iterator[list[str]], header: list[str]) -> Iterator[Row]:
    while True:
        line: int = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, {}, str(error))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield Row(line, {}, f"{len(cells)} values for {len(header)} columns")
            continue
        yield Row(line, dict(zip(header, cells, strict=True)))
