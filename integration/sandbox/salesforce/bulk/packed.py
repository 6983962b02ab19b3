"""CSV kept compressed in memory: uploads and results of jobs may be larger than the org itself."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

_QUICK = 1
_PIECE = 65_536


class PackedText:
    """Bytes written from front to back, then read as often as asked; `size` is that of the plain bytes."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._packer = zlib.compressobj(_QUICK)
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)
        packed = self._packer.compress(data)
        if packed:
            self._pieces.append(packed)

    def read(self) -> Iterator[bytes]:
        """What was written so far, in pieces that stay small however well it is compressed."""
        unpacker = zlib.decompressobj()
        rest = self._packer.copy().flush(zlib.Z_SYNC_FLUSH)
        for packed in (*self._pieces, rest):
            waiting = packed
            while waiting:
                piece = unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unconsumed_tail
                if piece:
                    yield piece

    def dump(self) -> str:
        return base64.b64encode(b"".join([*self._pieces, self._packer.copy().flush()])).decode()

    @classmethod
    def loaded(cls, text: str) -> PackedText:
        found = cls()
        found.write(zlib.decompress(base64.b64decode(text)))
        return found


class PackedRows:
    """Lines of a result in compressed blocks, so that a page in the middle needs only its own."""

    _BLOCK = 500

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._open: list[str] = []
        self.count = 0
        self.size = 0

    def add(self, line: str) -> None:
        """A line with its ending."""
        self._open.append(line)
        self.count += 1
        self.size += len(line)
        if len(self._open) == self._BLOCK:
            self._blocks.append(_packed(self._open))
            self._open = []

    def lines(self, start: int, end: int) -> Iterator[list[str]]:
        """The lines from start up to end, block by block."""
        for number in range(start // self._BLOCK, len(self._blocks) + 1):
            first = number * self._BLOCK
            if first >= end:
                return
            block = self._open if number == len(self._blocks) else _unpacked(self._blocks[number])
            yield block[max(start - first, 0) : end - first]

    def dump(self) -> list[str]:
        return [base64.b64encode(block).decode() for block in [*self._blocks, _packed(self._open)]]

    @classmethod
    def loaded(cls, blocks: Sequence[str]) -> PackedRows:
        found = cls()
        for block in blocks:
            for line in _unpacked(base64.b64decode(block)):
                found.add(line)
        return found


def _packed(lines: list[str]) -> bytes:
    return zlib.compress(json.dumps(lines).encode(), _QUICK)


def _unpacked(block: bytes) -> list[str]:
    found: Any = json.loads(zlib.decompress(block))
    return [str(line) for line in found]
