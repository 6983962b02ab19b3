"""Dead letters are announced once each, and by kind."""

from __future__ import annotations

from typing import Any

import pytest

from integration.canonical.values import Json
from integration.ports import DeadLetter, ExceptionCase
from integration.wiring import WiredPair
from tasks.app import LineApp
from tasks.dead_letter import announce


@pytest.fixture
def alerts(worker_app: LineApp, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(worker_app.wiring.alarm, "alert", lambda *words: told.append(words[1:]))
    return told


@pytest.fixture
def pair(worker_app: LineApp) -> WiredPair:
    return worker_app.wiring.pair("main")


def bury(pair: WiredPair, number: int, code: str, field: str = "") -> None:
    evidence: dict[str, Json] = {"field": field} if field else {}
    letters = [
        DeadLetter(
            "write",
            code,
            "refused",
            "Correct the record.",
            binding_id=n,
            side="zoho",
            digest=code + field,
            evidence=evidence,
        )
        for n in range(1, number + 1)
    ]
    with pair.services.stores.begin(pair.services.pair_id) as uow:
        uow.cases.add_dead_letters(letters)


def test_a_thousand_letters_are_one_alert_a_kind(pair: WiredPair, alerts: list[tuple[Any, ...]]) -> None:
    bury(pair, 1_000, "zoho.too_long")
    bury(pair, 3, "zoho.bad_email")
    announce.run(pair.services.pair_id)
    counted: dict[str, int] = {}
    for kind, _text, advice, number in alerts:
        assert advice == "Correct the record."
        counted[kind] = counted.get(kind, 0) + number
    assert counted == {"write.zoho.zoho.too_long": 1_000, "write.zoho.zoho.bad_email": 3}


def test_the_field_is_part_of_the_kind_where_one_is_known(
    pair: WiredPair, alerts: list[tuple[Any, ...]]
) -> None:
    bury(pair, 2, "value.missing", "LastName")
    bury(pair, 3, "value.missing", "Name")
    announce.run(pair.services.pair_id)
    assert [(text, number) for _kind, text, _advice, number in alerts] == [
        ("dead letter: value.missing of LastName (write zoho)", 2),
        ("dead letter: value.missing of Name (write zoho)", 3),
    ]


def test_none_is_announced_twice(pair: WiredPair, alerts: list[tuple[Any, ...]]) -> None:
    bury(pair, 2, "zoho.too_long")
    announce.run(pair.services.pair_id)
    announce.run(pair.services.pair_id)
    assert [number for *_, number in alerts] == [2]


def test_exceptions_are_told_too(pair: WiredPair, alerts: list[tuple[Any, ...]]) -> None:
    case = ExceptionCase("ambiguous customer", "two fit", "Choose one.", binding_id=1, digest="d")
    with pair.services.stores.begin(pair.services.pair_id) as uow:
        uow.cases.add_exceptions([case])
    announce.run(pair.services.pair_id)
    assert alerts == [
        ("exception.ambiguous-customer", "a person must decide: ambiguous customer", "Choose one.", 1)
    ]
