"""Alarms: what people are to hear, kept until they have heard it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from integration.ports.rows import DueAlarm
from integration.stores import bulk
from integration.stores.tables_operation import alarms
from integration.stores.transaction import Transaction


class SqlAlarms:
    """`AlarmStore` of one unit of work."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def gather(self, kind: str, text: str, advice: str, count: int = 1) -> None:
        """Count alarms of a kind; the newest words are told."""
        row = {
            "pair_id": self._tx.pair_id,
            "kind": kind,
            "text": text,
            "advice": advice,
            "gathered": count,
            "total": count,
            "last_at": self._tx.now,
        }
        bulk.upsert(self._tx, alarms, [row], ("pair_id", "kind"), added=("gathered", "total"))

    def any_due(self, every_ms: int) -> bool:
        """Whether `take` would give something."""
        return (
            self._tx.execute(sa.select(alarms.c.id).where(*self._due(every_ms)).limit(1)).first() is not None
        )

    def take(self, every_ms: int, lease_ms: int) -> list[DueAlarm]:
        """Claim what may be told: nothing of its kind was for `every_ms`. Untold, it is due again later."""
        claiming = sa.update(alarms).where(*self._due(every_ms)).values(claimed_until=self._tx.now + lease_ms)
        row = alarms.c
        taken = self._tx.execute(claiming.returning(row.id, row.kind, row.text, row.advice, row.gathered))
        return sorted(
            (DueAlarm(one.id, one.kind, one.text, one.advice, one.gathered) for one in taken),
            key=lambda alarm: alarm.id,
        )

    def told(self, heard: Sequence[DueAlarm]) -> None:
        """People have heard of these; what was gathered meanwhile stays."""
        for alarm in heard:
            self._tx.execute(
                sa.update(alarms)
                .where(alarms.c.id == alarm.id)
                .values(gathered=alarms.c.gathered - alarm.count, sent_at=self._tx.now, claimed_until=0)
            )

    def give_back(self, untold: Sequence[DueAlarm]) -> None:
        """People could not be reached: these are due at once."""
        self._tx.execute(
            sa.update(alarms).where(alarms.c.id.in_([alarm.id for alarm in untold])).values(claimed_until=0)
        )

    def _due(self, every_ms: int) -> tuple[sa.ColumnElement[bool], ...]:
        row, now = alarms.c, self._tx.now
        mine = self._tx.mine(alarms)
        return mine, row.gathered > 0, row.sent_at <= now - every_ms, row.claimed_until <= now
