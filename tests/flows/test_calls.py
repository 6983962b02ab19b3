"""What the line costs both systems: API calls per effective change, reads and writes apart."""

from __future__ import annotations

import pytest

from tests.benchmarks.calls import SCENARIOS, Scenario
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_calls_per_change(line: Line, scenario: Scenario) -> None:
    counted = scenario.count(line)
    assert scenario.holds(counted.calls), counted.calls
    assert not scenario.outcome or counted.ended >= scenario.changes, line.outcomes()
    assert_agreement(line)
