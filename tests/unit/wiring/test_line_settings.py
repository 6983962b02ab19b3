"""What the settings say is what the line works by."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from integration.settings import PolicySettings
from integration.wiring.line_settings import line_settings
from tests.unit.wiring.sample import sample_pair

DAY_MS = 86_400_000


@pytest.mark.parametrize("days", [7, 90, 365.5])
def test_what_ended_is_kept_for_as_many_days_as_were_set(days: float) -> None:
    pair = sample_pair().model_copy(update={"policies": PolicySettings(retention_days=days)})
    assert line_settings(pair, {}, "sqlite").retention_ms == days * DAY_MS


def test_less_than_a_week_is_refused() -> None:
    with pytest.raises(ValidationError):
        PolicySettings(retention_days=6.9)
