"""Counters that all processes of a machine add up, so that any of them can show the whole.

Each process has one small text file to itself, a line a counter: twenty digits, a space, the name and labels
as JSON. A file outlives its process and the next one counts on in it, so that figures never fall. Digits are
changed in memory the file is mapped to: a write would let go of the interpreter's lock, and wait to have it
back, within every request of the receiver.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import structlog

METRICS = "metrics"
"""The folder of the counter files within the state directory."""
DIGITS = 20
MOST_FILES = 256

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A counter's name and its labels, sorted."""

log = structlog.get_logger(__name__)


class Counters:
    """Counts in memory until `share` gives it a file. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Counter[Series] = Counter()
        self._places: dict[Series, int] = {}
        self._file: int | None = None
        self._map: mmap.mmap | None = None
        self._end = 0
        self._directory: Path | None = None

    def add(self, name: str, amount: int, labels: Mapping[str, str]) -> None:
        """Count."""
        series = name, tuple(sorted(labels.items()))
        with self._lock:
            self._values[series] += amount
            if self._file is not None:
                self._write(series)

    def share(self, directory: Path) -> None:
        """Keep the counters in a file of that directory from now on; where none can be written, in memory."""
        with self._lock:
            if self._file is not None:
                return
            try:
                directory.mkdir(parents=True, exist_ok=True)
                self._file = _free_file(directory)
            except OSError as error:
                log.warning("counters are not shared", error=type(error).__name__)
                return
            self._directory = directory
            self._take_over(self._file)

    def totals(self) -> dict[Series, int]:
        """The sum over all processes that share the directory."""
        with self._lock:
            if self._directory is None:
                return dict(self._values)
            directory = self._directory
        sums: Counter[Series] = Counter()
        for path in sorted(directory.glob("counters-*.txt")):
            with suppress(FileNotFoundError):
                sums.update({series: value for series, value, _ in _lines(path.read_bytes())})
        return dict(sums)

    def _take_over(self, file: int) -> None:
        content = os.pread(file, os.fstat(file).st_size, 0)
        counted, self._end = dict(self._values), 0
        for series, value, place in _lines(content):
            self._values[series] += value
            self._places[series] = place
        self._end = content.rfind(b"\n") + 1
        if self._end:
            self._map = mmap.mmap(file, self._end)
        for series in counted:
            self._write(series)

    def _write(self, series: Series) -> None:
        if self._file is None:
            return
        digits = f"{self._values[series]:0{DIGITS}d}"
        place = self._places.get(series)
        if place is not None and self._map is not None:
            self._map[place : place + DIGITS] = digits.encode()
            return
        line = f"{digits} {json.dumps([series[0], dict(series[1])])}\n".encode()
        os.pwrite(self._file, line, self._end)
        self._places[series] = self._end
        self._end += len(line)
        if self._map is not None:
            self._map.close()
        self._map = mmap.mmap(self._file, self._end)


def _free_file(directory: Path) -> int:
    """Open the first file no living process holds, and hold it."""
    for number in range(MOST_FILES):
        file = os.open(directory / f"counters-{number}.txt", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
        else:
            return file
    raise OSError("no free counter file")


def _lines(content: bytes) -> Iterator[tuple[Series, int, int]]:
    """Series, value and place of the whole lines; half a line is one that is being written."""
    place = 0
    for line in content.splitlines(keepends=True):
        if line.endswith(b"\n"):
            name, labels = json.loads(line[DIGITS + 1 :])
            yield (name, tuple(sorted(labels.items()))), int(line[:DIGITS]), place
        place += len(line)


counters = Counters()
"""This process's counters."""


def count(name: str, amount: int = 1, **labels: str) -> None:
    """Count in this process's counters."""
    counters.add(name, amount, labels)
