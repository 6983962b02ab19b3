"""Which jobs there are, and when each is due.

Beat knows only the sweep. The sweep inserts a row for every (job, slot) that has begun and rings the job's
bell; the row is unique, so neither a second beat nor a doubled or lost message does harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from integration.settings import PairSettings

DAY_MS = 86_400_000
NIGHT_MS = 2 * 3_600_000
"""Nightly jobs begin at two in the morning, UTC."""
STREAMED_SECONDS = 900.0
HOUSEKEEPING_SECONDS = 60.0


@dataclass(frozen=True)
class Job:
    """A job of one pair; its name is also the name of its ring. `lease_ms`: how long a run may take."""

    name: str
    every_ms: Callable[[PairSettings], int]
    lease_ms: int
    offset_ms: int = 0

    def slot_begins(self, pair: PairSettings, now_ms: int) -> int:
        """When the slot began that holds this instant, epoch milliseconds."""
        every = self.every_ms(pair)
        return (now_ms - self.offset_ms) // every * every + self.offset_ms

    def slot(self, pair: PairSettings, now_ms: int) -> str:
        """The name of that slot: its beginning."""
        begins = datetime.fromtimestamp(self.slot_begins(pair, now_ms) / 1000, UTC)
        return begins.isoformat(timespec="milliseconds")


def _seconds(seconds: float) -> Callable[[PairSettings], int]:
    return lambda _pair: round(seconds * 1000)


def _poll(pair: PairSettings) -> int:
    return round(pair.policies.poll_seconds * 1000)


JOBS = (
    Job("poll-zoho", _poll, 120_000),
    Job("poll-salesforce", _poll, 120_000),
    Job("poll-streamed", _seconds(STREAMED_SECONDS), 600_000),
    Job("housekeeping", _seconds(HOUSEKEEPING_SECONDS), 60_000),
    Job("id-sweep", _seconds(DAY_MS / 1000), 3_600_000, NIGHT_MS),
    Job("retention", _seconds(DAY_MS / 1000), 3_600_000, NIGHT_MS),
    Job("nightly", _seconds(DAY_MS / 1000), 600_000, NIGHT_MS),
)


def job_named(name: str) -> Job:
    """The job of that name."""
    return next(job for job in JOBS if job.name == name)
