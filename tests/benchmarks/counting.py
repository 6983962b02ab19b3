"""API calls per effective change, counted at both systems in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores
from tests.benchmarks.calls import SCENARIOS, Count, Scenario
from tests.benchmarks.figures import Figure, Result, Say
from tests.fakes.clock import FakeClock
from tests.flows.line import SETTLE_MS, Line


def measure_calls(say: Say) -> Result:
    """Every scenario on a line of its own, on SQLite."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="zoho-salesforce-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'lines.db'}"
        upgrade(url)
        clock = FakeClock()
        stores = SqlStores(url, settle_ms=SETTLE_MS, clock=clock.now_ms)
        try:
            for scenario in SCENARIOS:
                say(f"API calls: {scenario.name}")
                figures += _figures(scenario, scenario.count(Line(stores, clock)).calls)
        finally:
            stores.close()
    return Result("calls", tuple(figures))


def _figures(scenario: Scenario, calls: dict[Count, float]) -> list[Figure]:
    return [_figure(scenario, name, calls[name]) for name in Count]


def _figure(scenario: Scenario, name: Count, number: float) -> Figure:
    what = f"{name} · {scenario.name}"
    if name in scenario.exactly:
        promised = scenario.exactly[name]
        return Figure(what, number, "a change", f"target {promised:.2f}", number == promised)
    if name in scenario.most:
        most = scenario.most[name]
        return Figure(what, number, "a change", f"target at most {most:.2f}", number <= most)
    return Figure(what, number, "a change")
