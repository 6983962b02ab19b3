"""The policies of a pair as the line works by them."""

from __future__ import annotations

from collections.abc import Mapping

from integration.canonical.values import Side
from integration.policy.brake import Brake
from integration.policy.plan import DeletePolicy
from integration.ports.services import LineSettings
from integration.settings import BrakeSettings, PairSettings

AFTER_DELETE = {"deactivate": "deactivate", "ignore": "keep", "exception": "exception"}
"""What becomes of a customer whose partner was deleted."""
DAY_SECONDS = 86_400
BATCH = {"postgresql": 200, "sqlite": 50}
"""Lanes a unit of work takes: as many as a call to Salesforce holds. SQLite has one writer at a time, and the
receiver is one of those who wait for it.
"""


def line_settings(pair: PairSettings, key_fields: Mapping[Side, str], engine: str) -> LineSettings:
    """How patient the line is with this pair, in milliseconds, how much it takes at once over that kind of
    database, and what it decides by itself.
    """
    policies = pair.policies
    lease_ms = _ms(policies.lease_seconds)
    return LineSettings(
        write_lease_ms=lease_ms,
        read_lease_ms=lease_ms,
        scan_lease_ms=2 * lease_ms,
        settle_ms=_ms(policies.settle_seconds),
        search_lag_ms=_ms(policies.search_lag_seconds),
        poll_ms=_ms(policies.poll_seconds),
        wait_limit_ms=_ms(policies.wait_limit_seconds),
        batch=BATCH[engine],
        retention_ms=_ms(policies.retention_days * DAY_SECONDS),
        on_name_taken=policies.on_name_taken,
        on_name_taken_individual=policies.on_name_taken_individual,
        name_pattern=policies.name_pattern,
        recreate_deleted=policies.recreate_deleted,
        deletes=DeletePolicy(customer=AFTER_DELETE[policies.on_delete]),
        brake=_brake(policies.brake),
        streamed=pair.salesforce.streamed,
        key_fields=key_fields,
    )


def _brake(brake: BrakeSettings) -> Brake:
    return Brake(window_ms=_ms(brake.window_seconds), harm=brake.deactivations, share=brake.changed_share)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
