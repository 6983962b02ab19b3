"""The sweep rings again for what a lost message left lying."""

from __future__ import annotations

import pytest

from integration.canonical.outcome import WorkClass
from integration.ports import DeadLetter
from integration.ports.retention import Shelf
from integration.wiring import WiredPair
from tasks.app import LineApp
from tasks.dead_letter import announce
from tasks.maintenance import retention, sweep


@pytest.fixture
def pair(worker_app: LineApp) -> WiredPair:
    return worker_app.wiring.pair("main")


@pytest.fixture
def rung(pair: WiredPair, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rings: list[str] = []
    monkeypatch.setattr(pair.services.bell, "ring", lambda name, _pair_id: rings.append(name))
    return rings


def test_a_dead_letter_nobody_was_told_of_is_rung_for(pair: WiredPair, rung: list[str]) -> None:
    sweep.run()
    assert "dead-letter" not in rung
    letter = DeadLetter("write", "zoho.too_long", "refused", "Correct it.", binding_id=1, digest="d")
    with pair.services.stores.begin(pair.services.pair_id) as uow:
        uow.cases.add_dead_letters([letter])
    sweep.run()
    sweep.run()
    assert rung.count("dead-letter") == 2
    announce.run(pair.services.pair_id)
    sweep.run()
    assert rung.count("dead-letter") == 2


def test_the_night_lets_go_what_the_pair_keeps_no_longer(pair: WiredPair) -> None:
    usage = pair.sql.usage(pair.services.pair_id, "zoho")
    usage.add(WorkClass.EVENT, 1, 1_000)
    retention.run(pair.services.pair_id)
    assert usage.since(0) == 0
    with pair.services.stores.reading(pair.services.pair_id) as uow:
        [run] = [run for run in uow.reports.runs() if run.job == "retention"]
    assert run.state == "done"
    assert run.report == {**dict.fromkeys((shelf.value for shelf in Shelf), 0), "calls": 1}
