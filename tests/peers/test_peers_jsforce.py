"""jsforce, unchanged, against the running sandbox: each test is one step of a script beside this file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.peers.node_steps import Script, steps

pytestmark = pytest.mark.node


@steps(
    "jsforce_login",
    "jsforce_records",
    "jsforce_queries",
    "jsforce_orders",
    "jsforce_composites",
    "jsforce_bulk",
    "jsforce_streaming",
    "jsforce_custom_objects",
)
def test_step(script: Script, step: str, check_step: Callable[[Script, str], None]) -> None:
    check_step(script, step)
