"""What the demo is told, and the figures it states."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAIR = "demo"
SAVED_RULE = "contact-saved"
DELETED_RULE = "contact-deleted"

LOST, DOUBLED, LATE = 0.03, 0.03, 0.04
"""Shares of webhooks that chance loses, sends twice, sends late: one in ten in all."""
LATE_SECONDS = (1.0, 4.0)


@dataclass(frozen=True)
class DemoOptions:
    """`minute_seconds` is how long a "minute" of the API limits lasts: the limits are the real ones, on a
    shorter clock.

    `customers` is the number in each system before anything is joined.
    """

    once: bool = False
    as_json: bool = False
    seed: int = 7
    customers: int = 320
    state_dir: Path | None = None
    keep: bool = False
    database_url: str = ""
    minute_seconds: float = 1.0
    per_minute: int = 100
    in_flight: int = 10
    zoho_daily: int = 10_000
    salesforce_daily: int = 100_000
    poll_seconds: float = 3.0
    sweep_seconds: float = 1.0
    settle_seconds: float = 3.0
    lease_seconds: float = 10.0
    search_lag_seconds: float = 1.0
    join_deadline_seconds: float = 150.0
    settle_deadline_seconds: float = 120.0
    waves: int = 12
    wave_seconds: float = 0.6

    @property
    def limits_told(self) -> str:
        """The limits as people read them."""
        return (
            f"Zoho Inventory {self.per_minute} calls a minute, {self.in_flight} at a time, "
            f"{self.zoho_daily} a day; Salesforce {self.salesforce_daily} a day. "
            f"The limit's minute lasts {self.minute_seconds:g} s here; the limits themselves are not raised."
        )
