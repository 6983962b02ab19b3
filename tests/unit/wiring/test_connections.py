"""What the connections of a pair are limited by."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import WorkClass
from integration.connectors.pace_share import PaceLimits
from integration.wiring.connections import with_patience


@pytest.mark.parametrize("minute_seconds", [1.0, 60.0])
def test_a_batch_is_patient_enough_for_the_next_minute_and_a_killed_worker(minute_seconds: float) -> None:
    """`reconcile` and the nightly sweep make more calls than a minute has."""
    limits = with_patience(PaceLimits(in_flight=10, per_minute=100, minute_seconds=minute_seconds))
    assert limits.patience(WorkClass.BATCH) > max(minute_seconds, limits.lease_seconds)
    assert limits.patience(WorkClass.EVENT) < 5
    assert limits.patience(WorkClass.LOOKUP) < 5
