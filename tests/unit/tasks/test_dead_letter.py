"""Dead letters are announced once each, and by kind."""

from __future__ import annotations

import pytest

from integration.canonical.values import Json
from integration.ports import DeadLetter, DueAlarm, ExceptionCase
from integration.wiring import WiredPair
from tasks.app import LineApp
from tasks.dead_letter import announce


@pytest.fixture
def pair(worker_app: LineApp) -> WiredPair:
    return worker_app.wiring.pair("main")


@pytest.fixture(autouse=True)
def people_are_away(worker_app: LineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they are to hear stays in SQL."""
    monkeypatch.setattr(worker_app.wiring.alarm, "due", lambda _pair_id: None)


def alerts(pair: WiredPair) -> list[DueAlarm]:
    with pair.services.stores.begin(pair.services.pair_id) as uow:
        return uow.alarms.take(0, 60_000)


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


def test_a_thousand_letters_are_one_alert_a_kind(pair: WiredPair) -> None:
    bury(pair, 1_000, "zoho.too_long")
    bury(pair, 3, "zoho.bad_email")
    announce.run(pair.services.pair_id)
    counted: dict[str, int] = {}
    for alarm in alerts(pair):
        assert alarm.advice == "Correct the record."
        counted[alarm.kind] = alarm.count
    assert counted == {"write.zoho.zoho.too_long": 1_000, "write.zoho.zoho.bad_email": 3}


def test_the_field_is_part_of_the_kind_where_one_is_known(pair: WiredPair) -> None:
    bury(pair, 2, "value.missing", "LastName")
    bury(pair, 3, "value.missing", "Name")
    announce.run(pair.services.pair_id)
    assert [(alarm.text, alarm.count) for alarm in alerts(pair)] == [
        ("dead letter: value.missing of LastName (write zoho)", 2),
        ("dead letter: value.missing of Name (write zoho)", 3),
    ]


def test_none_is_announced_twice(pair: WiredPair) -> None:
    bury(pair, 2, "zoho.too_long")
    announce.run(pair.services.pair_id)
    announce.run(pair.services.pair_id)
    assert [alarm.count for alarm in alerts(pair)] == [2]


def test_exceptions_are_told_too(pair: WiredPair) -> None:
    case = ExceptionCase("ambiguous customer", "two fit", "Choose one.", binding_id=1, digest="d")
    with pair.services.stores.begin(pair.services.pair_id) as uow:
        uow.cases.add_exceptions([case])
    announce.run(pair.services.pair_id)
    [alarm] = alerts(pair)
    assert (alarm.kind, alarm.text) == (
        "exception.ambiguous-customer",
        "a person must decide: ambiguous customer",
    )
    assert (alarm.advice, alarm.count) == ("Choose one.", 1)


def test_who_is_killed_while_announcing_takes_no_alert_along(
    pair: WiredPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the letter is still to be announced, or people are still to be told."""
    bury(pair, 2, "zoho.too_long")

    def killed(_pair_id: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pair.services.alarm, "due", killed)
    with pytest.raises(KeyboardInterrupt):
        announce.run(pair.services.pair_id)
    assert [alarm.count for alarm in alerts(pair)] == [2]
