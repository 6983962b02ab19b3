"""One sandbox for all foreign clients, in a process of its own, as anybody would start it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contract.sandbox_process import Sandbox, running_sandbox
from tests.peers.node_steps import HERE, Script, node

Told = dict[str, str | None]
# Signs of life come quickly, so that a script need not wait to know that its subscription is in force.
ARGUMENTS = (
    "--zoho-per-minute", "100000", "--switch", "salesforce_keepalive_seconds=0.3",
    "--switch", "salesforce_event_entities=Account,Contact,Shelf__c",
    "--salesforce-platform-event", "Order_Note__e", "--salesforce-schema", str(HERE / "schema.yaml"),
)  # fmt: skip


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox shared by all: every client works on records of its own."""
    with running_sandbox(*ARGUMENTS) as running:
        yield running


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest) -> Callable[[Script], Told]:
    """What a script told of its steps; it is run once, when its first step is asked for."""
    node()  # before anything is started for it
    running: Sandbox = request.getfixturevalue("sandbox")
    kept: dict[Script, Told] = {}

    def look(script: Script) -> Told:
        if script not in kept:
            kept[script] = script.run(running)
        return kept[script]

    return look


@pytest.fixture
def check_step(told: Callable[[Script], Told]) -> Callable[[Script, str], None]:
    """Fails with the client's own words where a step went wrong or was never come to."""

    def check(script: Script, step: str) -> None:
        found = told(script)
        assert step in found, f"the script ended before: {found['']}"
        assert found[step] is None, found[step]

    return check
