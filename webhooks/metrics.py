"""Figures for Prometheus: counters of all processes of this machine, and what stands in SQL."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from integration.errors import Retryable
from integration.wiring import Wiring
from integration.wiring.counters import counters

PREFIX = "zoho_salesforce_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
MEANINGS = {
    "webhooks_accepted_total": "Webhooks stored for the first time.",
    "webhooks_repeated_total": "Webhooks that were known already.",
    "webhooks_refused_total": "Requests answered 4xx, by reason.",
    "webhooks_failed_total": "Requests answered 503, by reason.",
    "bell_rings_total": "Wake-ups published.",
    "bell_failures_total": "Wake-ups given up because Redis did not answer.",
    "line_lanes_total": "Lanes worked, by stage.",
    "line_writes_total": "Outbox rows taken, by side.",
    "sweep_rings_total": "Rings by the sweep for work that had not been taken.",
    "tasks_failed_total": "Tasks that ended with an error.",
    "tasks_put_off_total": "Tasks that left their work for later, by fault.",
    "cases_total": "Dead letters and exceptions announced, by kind.",
}

log = structlog.get_logger(__name__)


def routes(wiring: Wiring) -> Blueprint:
    """`/metrics`, for this machine only: behind a proxy all look local, so what was forwarded is refused."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def metrics() -> ResponseReturnValue:
        if request.remote_addr not in LOOPBACK or "X-Forwarded-For" in request.headers:
            abort(403)
        registry = CollectorRegistry()
        registry.register(CounterFigures())
        registry.register(LineFigures(wiring))
        return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")

    return blueprint


class CounterFigures(Collector):
    """What the processes of this machine have counted."""

    def collect(self) -> Iterable[Metric]:
        """One family a name."""
        families: dict[str, CounterMetricFamily] = {}
        for (name, labels), value in sorted(counters.totals().items()):
            meaning = MEANINGS.get(name, name)
            keys = [key for key, _ in labels]
            family = families.setdefault(name, CounterMetricFamily(PREFIX + name, meaning, labels=keys))
            family.add_metric([text for _, text in labels], value)
        return families.values()


class LineFigures(Collector):
    """What stands in SQL: it is the same whichever process is asked."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def collect(self) -> Iterable[Metric]:
        """How much waits, for how long, and which sides are held; nothing while SQL is away."""
        due = _gauge("due", "Work that could be taken now, by stage.", "pair", "stage")
        oldest = _gauge("oldest_unended_event_seconds", "Age of the oldest event without an outcome.", "pair")
        held = _gauge("held", "Whether writing to a side is held.", "pair", "side")
        try:
            for pair in self._wiring.pairs():
                services = pair.services
                with services.stores.reading(services.pair_id) as uow:
                    for stage, number in uow.lanes.due().items():
                        due.add_metric([services.pair, stage], number)
                    since = uow.inbox.oldest_unended()
                    oldest.add_metric([services.pair], (uow.now - since) / 1000 if since else 0)
                    for side, reason in uow.pairs.state().held.items():
                        held.add_metric([services.pair, side.value], 1 if reason else 0)
        except Retryable as fault:
            log.warning("figures left out", error_code=fault.code)
        return (due, oldest, held)


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, meaning, labels=list(labels))
