"""A whole line put away and taken out again: both systems, the time, and the product's database (SQLite).

From one beginning many ends can be tried: put it away once, and take it out before each of them.
"""

from __future__ import annotations

import pickle
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.fakes.clock import FakeClock
from tests.flows.line import SETTLE_MS, Line

HEADER_VERSIONS, ROLLBACK_JOURNAL = (18, 19), 1
"""Places in the header of a database file, and what stands there for one without a write-ahead log."""


class Numbers:
    """Counts on from a number, and can be put away with the rest."""

    def __init__(self, following: Iterator[int]) -> None:
        self.ahead = next(following)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        self.ahead += 1
        return self.ahead - 1


@contextmanager
def own_line(folder: Path, **options: Any) -> Iterator[Line]:
    """A line with a SQLite database and a time that are nobody else's, so that it can be put away."""
    url, clock = f"sqlite:///{folder / 'line.db'}", FakeClock()
    upgrade(url)
    with closing(SqlStores(url, settle_ms=SETTLE_MS, clock=clock.now_ms)) as stores:
        yield Line(stores, clock, **options)


def put_away(line: Line) -> bytes:
    """The line as it is now. Its database is kept whole, so it should hold little else."""
    _count_on(line)
    connection = sqlite3.connect(database_of(line))
    rows = bytearray(connection.serialize())
    connection.close()
    for place in HEADER_VERSIONS:  # it will be taken out through memory, where there is no write-ahead log
        rows[place] = ROLLBACK_JOURNAL
    return pickle.dumps((line.pair_id, _states(line), zlib.compress(rows, 1)))


def take_out(line: Line, kept: bytes) -> None:
    """The line is as it was when that was put away, the time included; only how it is watched and its
    correlation ids go on.
    """
    pair_id, states, rows = pickle.loads(kept)  # noqa: S301 - our own bytes
    assert pair_id == line.pair_id, "another line was put away there"
    for part, state in zip(_parts(line), states, strict=True):
        vars(part).update(state)
    source, target = sqlite3.connect(":memory:"), sqlite3.connect(database_of(line))
    source.deserialize(zlib.decompress(rows))
    source.backup(target)
    source.close()
    target.close()


def database_of(line: Line) -> Path:
    """The file the line's stores are in."""
    url = line.stores.engine.url
    assert url.get_backend_name() == "sqlite", "only a line over SQLite can be put away"
    assert url.database
    return Path(url.database)


def _parts(line: Line) -> list[Any]:
    """What has a state outside the database."""
    org, book = line.salesforce.org, line.zoho.book
    return [line, line.clock, org, book, line.salesforce.calls, line.zoho.calls, line.bell, line.alarm]


def _states(line: Line) -> list[dict[str, Any]]:
    _, *others = _parts(line)
    states = [{n: v for n, v in vars(part).items() if n != "clock"} for part in others]
    return [{"settings": line.settings}, *states]


def _count_on(line: Line) -> None:
    """Counters that can be put away, wherever the systems still have others."""
    for system in (line.salesforce.org, line.zoho.book):
        for name, value in list(vars(system).items()):
            if isinstance(value, Iterator) and not isinstance(value, Numbers):
                setattr(system, name, Numbers(value))
