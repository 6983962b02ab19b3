"""CSV as jobs take it and give it: read row by row without ever holding the whole, written fully quoted."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
LONGEST_CELL = 32_000
LONGEST_ROW = 400_000
MOST_COLUMNS = 5_000


class CsvError(ValueError):
    """Data no job can take; the text is the job's `errorMessage`."""


class CsvRows:
    """The rows of an upload, the header first. Iteration raises CsvError for what is not as announced."""

    def __init__(self, pieces: Iterable[bytes], delimiter: str, line_ending: str) -> None:
        self._ending = line_ending
        self._last_line = ""
        self._width: int | None = None
        lines = self._lines(pieces)
        self._reader = csv.reader(lines, delimiter=DELIMITERS[delimiter], strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        row: list[str] = []
        while not row:
            try:
                row = next(self._reader)
            except csv.Error as error:
                raise CsvError(f"InvalidBatch : Failed to parse CSV: {error}") from None
        self._check_ending()
        self._check_size(row)
        return row

    def _check_ending(self) -> None:
        # The last line of a file may go without an ending.
        if not self._last_line.endswith("\n"):
            return
        found = "CRLF" if self._last_line.endswith("\r\n") else "LF"
        if found != self._ending:
            raise CsvError(
                "ClientInputError : LineEnding is invalid on user data."
                f" Current LineEnding setting is {self._ending}"
            )

    def _check_size(self, row: Sequence[str]) -> None:
        width = self._width or len(row)
        self._width = width
        if len(row) != width:
            raise CsvError(f"InvalidBatch : a row has {len(row)} columns where the header has {width}")
        if width > MOST_COLUMNS:
            raise CsvError(f"InvalidBatch : more than {MOST_COLUMNS} fields in a record")
        if sum(map(len, row)) > LONGEST_CELL and max(map(len, row)) > LONGEST_CELL:
            raise CsvError(f"InvalidBatch : a field has more than {LONGEST_CELL} characters")
        if sum(map(len, row)) > LONGEST_ROW:
            raise CsvError(f"InvalidBatch : a record has more than {LONGEST_ROW} characters")

    def _lines(self, pieces: Iterable[bytes]) -> Iterator[str]:
        """Lines with their endings; a byte order mark is no part of the first name."""
        rest = ""
        for text in _decoded(pieces):
            *whole, rest = (rest + text).split("\n")
            for line in whole:
                self._last_line = f"{line}\n"
                yield self._last_line
        if rest:
            self._last_line = rest
            yield rest


def _decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise CsvError("ClientInputError : the uploaded data is not UTF-8") from None


class CsvWriter:
    """Rows as text in which every cell is quoted."""

    def __init__(self, delimiter: str, line_ending: str) -> None:
        self._delimiter, self._ending = DELIMITERS[delimiter], LINE_ENDINGS[line_ending]

    def rows(self, rows: Iterable[Sequence[str]]) -> str:
        buffer = io.StringIO()
        writer = csv.writer(
            buffer, delimiter=self._delimiter, lineterminator=self._ending, quoting=csv.QUOTE_ALL
        )
        writer.writerows(rows)
        return buffer.getvalue()
