"""Waiting for the line to come to rest, seen from its own store and from the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from integration.canonical.outcome import EventState
from integration.canonical.values import Side
from integration.demo.progress import Progress
from integration.demo.sandbox_admin import SandboxAdmin
from integration.demo.stopping import Stopping
from integration.errors import Fault, Retryable
from integration.ports.services import Services

TICK_SECONDS = 0.5
UNENDED = (EventState.RECEIVED.value, EventState.QUEUED.value, EventState.WAITING.value)
STAGES = ("received", "ready", "dirty", "planned", "salesforce", "zoho")


@dataclass(frozen=True)
class Standing:
    """Where the line stands: events, those without an end, work at each stage, webhooks on their way."""

    events: int
    unended: int
    depths: tuple[tuple[str, int], ...]
    webhooks: int

    @property
    def idle(self) -> bool:
        """Nothing is under way anywhere."""
        return not self.unended and not self.webhooks and not any(count for _, count in self.depths)

    def told(self) -> dict[str, int]:
        """The figures for a progress line."""
        return {"events": self.events, "not_ended": self.unended} | {
            name: count for name, count in self.depths if count
        }


def standing(services: Services, admin: SandboxAdmin) -> Standing:
    """Look once."""
    with services.stores.reading(services.pair_id) as uow:
        outcomes = uow.inbox.outcomes()
        depths = uow.reports.depths()
    return Standing(
        events=sum(outcomes.values()),
        unended=sum(outcomes.get(state, 0) for state in UNENDED),
        depths=tuple((name, depths.get(name, 0)) for name in STAGES),
        webhooks=admin.webhook_counts().get("pending", 0),
    )


def await_rest(
    services: Services,
    admin: SandboxAdmin,
    progress: Progress,
    stopping: Stopping,
    *,
    quiet_seconds: float,
    deadline_seconds: float,
) -> Standing:
    """Until nothing was under way and nothing arrived for so long.

    Raises Retryable at the deadline, DemoStoppedError when the demo is to end.
    """
    ends = monotonic() + deadline_seconds
    last, since = standing(services, admin), monotonic()
    while True:
        progress.figures(**last.told())
        if last.idle and monotonic() - since >= quiet_seconds:
            return last
        if monotonic() > ends:
            raise not_settled(services, last, deadline_seconds)
        stopping.pause(TICK_SECONDS)
        now = standing(services, admin)
        if not now.idle or now != last:
            since = monotonic()
        last = now


def census_done(services: Services) -> bool:
    """Whether every record of both sides was listed and read, so that what is missing may be created."""
    with services.stores.reading(services.pair_id) as uow:
        cursors = [uow.cursors.get(side, "census") for side in Side]
    return all(cursor is not None and cursor.watermark for cursor in cursors)


def await_true(
    condition: Callable[[], bool], stopping: Stopping, *, what: str, deadline_seconds: float
) -> None:
    """Until the condition holds.

    Raises Retryable at the deadline, DemoStoppedError when the demo is to end.
    """
    ends = monotonic() + deadline_seconds
    while not condition():
        if monotonic() > ends:
            raise Retryable(
                "demo.deadline",
                f"not within {deadline_seconds:g} s: {what}",
                advice="See the logs of the processes; a slow machine may need a longer run without --once.",
            )
        stopping.pause(TICK_SECONDS)


def not_settled(services: Services, last: Standing, seconds: float) -> Fault:
    """What still stands where when the time was up."""
    with services.stores.reading(services.pair_id) as uow:
        pair = uow.pairs.state()
    held = {side.value: reason for side, reason in pair.held.items() if reason}
    return Retryable(
        "demo.not_settled",
        f"the line did not come to rest within {seconds:g} s",
        advice="`events list --open` and the logs of the processes tell what it waits for.",
        evidence={**last.told(), "webhooks": last.webhooks, "held": str(held or "")},
    )
