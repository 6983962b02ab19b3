"""The parts one pair's flows work with, carried as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from integration.canonical.values import Json, Side, Value
from integration.mapping.compile import CompiledMapping
from integration.policy.brake import Brake
from integration.policy.plan import DeletePolicy
from integration.ports.gateways import Alarm, Bell, Clock, Gateway
from integration.ports.stores import Stores


@dataclass(frozen=True)
class LineSettings:
    """How patient the line is; times in milliseconds."""

    settle_ms: int = 60_000
    write_lease_ms: int = 60_000
    read_lease_ms: int = 60_000
    scan_lease_ms: int = 120_000
    search_lag_ms: int = 30_000
    poll_ms: int = 60_000
    wait_limit_ms: int = 86_400_000
    retention_ms: int = 90 * 86_400_000
    most_attempts: int = 12
    batch: int = 50
    on_name_taken: str = "adopt"
    on_name_taken_individual: str = "pattern"
    name_pattern: str = "{name} ({email})"
    recreate_deleted: bool = False
    deletes: DeletePolicy = field(default_factory=DeletePolicy)
    brake: Brake = field(default_factory=Brake)
    streamed: tuple[str, ...] = ("Account", "Contact")
    key_fields: Mapping[Side, str] = field(
        default_factory=lambda: {Side.SALESFORCE: "Zoho_Id__c", Side.ZOHO: "cf_salesforce_id"}
    )


class Mappings(Protocol):
    """Compiled mapping versions of a pair."""

    def version(self, number: int) -> CompiledMapping:
        """That version, compiled once per process."""

    def live(self) -> CompiledMapping:
        """The newest version; a new one is noticed within seconds."""


class Tables(Protocol):
    """Named look-up tables of the systems, such as Zoho's currencies."""

    def lookup(self, name: str, key: str, *, inverse: bool) -> str | None:
        """The value for a key, or None."""


@dataclass(frozen=True)
class Services:
    """Everything one pair's flows need from outside."""

    pair_id: int
    pair: str
    stores: Stores
    gateways: Mapping[Side, Gateway]
    mappings: Mappings
    tables: Tables
    bell: Bell
    alarm: Alarm
    clock: Clock
    chance: Random
    line: LineSettings = field(default_factory=LineSettings)
    new_id: Callable[[], str] = lambda: ""


__all__ = ["Json", "LineSettings", "Mappings", "Services", "Tables", "Value"]
