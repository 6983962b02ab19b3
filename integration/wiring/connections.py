"""Connections of one pair: both gateways with their tokens, pace and limits, as the settings say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from integration.canonical.values import Side
from integration.connectors.http import Http, HttpLimits
from integration.connectors.pace import LimiterClient, RedisPace
from integration.connectors.pace_share import PaceLimits
from integration.connectors.salesforce.auth import Authenticator
from integration.connectors.salesforce.config import Flow, GatewayConfig, Login
from integration.connectors.salesforce.gateway import SalesforceGateway
from integration.connectors.tokens import RefreshLimits, TokenKeeper
from integration.connectors.zoho.client import ZohoClient, fetch_token
from integration.connectors.zoho.config import ZohoConfig
from integration.connectors.zoho.gateway import ZohoGateway
from integration.errors import ConfigurationFault
from integration.ports import Clock, Gateway, Pace
from integration.settings import PairSettings, SalesforceSettings, ZohoSettings
from integration.stores.unit_of_work import SqlStores

SALESFORCE_REFRESHES = RefreshLimits(most_per_window=30)
"""Salesforce names no limit for logins of servers; this keeps a loop of ours from becoming one of theirs."""

MOST_SECONDS = 15.0
"""How long a call lasts at most."""


@dataclass(frozen=True)
class Foundation:
    """What both connections of a pair stand on."""

    pair_id: int
    pair: PairSettings
    stores: SqlStores
    redis: LimiterClient
    clock: Clock
    processes: int
    wait_seconds: float


@dataclass(frozen=True)
class Connections:
    """Both systems of a pair."""

    salesforce: SalesforceGateway
    zoho: ZohoGateway
    salesforce_tokens: TokenKeeper
    zoho_tokens: TokenKeeper

    @property
    def gateways(self) -> Mapping[Side, Gateway]:
        """The gateways as the flows see them."""
        return {Side.SALESFORCE: self.salesforce, Side.ZOHO: self.zoho}


def connect(
    base: Foundation, fields: Mapping[str, Sequence[str]], key_fields: Mapping[Side, str]
) -> Connections:
    """Build both connections; nothing is called yet. `fields`: what to read of each Salesforce entity."""
    salesforce, salesforce_tokens = _salesforce(base, fields, key_fields[Side.SALESFORCE])
    zoho, zoho_tokens = _zoho(base, key_fields[Side.ZOHO])
    return Connections(salesforce, zoho, salesforce_tokens, zoho_tokens)


def _salesforce(
    base: Foundation, fields: Mapping[str, Sequence[str]], key_field: str
) -> tuple[SalesforceGateway, TokenKeeper]:
    told = base.pair.salesforce
    http = Http(http_limits(base.pair, str(told.ca_file) if told.ca_file else None))
    into = login(told)
    authenticator = Authenticator(into, http, base.clock)
    credentials = base.stores.credentials(base.pair_id, Side.SALESFORCE.value)
    tokens = TokenKeeper(
        credentials,
        authenticator.fetch,
        base.clock,
        SALESFORCE_REFRESHES,
        refresh_token=into.refresh_token if into.flow is Flow.REFRESH_TOKEN else "",
    )
    pace = _pace(base, Side.SALESFORCE, told.in_flight)
    config = GatewayConfig(
        fields=fields, client_name=told.client_name, key_field=key_field, api_version=told.api_version
    )
    return SalesforceGateway(config, http, tokens, pace, base.clock), tokens


def _zoho(base: Foundation, key_field: str) -> tuple[ZohoGateway, TokenKeeper]:
    told = base.pair.zoho
    http, config = Http(http_limits(base.pair)), zoho_config(told, key_field)
    credentials = base.stores.credentials(base.pair_id, Side.ZOHO.value)
    minute_ms = round(told.minute_seconds * 1000)
    refreshes = RefreshLimits(window_ms=10 * minute_ms, rest_ms=minute_ms // 3)
    fetch = partial(fetch_token, http, config)
    tokens = TokenKeeper(credentials, fetch, base.clock, refreshes, refresh_token=config.refresh_token)
    pace = _pace(base, Side.ZOHO, told.in_flight, told.per_minute, told.minute_seconds)
    return ZohoGateway(ZohoClient(http, tokens, pace, config), config), tokens


def with_patience(limits: PaceLimits) -> PaceLimits:
    """A batch waits for its share of the next minute, and for the slot of a worker that was killed."""
    return replace(limits, batch_wait_seconds=2 * max(limits.minute_seconds, limits.lease_seconds))


def _pace(
    base: Foundation, side: Side, in_flight: int, per_minute: int | None = None, minute_seconds: float = 60.0
) -> Pace:
    limits = PaceLimits(
        in_flight=in_flight,
        per_minute=per_minute,
        minute_seconds=minute_seconds,
        wait_seconds=base.wait_seconds,
        # Divided among more processes than calls may be in flight, the share of each would be none at all.
        processes=min(base.processes, in_flight),
    )
    usage = base.stores.usage(base.pair_id, side.value)
    return RedisPace(base.redis, f"{base.pair_id}:{side.value}", with_patience(limits), base.clock, usage)


def http_limits(pair: PairSettings, ca_file: str | None = None) -> HttpLimits:
    """A call must be over long before the claim it was made under."""
    return HttpLimits(call_seconds=min(MOST_SECONDS, pair.policies.lease_seconds / 4), ca_file=ca_file)


def login(told: SalesforceSettings) -> Login:
    """How to get into the org. Raises ConfigurationFault when the private key cannot be read."""
    return Login(
        flow=Flow(told.auth),
        login_url=told.login_url,
        client_id=told.client_id,
        client_secret=told.client_secret.get_secret_value() if told.client_secret else "",
        username=told.username or "",
        private_key=_private_key(told.private_key_file),
        refresh_token=told.refresh_token.get_secret_value() if told.refresh_token else "",
        instance_url=told.instance_url or "",
    )


def _private_key(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(
            "salesforce.private_key",
            f"the private key cannot be read: {type(error).__name__}",
            where="private_key_file",
            advice="Name a PEM file this process may read.",
        ) from None


def zoho_config(told: ZohoSettings, key_field: str) -> ZohoConfig:
    """The organisation as its connector is told."""
    return ZohoConfig(
        organization_id=told.organization_id,
        client_id=told.client_id,
        client_secret=told.client_secret.get_secret_value(),
        refresh_token=told.refresh_token.get_secret_value(),
        data_center=told.data_center,
        accounts_url=told.accounts_url or "",
        api_domain=told.api_domain or "",
        key_field=key_field,
        minute_seconds=told.minute_seconds,
    )
