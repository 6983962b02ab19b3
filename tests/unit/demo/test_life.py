"""Life on both sides: as much of everything as was promised, the same for the same seed."""

from __future__ import annotations

from collections import Counter

from integration.demo.life import BURST, Director, Life, as_on_screen
from tests.unit.demo.sample import truth


def played(seed: int = 7) -> Life:
    return Director(truth(), seed).write()


def test_the_same_seed_is_the_same_life() -> None:
    assert played().acts == played().acts
    assert played(8).acts != played().acts


def test_there_is_enough_of_everything() -> None:
    life = played()
    kinds = Counter(act.kind for act in life.acts)
    assert len(life.acts) >= 300
    assert kinds["edit of both sides at once"] >= 2 * 20
    assert kinds["burst"] == BURST == 50
    assert kinds["merge"] == kinds["deactivation"] == 1
    assert kinds["delete"] == 2
    assert kinds["bad record"] >= 5
    sides = Counter(act.operation.get("system") for act in life.acts)
    assert sides["salesforce"] > 100
    assert sides["zoho"] > 100


def test_edits_of_both_sides_follow_each_other() -> None:
    acts = [act for act in played().acts if act.kind == "edit of both sides at once"]
    for first, second in zip(acts[::2], acts[1::2], strict=True):
        assert {first.operation["system"], second.operation["system"]} == {"salesforce", "zoho"}


def test_the_burst_is_on_one_record_in_one_piece() -> None:
    acts = played().acts
    places = [n for n, act in enumerate(acts) if act.kind == "burst"]
    assert places == list(range(places[0], places[0] + BURST))
    assert len({acts[n].operation["id"] for n in places}) == 1


def test_who_is_merged_or_deleted_is_not_edited() -> None:
    life = played()
    touched = {str(act.operation.get("id")) for act in life.acts if act.kind.startswith(("edit", "burst"))}
    assert not touched & life.gone.keys()


def test_waves_hold_every_act_once_and_in_order() -> None:
    life = played()
    assert [act for wave in life.waves(12) for act in wave] == life.acts
    assert len(list(life.waves(12))) == 12


def test_a_form_sends_the_whole_address() -> None:
    """Zoho may blank what an address leaves out, and no person means that."""
    stands = {"7": {"billing_address": {"address": "1 Mill Street", "city": "Leeds", "phone": "1"}}}
    sent = as_on_screen({"id": "7", "fields": {"billing_address": {"phone": "2"}}}, stands)
    assert sent["fields"]["billing_address"]["city"] == "Leeds"
    assert sent["fields"]["billing_address"]["phone"] == "2"
    untouched = {"id": "7", "fields": {"notes": "x"}}
    assert as_on_screen(untouched, stands) == untouched


def test_what_the_systems_refuse_counts_as_no_change() -> None:
    life = played()
    life.note(life.acts[:2], [{"ok": True}, {"ok": False, "error": "name is taken"}])
    assert life.changes == 1
    assert "name is taken" in life.refused[0]
