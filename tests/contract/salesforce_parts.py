"""The Salesforce connector put together for a test, with its neighbours kept in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from integration.canonical.outcome import WorkClass
from integration.connectors.http import Http, HttpLimits
from integration.connectors.salesforce.auth import Authenticator
from integration.connectors.salesforce.config import Flow, GatewayConfig, Login
from integration.connectors.salesforce.gateway import SalesforceGateway
from integration.connectors.tokens import TokenKeeper
from integration.ports import CredentialStore, StoredToken
from tests.contract.sandbox_process import Sandbox

FIELDS = {
    "Account": (
        "Name", "Phone", "Website", "BillingStreet", "BillingCity", "BillingPostalCode", "BillingCountry",
        "BillingLatitude", "AnnualRevenue", "NumberOfEmployees", "Description", "Is_Active__c", "Zoho_Id__c",
    ),
    "Contact": (
        "FirstName", "LastName", "Email", "Phone", "MobilePhone", "Birthdate", "Is_Active__c", "Zoho_Id__c",
    ),
}  # fmt: skip
CLIENT = "unit-test-client"


class WallClock:
    """The real time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class CountingPace:
    """Lets every call through and remembers them."""

    def __init__(self) -> None:
        self.taken: list[WorkClass] = []
        self.paused: list[tuple[float, str]] = []

    @contextmanager
    def take(self, work: WorkClass, calls: int = 1) -> Iterator[None]:
        self.taken += [work] * calls
        yield

    def pause(self, seconds: float, scope: str) -> None:
        self.paused.append((seconds, scope))


class KeptToken:
    """The credential store's contract for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: StoredToken | None = None
        self._epoch = 0

    def current(self) -> StoredToken | None:
        return self._token

    def claim_refresh(self, seen_epoch: int, lease_ms: int, window_ms: int, most: int) -> int | None:
        with self._lock:
            if self._token is not None and self._token.epoch > seen_epoch:
                return None
            self._epoch += 1
            return self._epoch

    def store(self, token: StoredToken) -> bool:
        with self._lock:
            self._token = token
            return True

    def release(self, epoch: int, *, rest_ms: int = 0, sent: bool = True) -> None:
        """Nobody else waits."""


def login_of(sandbox: Sandbox, flow: Flow = Flow.CLIENT_CREDENTIALS, **changes: Any) -> Login:
    """How to get into the sandbox's org by one of the flows."""
    facts = sandbox.salesforce
    own: dict[Flow, dict[str, str]] = {
        Flow.CLIENT_CREDENTIALS: {"client_secret": facts["client_secret"]},
        Flow.JWT: {
            "username": facts["username"],
            "private_key": Path(facts["jwt_private_key_file"]).read_text(),
        },
        Flow.REFRESH_TOKEN: {
            "client_secret": facts["client_secret"],
            "refresh_token": facts["refresh_token"],
        },
    }
    given = {"login_url": facts["login_url"], "client_id": facts["client_id"], **own[flow]}
    return Login(flow=flow, **{**given, **changes})


class Connection:
    """A gateway on the sandbox's org with everything it stands on."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        seconds: float = 5.0,
        flow: Flow = Flow.CLIENT_CREDENTIALS,
        kept: CredentialStore | None = None,
        **changes: Any,
    ) -> None:
        self.sandbox = sandbox
        self.http = Http(HttpLimits(call_seconds=seconds, ca_file=sandbox.salesforce["ca_file"]))
        self.pace = CountingPace()
        self.clock = WallClock()
        login = login_of(sandbox, flow)
        self.authenticator = Authenticator(login, self.http, self.clock)
        self.tokens = TokenKeeper(
            kept or KeptToken(), self.authenticator.fetch, self.clock, refresh_token=login.refresh_token
        )
        config = GatewayConfig(**{"fields": FIELDS, "client_name": CLIENT, **changes})
        self.gateway = SalesforceGateway(config, self.http, self.tokens, self.pace, self.clock)

    def rest_calls(self) -> list[dict[str, Any]]:
        """Calls on the org's data, without describe and logins."""
        return [
            call
            for call in self.sandbox.calls("salesforce")
            if "/services/data/" in call["path"] and not call["path"].endswith("/describe")
        ]

    def close(self) -> None:
        """Let go of the connections."""
        self.http.session.close()
