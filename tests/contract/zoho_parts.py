"""The Zoho connector put together for a test, over the real limiter."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json
from integration.connectors.http import Http, HttpLimits
from integration.connectors.pace import RedisPace, limiter_client
from integration.connectors.pace_share import PaceLimits
from integration.connectors.tokens import TokenKeeper
from integration.connectors.zoho.client import ZohoClient, fetch_token
from integration.connectors.zoho.config import ZohoConfig
from integration.connectors.zoho.gateway import ZohoGateway
from integration.ports import FindAnswer, FindRequest, ReadRequest, WriteAnswer, WriteRequest
from tests.contract.salesforce_parts import KeptToken, WallClock
from tests.contract.sandbox_process import Sandbox, running_sandbox

EVENT = WorkClass.EVENT
KEY = "001Sb00000000AAAA1"
ACME = {
    "contact_name": "Acme Widgets", "company_name": "Acme Widgets", "customer_sub_type": "business",
    "website": "https://acme.example", "payment_terms": 30, "cf_region": "North", "cf_key_account": True,
    "billing_address.address": "1 Main Street", "billing_address.city": "Springfield",
    "billing_address.street2": None, "billing_address.state": "", "billing_address.zip": "01101",
    "billing_address.country": "U.S.A.", "currency_code": "EUR",
    "primary_person.first_name": "Ada", "primary_person.last_name": "Sample",
    "primary_person.email": "ada@acme.example", "primary_person.phone": "+1 555 0100",
}  # fmt: skip
GENEROUS = PaceLimits(in_flight=50, lease_seconds=5)
_names = itertools.count(1)
_kept: dict[str, KeptToken] = {}
"""Tokens by accounts server: it hands out ten in ten minutes, and all tests share one sandbox."""


class OneUsage:
    """Counts calls in memory: the first of a fresh limiter need not wait for a window."""

    def __init__(self) -> None:
        self.added: list[tuple[WorkClass, int, int]] = []

    def add(self, work: WorkClass, calls: int, at_ms: int) -> None:
        self.added.append((work, calls, at_ms))

    def since(self, at_ms: int) -> int:
        return sum(calls for _, calls, at in self.added if at >= at_ms)


@dataclass
class Connected:
    """A gateway with what stands behind it."""

    sandbox: Sandbox
    gateway: ZohoGateway
    client: ZohoClient
    keeper: TokenKeeper
    pace: RedisPace
    usage: OneUsage

    def write(self, operation: Operation, entity: str = "contact", **request: Any) -> WriteAnswer:
        """One write; its fault is raised."""
        [answer] = self.gateway.write([WriteRequest(entity, operation, **request)], EVENT)
        if answer.fault is not None:
            raise answer.fault
        return answer

    def create(self, fields: Mapping[str, Json], **request: Any) -> WriteAnswer:
        return self.write(Operation.CREATE, fields=fields, **request)

    def read(self, record_id: str) -> tuple[NativeRecord, ...]:
        """The contact and its persons."""
        [answer] = self.gateway.read([ReadRequest("contact", record_id)], EVENT)
        if answer.fault is not None:
            raise answer.fault
        return answer.records

    def find(self, **request: str) -> FindAnswer:
        [answer] = self.gateway.find([FindRequest("contact", **request)], EVENT)
        if answer.fault is not None:
            raise answer.fault
        return answer

    def api_calls(self) -> list[tuple[str, str]]:
        """Method and path below the API's base of every call so far, token requests left out."""
        base = "/inventory/v1"
        return [
            (call["method"], call["path"].removeprefix(base))
            for call in self.sandbox.calls("zoho")
            if call["path"].startswith(base)
        ]


def config_for(sandbox: Sandbox, **changes: Any) -> ZohoConfig:
    """The configuration a sandbox's first line asks for."""
    told = sandbox.zoho
    found = ZohoConfig(
        organization_id=told["organization_id"],
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        refresh_token=told["refresh_token"],
        accounts_url=told["accounts_url"],
        custom_fields=frozenset({"cf_key_account", "cf_region"}),
    )
    return replace(found, **changes)


class Connector:
    """Makes gateways and closes their connections at the end of the test."""

    def __init__(self, redis_url: str, closing: ExitStack) -> None:
        self._redis_url = redis_url
        self._closing = closing

    def __call__(
        self, sandbox: Sandbox, limits: PaceLimits = GENEROUS, *, call_seconds: float = 5.0, **changes: Any
    ) -> Connected:
        """A gateway of its own: limiter and memory are new, the token is the one of the sandbox."""
        config = config_for(sandbox, **changes)
        http = Http(HttpLimits(call_seconds=call_seconds))
        redis = limiter_client(self._redis_url)
        self._closing.callback(http.close)
        self._closing.callback(redis.close)
        clock, usage = WallClock(), OneUsage()
        kept = _kept.setdefault(config.accounts, KeptToken())
        keeper = TokenKeeper(kept, partial(fetch_token, http, config), clock)
        pace = RedisPace(redis, f"test{next(_names)}:zoho", limits, clock, usage)
        client = ZohoClient(http, keeper, pace, config)
        return Connected(sandbox, ZohoGateway(client, config), client, keeper, pace, usage)


@pytest.fixture
def connect(redis_url: str) -> Iterator[Connector]:
    """Makes gateways for this test."""
    with ExitStack() as closing:
        yield Connector(redis_url, closing)


@pytest.fixture
def zoho(sandbox: Sandbox, connect: Connector) -> Connected:
    return connect(sandbox)


@pytest.fixture(scope="module")
def plain_process() -> Iterator[Sandbox]:
    """An organisation without keyed upsert and without field definitions, where filters lag."""
    switches = ("zoho_keyed_upsert=false", "zoho_settings_fields=false", "zoho_search_lag_seconds=0")
    arguments = [part for switch in switches for part in ("--switch", switch)]
    with running_sandbox("--no-salesforce", "--zoho-per-minute", "100000", *arguments) as running:
        yield running


@pytest.fixture
def plain(plain_process: Sandbox, connect: Connector) -> Connected:
    plain_process.reset()
    return connect(plain_process)
