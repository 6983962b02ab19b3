"""All pairs of one process, each with the parts its flows work with, made at first use."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from random import Random

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.connectors.pace import limiter_client
from integration.errors import ConfigurationFault
from integration.ports import Alarm, Bell, Clock, Gateway, Stores
from integration.ports.services import LineSettings, Mappings, Services, Tables
from integration.settings import PairSettings, Settings, encryption_keys
from integration.stores.unit_of_work import SqlStores
from integration.wiring.alarm_webhook import webhook_post
from integration.wiring.alarms import GroupedAlarm
from integration.wiring.clock import SystemClock, new_id
from integration.wiring.connections import Connections, Foundation, connect
from integration.wiring.field_facts import FieldFacts
from integration.wiring.line_settings import line_settings
from integration.wiring.mappings import MappedFields, MappingVersions, base_documents
from integration.wiring.organizations import Organizations
from integration.wiring.tables import SystemTables

NO_REDIS = "redis://127.0.0.1:1/0"
"""Nobody listens there: a command run while no Redis is known paces itself by its static share."""
PROCESSES = 8
"""How many processes share the limits when Redis is gone."""
WORKER_SECONDS, PERSON_SECONDS = 2.0, 30.0
"""How long a call waits for its turn: a worker has other work, a person at a command has not."""


@dataclass(frozen=True)
class WiredPair:
    """One pair: what the flows get, and the parts only this floor and the one above know."""

    settings: PairSettings
    services: Services
    connections: Connections
    mappings: MappingVersions
    tables: SystemTables
    organizations: Organizations
    sql: SqlStores

    def prepare(self, *sides: Side) -> None:
        """Make sure that these sides are the organisations they were, and that the mapping is loaded.

        Cheap when done before. Calls both systems the first time, so not to be called inside a unit of work.
        Raises ConfigurationFault when somebody must correct something, Retryable and its kin when a system
        cannot be asked now.
        """
        self.organizations.verify(*sides)
        self.mappings.live()
        if Side.ZOHO in sides:
            self.tables.refresh()


class Wiring:
    """Safe for threads. Nothing is connected, and no pair is made, before it is asked for."""

    def __init__(
        self, settings: Settings, bell: Bell, *, process_name: str, wait_seconds: float = WORKER_SECONDS
    ) -> None:
        self.settings = settings
        self.process_name = process_name
        self._wait_seconds = wait_seconds
        self._bell = bell
        self._clock = SystemClock()
        self._lock = threading.RLock()
        self._stores: dict[int, SqlStores] = {}
        self._pairs: dict[str, WiredPair] = {}
        self._redis = limiter_client(
            settings.redis_url.get_secret_value() if settings.redis_url else NO_REDIS
        )
        alert_url = settings.alert_webhook_url
        post = webhook_post(alert_url.get_secret_value()) if alert_url else None
        self.alarm = GroupedAlarm(self._stores_of, post, names=self._name_of)

    def pairs(self) -> list[WiredPair]:
        """All pairs of the settings."""
        return [self.pair(pair.name) for pair in self.settings.pairs]

    def pair(self, name: str) -> WiredPair:
        """The pair of that name; a new one is stored with its initial mode. Raises ConfigurationFault."""
        with self._lock:
            if name not in self._pairs:
                told = next((pair for pair in self.settings.pairs if pair.name == name), None)
                if told is None:
                    raise ConfigurationFault(
                        "pair.unknown",
                        f"the settings name no pair {name}",
                        advice="The settings know: " + ", ".join(pair.name for pair in self.settings.pairs),
                    )
                self._pairs[name] = self._wire(told)
            return self._pairs[name]

    def by_id(self, pair_id: int) -> WiredPair | None:
        """The pair with that id; None when the settings do not name it any more."""
        found = self._found(pair_id)
        if found is None and len(self._pairs) < len(self.settings.pairs):
            self.pairs()
            found = self._found(pair_id)
        return found

    def stores(self, pair: PairSettings) -> SqlStores:
        """The stores of a pair; pairs that settle equally long share connections."""
        settle_ms = round(pair.policies.settle_seconds * 1000)
        with self._lock:
            if settle_ms not in self._stores:
                keys = [key.get_secret_value() for key in encryption_keys(self.settings)]
                url = self.settings.database_url.get_secret_value()
                self._stores[settle_ms] = SqlStores(url, settle_ms=settle_ms, keys=keys)
            return self._stores[settle_ms]

    def close(self) -> None:
        """Send what alarms are noted, and let go of connections."""
        self.alarm.close()
        self._redis.close()
        for stores in self._stores.values():
            stores.close()

    def _processes(self) -> int:
        """On one machine that never had a Redis nothing else runs yet."""
        alone = self.settings.embedded and self.settings.redis_url is None
        return 1 if alone else PROCESSES

    def _found(self, pair_id: int) -> WiredPair | None:
        pairs = list(self._pairs.values())
        return next((pair for pair in pairs if pair.services.pair_id == pair_id), None)

    def _name_of(self, pair_id: int) -> str:
        found = self._found(pair_id)
        return found.settings.name if found else str(pair_id)

    def _stores_of(self, pair_id: int) -> Stores:
        found = self._found(pair_id)
        return found.sql if found else next(iter(self._stores.values()))

    def _wire(self, pair: PairSettings) -> WiredPair:
        stores, clock = self.stores(pair), self._clock
        pair_id = stores.ensure_pair(pair.name, Mode(pair.policies.initial_mode))
        key_fields = dict(LineSettings().key_fields)
        base = Foundation(pair_id, pair, stores, self._redis, clock, self._processes(), self._wait_seconds)
        fields = MappedFields(Side.SALESFORCE, key_fields[Side.SALESFORCE])
        connections = connect(base, fields, key_fields)
        facts = FieldFacts(pair_id, stores, connections.gateways, clock)
        mappings = MappingVersions(pair_id, stores, facts, key_fields, clock, base_documents(pair.policies))
        fields.follow(mappings)
        tables = SystemTables(connections.zoho.currency_codes, clock)
        services = _services(
            pair_id,
            pair.name,
            stores,
            connections,
            mappings,
            tables,
            self._bell,
            self.alarm,
            clock,
            line_settings(pair, key_fields, stores.engine.dialect.name),
        )
        organizations = Organizations(pair_id, stores, connections.gateways)
        return WiredPair(pair, services, connections, mappings, tables, organizations, stores)


def _services(
    pair_id: int,
    name: str,
    stores: Stores,
    connections: Connections,
    mappings: Mappings,
    tables: Tables,
    bell: Bell,
    alarm: Alarm,
    clock: Clock,
    line: LineSettings,
) -> Services:
    """Every concrete part goes through here as its Protocol, so that the type checker proves that it fits."""
    gateways: dict[Side, Gateway] = {**connections.gateways}
    return Services(
        pair_id=pair_id,
        pair=name,
        stores=stores,
        gateways=gateways,
        mappings=mappings,
        tables=tables,
        bell=bell,
        alarm=alarm,
        clock=clock,
        chance=Random(),
        line=line,
        new_id=new_id,
    )


def build_services(
    settings: Settings, pair_settings: PairSettings, bell: Bell, *, process_name: str
) -> Services:
    """What the flows of one pair work with, for a process that needs nothing else of `Wiring`.

    Call `services.mappings.live()` before the first flow: it loads the mapping.
    """
    return Wiring(settings, bell, process_name=process_name).pair(pair_settings.name).services
