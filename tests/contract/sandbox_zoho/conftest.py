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


@pytest.fixture(scope="session")
def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    quick = ("--switch", "zoho_search_lag_seconds=0", "--switch", "zoho_latency_ms=0", "--no-tls")
    folder = tmp_path_factory.mktemp("pair")
    with sandbox(*quick, "--state-dir", str(folder), salesforce=True) as running:
        yield running


@pytest.fixture
def pair(shared_pair: Running) -> Running:
    """Both systems with the limits of the real ones, emptied before each test."""
    shared_pair.admin("POST", "/reset")
    shared_pair.admin("PUT", "/webhooks", {})
    return shared_pair


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
