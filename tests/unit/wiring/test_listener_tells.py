"""What keeps a listener from listening and does not mend itself is told to people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.connectors.salesforce.config import StreamConfig
from integration.connectors.salesforce.gateway import SalesforceGateway
from integration.errors import ConfigurationFault, Fault, Retryable, Unauthorized
from integration.wiring import Wiring, listener
from integration.wiring.listener import PairListener
from tests.unit.wiring.sample import RecordingBell, sample_settings


@pytest.fixture
def wiring(tmp_path: Path, sqlite_url: str) -> Iterator[Wiring]:
    made = Wiring(sample_settings(tmp_path, sqlite_url), RecordingBell(), process_name="listener")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Unauthorized("salesforce.oauth.invalid_client", advice="Connect again."), True),
        (ConfigurationFault("organization.changed", "another one"), True),
        (Retryable("network.connect", "away"), False),
    ],
)
def test_before_it_has_the_role(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch, fault: Fault, told: bool
) -> None:
    """A refused login shows first when the org is asked who it is, long before there is a stream."""
    alerts: list[Any] = []
    pair, stop = wiring.pair("main"), asyncio.Event()
    monkeypatch.setattr(wiring.alarm, "alert", lambda *words: alerts.append(words))

    def refuse(*_sides: object) -> None:
        stop.set()
        raise fault

    monkeypatch.setattr(pair.organizations, "verify", refuse)
    asyncio.run(PairListener(lambda: pair, "main", "here").run(stop))
    assert [kind for _, kind, _, _ in alerts] == ([f"listener.{fault.code}"] if told else [])


def test_the_bus_is_told_the_org_that_was_verified(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token need not show its org, and the bus refuses calls that do not name it."""
    told: list[str] = []
    pair, stop = wiring.pair("main"), asyncio.Event()
    monkeypatch.setattr(SalesforceGateway, "organization_id", lambda _gateway: "00D000000000001EAA")

    class Following:
        def __init__(self, config: StreamConfig, *_others: object) -> None:
            told.append(config.organization_id)

        async def run(self, _halt: asyncio.Event) -> None:
            stop.set()

    monkeypatch.setattr(listener, "Listener", Following)
    asyncio.run(PairListener(lambda: pair, "main", "here").run(stop))
    assert told == ["00D000000000001EAA"]
