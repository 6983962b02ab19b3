"""Orgs for the tests: one shared and emptied, or one of a test's own with other options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integration.sandbox.salesforce import OrgOptions, SalesforceSwitches
from tests.contract.sandbox_salesforce.raw_calls import Caller
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


@pytest.fixture(scope="module")
def call(shared: Running) -> Caller:
    """A caller that is logged in to the shared org."""
    return Caller(shared)


@pytest.fixture
def switched(org: Running) -> Iterator[Callable[..., None]]:
    """Sets options and switches of the shared org for one test; those read with every use take effect."""
    options = org.org.options

    def switch(**given: Any) -> None:
        names = set(SalesforceSwitches.__dataclass_fields__)
        switches = replace(options.switches, **{name: given[name] for name in names & set(given)})
        org.org.options = replace(options, switches=switches, **{n: given[n] for n in set(given) - names})

    yield switch
    org.org.options = options


@pytest.fixture
def org(shared: Running) -> Running:
    """An org with default options, emptied before each test."""
    shared.do(shared.org.reset)
    shared.faults.clear()
    shared.calls.clear()
    return shared
