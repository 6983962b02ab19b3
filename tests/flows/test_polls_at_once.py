"""A scan that is under way is not cut short by the next."""

from __future__ import annotations

import pytest

from integration.flows.poll import Polled, poll_zoho
from integration.ports import Page
from tests.flows.line import Line
from tests.flows.people import joined


def test_a_poll_that_takes_long_is_not_displaced_by_the_next(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(line)
    changed_since, others = line.zoho.changed_since, list[Polled]()

    def meanwhile(entity: str, since_ms: int, page: str) -> Page:
        monkeypatch.undo()
        others.append(poll_zoho(line.services))
        return changed_since(entity, since_ms, page)

    monkeypatch.setattr(line.zoho, "changed_since", meanwhile)
    assert not poll_zoho(line.services).skipped
    assert [other.skipped for other in others] == [True]
