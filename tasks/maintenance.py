"""Keeps the line going: the sweep, and what is looked after every minute and every night."""

from __future__ import annotations

import structlog

from integration.canonical.values import Side
from integration.errors import Fault
from integration.flows import sweep as sweeping
from integration.flows.overrides import end_overdue_overrides
from integration.flows.retention import let_go
from integration.wiring import WiredPair
from integration.wiring.counters import count
from tasks import dead_letter
from tasks.app import app
from tasks.configuration import SWEEP
from tasks.running import SlotTask, on_pair, sealed
from tasks.slots import Report, insert_due, slot_task

SEAL_ROWS = 2_000
SEAL_ROUNDS = 10
USAGE_KEPT_MS = 2 * 86_400_000
USAGE_SLICE_MS = 3_600_000
RUNS_KEPT_MS = 14 * 86_400_000

log = structlog.get_logger(__name__)


@app.task(name=SWEEP, base=SlotTask)
def sweep() -> None:
    """Every few seconds: ring for what lost its wake-up or its lease, start due jobs, seal the audit log."""
    for pair in app.wiring.pairs():
        try:
            with sealed(SWEEP):
                on_pair(pair.services.pair_id, _sweep)
        except Fault as fault:  # told by `sealed`; the other pairs are swept all the same
            log.warning("sweep of a pair failed", pair=pair.settings.name, error_code=fault.code)


def _sweep(pair: WiredPair) -> None:
    services = pair.services
    for queue, number in sweeping.sweep(services).due.items():
        count("sweep_rings_total", queue=queue)
        log.debug("rung by the sweep", queue=queue, count=number)
    for job in insert_due(pair):
        services.bell.ring(job, services.pair_id)
    if _catch_up_is_open(pair):
        services.bell.ring("catch-up", services.pair_id)
    if dead_letter.is_wanted(pair):
        services.bell.clear("dead-letter", services.pair_id)
        services.bell.ring("dead-letter", services.pair_id)
    services.alarm.due(services.pair_id)
    _seal(pair)


def _catch_up_is_open(pair: WiredPair) -> bool:
    with pair.services.stores.reading(pair.services.pair_id) as uow:
        cursors = uow.cursors.all(Side.SALESFORCE)
    return any(cursor.name.startswith("catch-up:") and cursor.run.get("open") for cursor in cursors)


def _seal(pair: WiredPair) -> None:
    """Chain audit rows within seconds, in steps that do not hold up others."""
    for _ in range(SEAL_ROUNDS):
        with pair.services.stores.begin(pair.services.pair_id, "audit.seal") as uow:
            sealed_rows = uow.audit.seal(SEAL_ROWS)
        if sealed_rows < SEAL_ROWS:
            return


@slot_task("maintenance.housekeeping", "housekeeping")
def housekeeping(pair: WiredPair) -> Report:
    """End overrides by date, let what waited too long be seen, try again what was stopped for its token."""
    pair.prepare()
    ended = end_overdue_overrides(pair.services)
    overdue = sweeping.end_overdue_waits(pair.services)
    lifted = sweeping.lift_unauthorized(pair.services)
    pair.services.bell.ring("dead-letter", pair.services.pair_id)
    return {"overdue_waits": overdue, "ended_overrides": ended, "lifted": [side.value for side in lifted]}


@slot_task("maintenance.retention", "retention")
def retention(pair: WiredPair) -> Report:
    """Remove what ended long ago, and the calls counted in windows nobody asks about any more."""
    services = pair.services
    before = services.clock.now_ms() - services.line.retention_ms
    calls = sum(pair.sql.usage(services.pair_id, side.value).forget(before) for side in Side)
    return {**let_go(services, RUNS_KEPT_MS), "calls": calls}


@slot_task("maintenance.nightly", "nightly")
def nightly(pair: WiredPair) -> Report:
    """Make counted calls of past days into sums."""
    now = pair.services.clock.now_ms()
    return {
        side.value: pair.sql.usage(pair.services.pair_id, side.value).compact(
            now - USAGE_KEPT_MS, USAGE_SLICE_MS
        )
        for side in Side
    }
