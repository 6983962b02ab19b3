"""Orgs for the tests: one shared and emptied, or one of a test's own with other options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.sandbox.salesforce import OrgOptions, SalesforceSwitches
from tests.contract.sandbox_salesforce.running_org import Running


def org_options(**given: Any) -> OrgOptions:
    """Options and switches by their bare names."""
    names = set(SalesforceSwitches.__dataclass_fields__)
    switches = SalesforceSwitches(**{name: value for name, value in given.items() if name in names})
    return OrgOptions(
        **{name: value for name, value in given.items() if name not in names}, switches=switches
    )


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of certificates and keys: making them takes longer than most tests."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def start(keys: Path) -> Iterator[Callable[..., Running]]:
    """Starts an org with the options given."""
    started: list[Running] = []

    def begin(**options: Any) -> Running:
        running = Running(org_options(**options), keys)
        started.append(running)
        return running

    yield begin
    for running in started:
        running.close()


@pytest.fixture(scope="module")
def shared(keys: Path) -> Iterator[Running]:
    running = Running(OrgOptions(), keys)
    yield running
    running.close()


@pytest.fixture
def org(shared: Running) -> Running:
    """An org with default options, emptied before each test."""
    shared.do(shared.org.reset)
    shared.faults.clear()
    shared.calls.clear()
    return shared
