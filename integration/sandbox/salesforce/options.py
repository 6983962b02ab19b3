"""What one simulated org is set up with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.salesforce.switches import SalesforceSwitches


@dataclass(frozen=True)
class OrgOptions:
    """Identity, credentials and schema of an org; its settings and unverified facts are the switches."""

    client_id: str = "3MVG9sandbox.connected.app"
    client_secret: str = "sandbox-client-secret"  # noqa: S105
    username: str = "integration@sandbox.example"
    person_username: str = "person@sandbox.example"
    refresh_token: str = "5Aep861sandbox.refresh.token"  # noqa: S105
    password: str = "sandbox-password"  # noqa: S105
    security_token: str = "SandboxSecurityToken1234"  # noqa: S105
    jwt_public_key: str | None = None
    """PEM of the key or certificate that signs JWT bearer assertions."""
    api_version: str = "61.0"
    org_name: str = "Sandbox Trading Company"
    daily_api_requests: int = 100_000
    event_retention_seconds: float = 72 * 3600.0
    event_channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Custom channels: `Name__chn` → objects."""
    platform_events: tuple[str, ...] = ()
    """Names like `Something__e`; each has one text field `Payload__c`."""
    definitions: tuple[Mapping[str, Any], ...] = ()
    """More objects and fields, see `Schema.declare`."""
    seed: int = 7
    switches: SalesforceSwitches = field(default_factory=SalesforceSwitches)

    @property
    def currencies(self) -> tuple[str, ...]:
        """ISO codes of a multi-currency org, corporate first; empty for one currency."""
        return names_in(self.switches.currencies)

    @property
    def event_entities(self) -> tuple[str, ...]:
        """Objects selected for Change Data Capture on the standard channels."""
        return names_in(self.switches.event_entities)


def names_in(text: str) -> tuple[str, ...]:
    """The names of a comma-separated list."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
