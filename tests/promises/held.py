"""A request of ours that stays on its way: its sender gets no answer, and it takes effect when it is let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from integration.canonical.values import Side
from integration.errors import Ambiguous
from integration.stores import outbox
from tests.fakes.calls import Calls, Found, Kind
from tests.flows.line import Line

ROUND_MS = 200


class Held:
    """The next write whose name holds `what`."""

    def __init__(self, calls: Calls, what: str) -> None:
        self._run: list[Callable[[], Any]] = []
        self.taken = False
        make = calls.make

        def hold(kind: Kind, name: str, rows: int, run: Callable[[], Found]) -> Found:
            if self.taken or kind != "write" or what not in name:
                return make(kind, name, rows, run)
            self.taken = True
            self._run.append(run)
            raise Ambiguous("network.reply_lost", "no answer")

        calls.make = hold  # type: ignore[method-assign]

    def release(self) -> None:
        """It arrives."""
        self._run.pop()()


def work_until(line: Line, holds: Callable[[], object]) -> None:
    """Round by round, without a word from the systems."""
    for _ in range(100):
        if holds():
            return
        if not line.work():
            line.clock.advance(ROUND_MS)
    raise AssertionError("it never came to that")


def without_settle_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request without an answer is taken for one that never arrives."""
    expired = outbox.is_expired

    def at_once(tx: Any, side: Side) -> list[Any]:
        row = outbox.outbox_writes.c
        return [*expired(tx, side)[:3], sa.or_(row.unknown, row.lease_until <= tx.now)]

    monkeypatch.setattr(outbox, "is_expired", at_once)
