"""What `doctor` learns from an org."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.connectors.salesforce.change_events import topic_of
from integration.connectors.salesforce.inspection import channel_faults, clock_skew_ms
from integration.errors import ConfigurationFault, Retryable
from tests.contract.salesforce_following import ACCOUNTS, stream_config
from tests.contract.salesforce_parts import Connection
from tests.contract.sandbox_process import Sandbox


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Connection]:
    connection = Connection(sandbox)
    yield connection
    connection.close()


def test_channels_that_can_be_followed_and_one_that_cannot(org: Connection) -> None:
    missing = topic_of("Nothing__c")
    faults = channel_faults(stream_config(org.sandbox, ACCOUNTS, missing), org.tokens)
    assert faults[ACCOUNTS] is None
    assert isinstance(faults[missing], ConfigurationFault)
    org.sandbox.incident("revoke_tokens")
    assert channel_faults(stream_config(org.sandbox, ACCOUNTS), org.tokens) == {ACCOUNTS: None}


def test_a_bus_that_cannot_be_reached(org: Connection) -> None:
    faults = channel_faults(stream_config(org.sandbox, ACCOUNTS, endpoint="127.0.0.1:1"), org.tokens)
    assert isinstance(faults[ACCOUNTS], Retryable)


def test_the_clock_of_an_org_on_this_machine(org: Connection) -> None:
    class Ahead:
        def now_ms(self) -> int:
            return org.clock.now_ms() + 3_600_000

    assert abs(clock_skew_ms(org.http, org.tokens, org.clock)) < 2_000
    assert abs(clock_skew_ms(org.http, org.tokens, Ahead()) + 3_600_000) < 2_000
