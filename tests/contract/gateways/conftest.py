"""Every implementation of the gateway port, each in a world with people. Fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.gateways.peopled import PEOPLED, Peopled
from tests.contract.gateways.salesforce_worlds import FakeSalesforceWorld, RealSalesforce, SalesforceWorld
from tests.contract.gateways.target_worlds import Target, make_target
from tests.contract.gateways.zoho_worlds import FakeZohoWorld, RealZoho, ZohoWorld
from tests.contract.salesforce_parts import Connection
from tests.contract.sandbox_process import Sandbox, running_sandbox

MakeSalesforce = Callable[..., SalesforceWorld]
MakeZoho = Callable[..., ZohoWorld]


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Limits that never matter, search without lag, deletions told after a second instead of a minute."""
    limits = ("--zoho-per-minute", "100000", "--zoho-daily", "1000000", "--zoho-in-flight", "100")
    switches = ("zoho_search_lag_seconds=0", "zoho_latency_ms=0", "salesforce_replication_seconds=1")
    arguments = [part for switch in switches for part in ("--switch", switch)]
    state = ("--state-dir", str(tmp_path_factory.mktemp("gateways")))
    with running_sandbox(*state, *limits, *arguments) as running:
        yield running


@pytest.fixture
def make_real_salesforce(request: pytest.FixtureRequest) -> Iterator[MakeSalesforce]:
    """Connectors over an empty sandbox, which is started only when one is made."""
    with ExitStack() as closing:

        def make(page_size: int = 2_000, overlap_seconds: float = 30.0) -> SalesforceWorld:
            connection = Connection(request.getfixturevalue("sandbox"))
            closing.callback(connection.close)
            return RealSalesforce(connection, page_size, overlap_seconds)

        yield make


@pytest.fixture
def make_fake_salesforce() -> MakeSalesforce:
    """Orgs in memory."""

    def make(page_size: int = 2_000, overlap_seconds: float = 30.0) -> SalesforceWorld:
        return FakeSalesforceWorld(page_size, overlap_seconds)

    return make


@pytest.fixture(params=["real", "fake"])
def make_salesforce(request: pytest.FixtureRequest) -> MakeSalesforce:
    """Each kind of org in turn."""
    made: MakeSalesforce = request.getfixturevalue(f"make_{request.param}_salesforce")
    return made


@pytest.fixture
def org(make_salesforce: MakeSalesforce) -> SalesforceWorld:
    """An empty org of each kind."""
    return make_salesforce()


@pytest.fixture
def both_orgs(
    make_real_salesforce: MakeSalesforce, make_fake_salesforce: MakeSalesforce
) -> tuple[SalesforceWorld, SalesforceWorld]:
    """The real one and the one in memory, to be told apart."""
    return make_real_salesforce(), make_fake_salesforce()


@pytest.fixture
def make_real_zoho(request: pytest.FixtureRequest) -> Iterator[MakeZoho]:
    """Connectors over an empty sandbox, which is started only when one is made."""
    with ExitStack() as closing:

        def make(page_size: int = 200) -> ZohoWorld:
            return RealZoho(request.getfixturevalue("sandbox"), closing, page_size)

        yield make


@pytest.fixture
def make_fake_zoho() -> MakeZoho:
    """Organisations in memory."""

    def make(page_size: int = 200) -> ZohoWorld:
        return FakeZohoWorld(page_size)

    return make


@pytest.fixture(params=["real", "fake"])
def make_zoho(request: pytest.FixtureRequest) -> MakeZoho:
    """Each kind of organisation in turn."""
    made: MakeZoho = request.getfixturevalue(f"make_{request.param}_zoho")
    return made


@pytest.fixture
def zoho(make_zoho: MakeZoho) -> ZohoWorld:
    """An empty organisation of each kind."""
    return make_zoho()


@pytest.fixture
def both_books(make_real_zoho: MakeZoho, make_fake_zoho: MakeZoho) -> tuple[ZohoWorld, ZohoWorld]:
    """The real one and the one in memory, to be told apart."""
    return make_real_zoho(), make_fake_zoho()


@pytest.fixture(params=["salesforce", "zoho"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    """Each of the benchmark's targets."""
    return make_target(request.param, tmp_path)


@pytest.fixture(params=[*PEOPLED])
def peopled(request: pytest.FixtureRequest) -> Peopled:
    """Each implementation there is, with a few customers in it."""
    fixture, fill = PEOPLED[request.param]
    made = request.getfixturevalue(fixture)
    return fill(made)


@pytest.fixture
def salesforce_target(tmp_path: Path) -> Target:
    return make_target("salesforce", tmp_path)


@pytest.fixture
def zoho_target(tmp_path: Path) -> Target:
    return make_target("zoho", tmp_path)
