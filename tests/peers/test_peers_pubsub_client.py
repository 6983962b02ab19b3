"""salesforce-pubsub-api-client, unchanged, against the running sandbox: each test is one step of a script beside this file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.peers.node_steps import Script, steps

pytestmark = pytest.mark.node


@steps("pubsub_events", "pubsub_publishing")
def test_step(script: Script, step: str, check_step: Callable[[Script, str], None]) -> None:
    check_step(script, step)
