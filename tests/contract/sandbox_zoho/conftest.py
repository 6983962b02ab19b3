"""One generous sandbox for all tests that do not look at limits; emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.sandbox_zoho.running import Receiver, Running, receiver, sandbox


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Running]:
    generous = ("--zoho-per-minute", "100000", "--zoho-daily", "1000000", "--zoho-in-flight", "100")
    with sandbox(
        *generous, "--switch", "zoho_search_lag_seconds=0", "--switch", "zoho_latency_ms=0"
    ) as running:
        yield running


@pytest.fixture
def zoho(shared_sandbox: Running) -> Running:
    shared_sandbox.admin("POST", "/reset")
    shared_sandbox.admin("PUT", "/webhooks", {})
    return shared_sandbox


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
