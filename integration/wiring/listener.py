"""The listener process: follows Salesforce's event stream of every pair whose role it can get."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from random import Random
from typing import TypeVar

import structlog

from integration.canonical.values import Side
from integration.connectors.salesforce.change_events import topic_of
from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.pubsub import Listener, ListenerPort
from integration.error_reports import init_error_reports
from integration.errors import ClaimLost, ConfigurationFault, Fault, Unauthorized
from integration.flows.listen import LEASE_MS, ListenerRole, take_role
from integration.log import configure_logging, hide_tracebacks
from integration.settings import PairSettings
from integration.wiring.counters import METRICS, counters
from integration.wiring.pairs import WiredPair, Wiring

T = TypeVar("T")

log = structlog.get_logger(__name__)


def listen(wiring: Wiring) -> None:
    """Follow all pairs until SIGTERM or SIGINT; a fetch that is being stored then is stored to its end."""
    settings = wiring.settings
    configure_logging(settings.log.level, settings.log.format)
    hide_tracebacks()
    if settings.sentry_dsn is not None:
        init_error_reports(
            settings.sentry_dsn.get_secret_value(),
            environment="embedded" if settings.embedded else "production",
            release=version("zoho-salesforce"),
        )
    counters.share(settings.state_dir / METRICS)
    asyncio.run(_until_told(wiring))


async def _until_told(wiring: Wiring) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    holder = f"{socket.gethostname()}:{os.getpid()}"
    async with asyncio.TaskGroup() as group:
        for pair in wiring.settings.pairs:
            wire = partial(wiring.pair, pair.name)
            listener = PairListener(wire, pair.name, holder, lease_ms=role_lease_ms(pair))
            group.create_task(listener.run(stop))
    wiring.close()


class PairListener:
    """Stands by for the role of one pair, and listens while it has it."""

    def __init__(
        self, wire: Callable[[], WiredPair], name: str, holder: str, *, lease_ms: int = LEASE_MS
    ) -> None:
        self._wire = wire
        self._name = name
        self._holder = holder
        self._lease_ms = lease_ms
        self._chance = Random()

    async def run(self, stop: asyncio.Event) -> None:
        """Take the role whenever it is free, until `stop` is set."""
        while not stop.is_set():
            try:
                await self._turn(stop)
            except ClaimLost:
                log.warning("listener replaced", pair=self._name)
            except Fault as fault:
                await self._told(fault)
            # A third of a lease, and some: those that stand by shall not all ask at once.
            await _wait(stop, self._lease_ms / 3000 * self._chance.uniform(0.8, 1.2))

    async def _turn(self, stop: asyncio.Event) -> None:
        pair = await asyncio.to_thread(self._wire)
        await asyncio.to_thread(pair.organizations.verify, Side.SALESFORCE)
        role = await asyncio.to_thread(take_role, pair.services, self._holder, self._lease_ms)
        if role is None:
            return
        log.info("listener took over", pair=self._name, epoch=role.epoch)
        try:
            await self._listen(pair, role, stop)
        finally:
            # Not given back, it ends by itself; whoever has taken it is not disturbed.
            with suppress(Fault):
                await asyncio.to_thread(role.give_back)
            log.info("listener stopped", pair=self._name, epoch=role.epoch)

    async def _listen(self, pair: WiredPair, role: ListenerRole, stop: asyncio.Event) -> None:
        """Follow the stream and keep the role; whichever ends first ends the other."""
        halt = asyncio.Event()
        port = ListenerPort(role.sink, role.position, role.position_lost, role.fault)
        gateway = pair.connections.salesforce
        listener = Listener(
            stream_config(pair.settings, pair.organizations.known(Side.SALESFORCE)),
            pair.connections.salesforce_tokens,
            port,
            pair.services.clock,
            self._chance,
            gateway.describe.types,
        )
        following = asyncio.create_task(listener.run(halt))
        keeping = asyncio.create_task(self._keep(role))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({following, keeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            halt.set()
            keeping.cancel()
            stopping.cancel()
            await asyncio.gather(keeping, stopping, return_exceptions=True)
            await following

    async def _keep(self, role: ListenerRole) -> None:
        """Extend the lease while nothing arrives; returns when another process has the role."""
        while True:
            await asyncio.sleep(self._lease_ms / 3000)
            try:
                if not await asyncio.to_thread(role.keep):
                    log.warning("listener lost its role", pair=self._name, epoch=role.epoch)
                    return
            except Fault as fault:
                # Nobody else can take the role while SQL is away, and what is stored is fenced by it.
                log.warning("listener lease not extended", pair=self._name, error_code=fault.code)

    async def _told(self, fault: Fault) -> None:
        log.warning("listener waits", pair=self._name, error_code=fault.code)
        if isinstance(fault, ConfigurationFault | Unauthorized):
            with suppress(Fault):
                pair = await asyncio.to_thread(self._wire)
                advice = fault.advice or "Run `zoho-salesforce doctor`."
                pair.services.alarm.alert(pair.services.pair_id, f"listener.{fault.code}", str(fault), advice)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def role_lease_ms(pair: PairSettings) -> int:
    """Half of what others claim for: nothing is sent in this role, and nobody listens until it ends."""
    return round(pair.policies.lease_seconds * 500)


def stream_config(pair: PairSettings, organization_id: str) -> StreamConfig:
    """What to follow, and where; the bus wants to be told the org with every call."""
    told = pair.salesforce
    return StreamConfig(
        topics=[topic_of(entity) for entity in told.streamed],
        endpoint=told.pubsub_endpoint,
        tls=told.pubsub_tls,
        ca_file=str(told.ca_file or ""),
        organization_id=organization_id,
        watchdog_seconds=told.watchdog_seconds,
    )
