"""A stand-in on free ports within this process, and independent clients for it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import grpc
import requests
from aiohttp import web
from simple_salesforce import Salesforce

from integration.sandbox.call_log import CallLog
from integration.sandbox.certificates import certificates_in, jwt_key_in
from integration.sandbox.clock import Clock
from integration.sandbox.faults import Faults
from integration.sandbox.salesforce import (
    RUNNER_OPTIONS,
    Incidents,
    OrgOptions,
    SalesforceOrg,
    routes,
    start_pubsub,
)

T = TypeVar("T")
HOST = "127.0.0.1"


@dataclass(frozen=True)
class SteppedClock(Clock):
    """Real time plus what a test has added; monotonic time goes along."""

    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead[0]

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead[0].total_seconds()

    def step(self, **span: float) -> None:
        self.ahead[0] += timedelta(**span)


class Running:
    """One org behind real sockets, on an event loop in a thread of its own."""

    def __init__(self, options: OrgOptions, folder: Path) -> None:
        self.faults, self.calls, self.clock = Faults(), CallLog(), SteppedClock()
        self.private_key_file, public_key = jwt_key_in(folder)
        self.options = OrgOptions(**{**vars(options), "jwt_public_key": public_key})
        self.org = SalesforceOrg(self.options, self.clock)
        self.incidents = Incidents(self.org)
        self.certificates = certificates_in(folder, ("localhost", HOST), datetime.now(UTC))
        self._sessions: list[requests.Session] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner: web.AppRunner | None = None
        self._pubsub: Any = None
        self.await_(self._start())

    def await_(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def do(self, work: Callable[[], T]) -> T:
        """Runs on the server's loop, where the org's state lives."""

        async def call() -> T:
            return work()

        return self.await_(call())

    async def _start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(routes(self.org, self.faults, self.calls))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, **RUNNER_OPTIONS)
        await self._runner.setup()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificates.leaf_file, self.certificates.key_file)
        site = web.TCPSite(self._runner, HOST, 0, ssl_context=tls)
        await site.start()
        self.url = f"https://{HOST}:{self._runner.addresses[0][1]}"
        self.org.sessions.instance_url = self.org.sessions.login_url = self.url
        pair = (self.certificates.key_pem, self.certificates.leaf_pem)
        credentials = grpc.ssl_server_credentials([pair])
        self._pubsub, port = await start_pubsub(self.org, HOST, 0, credentials, self.faults, self.calls)
        self.pubsub_endpoint = f"{HOST}:{port}"

    async def _stop(self) -> None:
        await self._pubsub.stop(0.1)
        if self._runner is None or self._runner.server is None:
            return
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._runner.cleanup()
        # Cut transports close their sockets in the next rounds of the loop, which is about to end.
        for _ in range(10):
            await asyncio.sleep(0)

    def close(self) -> None:
        for session in self._sessions:
            session.close()
        self.await_(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # -- clients --------------------------------------------------------------------------------

    def session(self) -> requests.Session:
        session = requests.Session()
        self._sessions.append(session)
        # Without this, REQUESTS_CA_BUNDLE of the environment wins over the file set here.
        session.trust_env = False
        session.verify = str(self.certificates.ca_file)
        return session

    @cached_property
    def http(self) -> requests.Session:
        """A session for calls that neither need nor leave cookies: its connection is kept."""
        return self.session()

    def token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.options.client_id,
            "client_secret": self.options.client_secret,
        }
        answer = self.http.post(f"{self.url}/services/oauth2/token", data=form, timeout=10)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def client(self, *, version: str = "61.0", client: str | None = "zsync") -> Any:
        session = self.session()
        if client:
            session.headers["Sforce-Call-Options"] = f"client={client}"
        return Salesforce(session_id=self.token(), instance_url=self.url, version=version, session=session)

    def events(self) -> list[dict[str, Any]]:
        return self.do(lambda: [dict(event.header) for event in self.org.log.events])
