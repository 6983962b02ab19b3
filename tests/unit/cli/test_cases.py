"""Dead letters and exceptions on the command line."""

from __future__ import annotations

import getpass

from integration.canonical.values import Json, Side
from integration.ports import DeadLetter, ExceptionCase, NewRecord
from tests.unit.cli.conftest import Shop

ACCOUNT = ("Account", "001000000000001AAA")


def planted(shop: Shop) -> tuple[int, int]:
    """A lane with a record, an open dead letter and an open exception about it."""
    with shop.stores.begin(shop.pair_id) as uow:
        new = NewRecord(Side.SALESFORCE, ACCOUNT[0], ACCOUNT[1], "customer", "business", dirty=False)
        bound = uow.lanes.add_records([new])[ACCOUNT]
        [letter] = uow.cases.add_dead_letters(
            [
                DeadLetter(
                    "write", "value.too_long", "contact_name: value.too_long", "Shorten the name.",
                    bound.lane_id, bound.binding_id, side="zoho", evidence={"status": 400}, digest="d",
                )
            ]
        )  # fmt: skip
        suggestion: dict[str, Json] = {
            "record_id": "77",
            "side": "zoho",
            "score": 0.9,
            "reasons": ["same name"],
            "against": [],
        }
        [case] = uow.cases.add_exceptions(
            [
                ExceptionCase(
                    "ambiguous customer",
                    "two fit",
                    "Choose.",
                    bound.lane_id,
                    bound.binding_id,
                    [suggestion],
                    "e",
                )
            ]
        )
    return letter, case


def test_a_dead_letter_shows_reason_advice_evidence_and_record(shop: Shop) -> None:
    letter, _ = planted(shop)
    done = shop.run("dead-letters", "show", str(letter))
    assert done.exit_code == 0
    for part in ("value.too_long", "Shorten the name.", "evidence: status: 400", ACCOUNT[1]):
        assert part in done.stdout
    assert [d["code"] for d in shop.told("dead-letters", "list")["dead_letters"]] == ["value.too_long"]


def test_replay_works_the_lane_again_and_names_the_author(shop: Shop) -> None:
    letter, _ = planted(shop)
    lanes = shop.told("dead-letters", "replay", str(letter))["replayed"]
    with shop.stores.reading(shop.pair_id) as uow:
        [lane_id] = lanes.values()
        rows = uow.audit.timeline([lane_id])
        assert uow.lanes.load([lane_id])[lane_id].root.on(Side.SALESFORCE).dirty == 1
    [kept] = [r["detail"] for r in rows if r["kind"] == "replayed"]
    assert kept == {"dead_letter": letter, "author": getpass.getuser()}
    again = shop.run("dead-letters", "replay", str(letter))
    assert again.exit_code == 1
    assert "no open dead letter" in again.stderr


def test_replay_all_takes_those_with_the_code(shop: Shop) -> None:
    letter, _ = planted(shop)
    assert shop.told("dead-letters", "replay", "--all", "--code", "other")["replayed"] == {}
    assert shop.told("dead-letters", "replay", "--all")["replayed"].keys() == {str(letter)}


def test_replay_of_nothing_is_wrong_usage(shop: Shop) -> None:
    assert shop.run("dead-letters", "replay").exit_code == 2


def test_discard_needs_a_reason_and_keeps_it(shop: Shop) -> None:
    letter, _ = planted(shop)
    assert shop.run("dead-letters", "discard", str(letter)).exit_code == 2
    assert shop.run("dead-letters", "discard", str(letter), "--reason", "test data").exit_code == 0
    assert shop.told("dead-letters", "list", "--state", "discarded")["dead_letters"][0]["id"] == letter


def test_an_exception_shows_its_suggestions(shop: Shop) -> None:
    _, case = planted(shop)
    done = shop.run("exceptions", "show", str(case))
    for part in ("two fit", "77", "same name", ACCOUNT[1]):
        assert part in done.stdout


def test_resolve_by_creating_wakes_the_lane(shop: Shop) -> None:
    _, case = planted(shop)
    told = shop.told("exceptions", "resolve", str(case), "--create", "--author", "ada")
    with shop.stores.begin(shop.pair_id) as uow:
        assert told["lane_id"] in uow.lanes.lock_ready(10)
        lane = uow.lanes.load([told["lane_id"]])[told["lane_id"]]
        assert lane.root.waived_match == "create"
        closed = uow.cases.exception(case)
    assert closed is not None
    assert closed.state == "resolved"
    assert shop.told("exceptions", "list")["exceptions"] == []


def test_resolve_with_a_stranger_is_refused(shop: Shop) -> None:
    _, case = planted(shop)
    done = shop.run("exceptions", "resolve", str(case), "--join", "4711")
    assert done.exit_code == 1
    assert "not known on the other side" in done.stderr
    assert len(shop.told("exceptions", "list")["exceptions"]) == 1
