"""Runs of jobs: a row for each (job, slot), claimed by whoever runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from integration.canonical.values import Json, Side
from integration.ports import Cursor
from integration.wiring import WiredPair
from tasks.running import SlotTask, pair_task
from tasks.schedule import JOBS, job_named

BEGAN = "schedule began"

Report = Mapping[str, Json]

log = structlog.get_logger(__name__)


def insert_due(pair: WiredPair) -> list[str]:
    """Insert a row for every slot that has begun; returns the jobs whose row waits for somebody to run it.

    A slot that had begun before the pair was first scheduled is left out: nothing was missed in it.
    """
    services = pair.services
    with services.stores.begin(services.pair_id, "schedule") as uow:
        cursor = uow.cursors.get(Side.SALESFORCE, BEGAN)
        if cursor is None:
            cursor = Cursor(BEGAN, Side.SALESFORCE, watermark=uow.now)
            uow.cursors.put(cursor)
        due = [job for job in JOBS if job.slot_begins(pair.settings, uow.now) >= cursor.watermark]
        # A lease of no time inserts the row, or finds one whose runner is gone.
        return [
            job.name
            for job in due
            if uow.pairs.start_run(job.name, job.slot(pair.settings, uow.now), 0) is not None
        ]


def slot_task(name: str, job_name: str) -> Callable[[Callable[[WiredPair], Report]], Any]:
    """Make a task that runs the present slot of a job, unless somebody does or did; it takes the pair's id.

    A slot whose work failed is run again when its lease has ended, if it has not passed by then.
    """
    job = job_named(job_name)

    def decorate(work: Callable[[WiredPair], Report]) -> Any:
        def run(pair: WiredPair) -> None:
            services = pair.services
            with services.stores.begin(services.pair_id, "run.start") as uow:
                slot = job.slot(pair.settings, uow.now)
                run_id = uow.pairs.start_run(job.name, slot, job.lease_ms)
            if run_id is None:
                return
            report = work(pair)
            with services.stores.begin(services.pair_id, "run.end") as uow:
                uow.pairs.end_run(run_id, report)
            log.info("run done", job=job.name, slot=slot)

        run.__doc__ = work.__doc__
        return pair_task(name, bell=job_name, base=SlotTask)(run)

    return decorate
