"""An organisation without HTTP, with its switches turned and its clock set by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integration.sandbox.switches import Switches, assigned
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.profile import Limits, make_profile
from tests.contract.sandbox_zoho.trading import HandClock


class Inside:
    """The organisation, and what its workflow rules hear."""

    def __init__(self, **switches: str) -> None:
        self.clock = HandClock()
        found = assigned(Switches(), {f"zoho_{name}": text for name, text in switches.items()})
        self.org = ZohoOrg(make_profile(7, Limits()), found, self.clock, 7)
        self.changes: list[Change] = []
        self.org.listen(self.changes.append)

    def wait(self, seconds: int) -> None:
        """Time goes by."""
        self.clock.present += timedelta(seconds=seconds)

    def told(self) -> list[tuple[str, str]]:
        """What workflow rules heard since the last look."""
        found = [(change.kind, change.entity) for change in self.changes]
        self.changes.clear()
        return found


def refused(work: Any, *arguments: Any) -> int:
    """The code of the refusal."""
    with pytest.raises(ApiError) as caught:
        work(*arguments)
    return caught.value.code
