"""What the connections of a pair are limited by."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import WorkClass
from integration.settings import ZohoSettings
from integration.wiring.connections import zoho_pace


@pytest.mark.parametrize("minute_seconds", [1.0, 60.0])
def test_a_batch_is_patient_enough_for_the_next_minute_and_a_killed_worker(minute_seconds: float) -> None:
    """`reconcile` and the nightly sweep make more calls than a minute has."""
    told = ZohoSettings(
        organization_id="10234695",
        client_id="id",
        client_secret="secret",
        refresh_token="token",
        minute_seconds=minute_seconds,
    )
    limits = zoho_pace(told, processes=4)
    assert limits.patience(WorkClass.BATCH) > max(minute_seconds, limits.lease_seconds)
    assert limits.patience(WorkClass.EVENT) < 5
    assert limits.patience(WorkClass.LOOKUP) < 5
