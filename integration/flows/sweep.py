"""Sweep: ring for whatever lost its wake-up or its lease, and let what waited too long be seen."""

from __future__ import annotations

from dataclasses import dataclass

from integration.canonical.values import Side
from integration.errors import Fault
from integration.flows.bench import Bench
from integration.flows.census import complete_census
from integration.ports.services import Services


@dataclass(frozen=True)
class Swept:
    """Queues that were rung, with how much was due there."""

    due: dict[str, int]


def sweep(services: Services) -> Swept:
    """Ring every queue that has due work; the flag of the bell is ignored, so a lost ring costs one sweep."""
    complete_census(services)
    with services.stores.reading(services.pair_id) as uow:
        due = uow.lanes.due()
    queues = {
        "events": sum(due.get(k, 0) for k in ("received", "ready", "dirty", "planned")),
        "salesforce": due.get("salesforce", 0),
        "zoho": due.get("zoho", 0),
    }
    for queue, count in queues.items():
        if count:
            services.bell.clear(queue, services.pair_id)
            services.bell.ring(queue, services.pair_id)
    return Swept({queue: count for queue, count in queues.items() if count})


def end_overdue_waits(services: Services) -> int:
    """A wait of more than a day is an exception; returns how many were."""
    total = 0
    while told := _tell_overdue(services, services.line.batch):
        total += told
    return total


def _tell_overdue(services: Services, limit: int) -> int:
    with services.stores.begin(services.pair_id, "sweep.waits") as uow:
        bench = Bench.open(services, uow)
        overdue = uow.cases.take_overdue_waits(uow.now - services.line.wait_limit_ms, limit)
        for lane_id, binding_id, record in overdue:
            bench.ask(
                lane_id,
                binding_id,
                "wait too long",
                "a record this one refers to was not bound within the wait limit",
                "Look at the other record first; this one goes on by itself once that is bound.",
                [{"needs": record}],
                digest=record,
            )
        bench.end_events()
    bench.ring()
    return len(overdue)


def lift_unauthorized(services: Services) -> list[Side]:
    """A side held because of its token goes on once the token is accepted again."""
    lifted = []
    with services.stores.reading(services.pair_id) as uow:
        held = uow.pairs.state().held
    for side in Side:
        if not held[side].startswith("unauthorized:"):
            continue
        try:
            services.gateways[side].organization_id()
        except Fault:
            continue
        with services.stores.begin(services.pair_id, "sweep.lift") as uow:
            uow.pairs.hold(side, "")
        lifted.append(side)
    return lifted
