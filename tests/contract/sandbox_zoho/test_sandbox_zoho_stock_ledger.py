"""The two ledgers: what each kind of document moves, said absolutely, taken back without a trace."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from integration.sandbox.zoho.stock import Level, Opening, Stock

ITEM, HERE, THERE = "7001", "loc-1", "loc-2"


@pytest.fixture
def stock() -> Stock:
    found = Stock()
    found.open(ITEM, [Opening(HERE, 10, 2.5), Opening(THERE, 4, 2.5)])
    return found


def test_opening_stock_stands_in_both_ledgers(stock: Stock) -> None:
    assert stock.levels(ITEM) == (Level(HERE, 10, 10), Level(THERE, 4, 4))
    assert stock.total(ITEM) == Level("", 14, 14)
    assert stock.total("unknown") == Level("")
    assert stock.level(ITEM, "elsewhere") == Level("elsewhere")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (Stock.ship, Level(HERE, 10, 7)),
        (Stock.receive, Level(HERE, 10, 13)),
        (Stock.invoice, Level(HERE, 7, 10)),
        (Stock.bill, Level(HERE, 13, 10)),
        (Stock.adjust, Level(HERE, 13, 13)),
    ],
)
def test_each_document_moves_its_own_ledger(
    stock: Stock, document: Callable[[Stock, str, str, str, str, float], None], expected: Level
) -> None:
    document(stock, "doc", "line", ITEM, HERE, 3)
    assert stock.level(ITEM, HERE) == expected
    document(stock, "doc", "line", ITEM, HERE, 3)
    assert stock.level(ITEM, HERE) == expected, "saying it twice is saying it once"
    document(stock, "doc", "line", ITEM, HERE, 0)
    assert stock.level(ITEM, HERE) == Level(HERE, 10, 10)


def test_a_confirmed_order_commits_in_either_ledger_until_released(stock: Stock) -> None:
    stock.commit("so", "1", ITEM, HERE, uninvoiced=5, unshipped=5)
    stock.commit("so", "1", ITEM, HERE, uninvoiced=5, unshipped=2)
    stock.ship("sh", "1", ITEM, HERE, 3)
    assert stock.level(ITEM, HERE) == Level(HERE, 10, 7, 5, 2)
    stock.release("so")
    assert stock.level(ITEM, HERE) == Level(HERE, 10, 7)
    stock.release("so")
    stock.release("never heard of")


def test_a_line_that_turns_to_another_item_or_place_leaves_the_first_as_it_was(stock: Stock) -> None:
    stock.adjust("ad", "1", ITEM, HERE, -3)
    stock.adjust("ad", "1", "7002", THERE, -3)
    assert stock.level(ITEM, HERE) == Level(HERE, 10, 10)
    assert stock.level("7002", THERE) == Level(THERE, -3, -3)


def test_a_deleted_document_takes_back_all_it_said(stock: Stock) -> None:
    stock.mention("so", [ITEM, "7002"])
    stock.commit("so", "1", ITEM, HERE, 1, 1)
    stock.commit("so", "2", ITEM, THERE, 2, 2)
    stock.ship("so", "1", ITEM, HERE, 1)
    assert stock.is_used(ITEM)
    stock.reverse("so")
    assert stock.total(ITEM) == Level("", 14, 14)
    assert not stock.is_used(ITEM)
    assert not stock.is_used("7002")


def test_an_item_stays_in_use_while_any_document_names_it(stock: Stock) -> None:
    stock.mention("a", [ITEM])
    stock.mention("b", [ITEM])
    assert stock.documents(ITEM) == ["a", "b"]
    stock.mention("a", ["7002"])
    assert stock.documents(ITEM) == ["b"]
    assert stock.is_used(ITEM)
    stock.mention("b", ())
    assert not stock.is_used(ITEM)


def test_fractions_come_back_to_where_they_were(stock: Stock) -> None:
    for number in range(100):
        stock.adjust(f"ad{number}", "1", ITEM, HERE, 0.1)
    assert stock.level(ITEM, HERE).accounting == 20
    for number in range(100):
        stock.reverse(f"ad{number}")
    assert stock.level(ITEM, HERE) == Level(HERE, 10, 10)


def test_opening_stock_may_be_corrected_under_movements(stock: Stock) -> None:
    stock.ship("sh", "1", ITEM, HERE, 3)
    stock.open(ITEM, [Opening(HERE, 20, 2.5)])
    assert stock.level(ITEM, HERE) == Level(HERE, 20, 17)
    assert stock.level(ITEM, THERE) == Level(THERE, 0, 0)


def test_listeners_hear_of_items_whose_levels_changed_and_of_no_others(stock: Stock) -> None:
    heard: list[str] = []
    stock.listen(heard.append)
    stock.adjust("ad", "1", ITEM, HERE, 1)
    stock.adjust("ad", "1", ITEM, HERE, 1)
    stock.bill("bi", "1", ITEM, HERE, 0)
    stock.mention("ad", [ITEM])
    assert heard == [ITEM]
    stock.adjust("ad", "1", "7002", HERE, 1)
    assert heard == [ITEM, ITEM, "7002"]


def test_a_dump_holds_everything(stock: Stock) -> None:
    stock.commit("so", "1", ITEM, HERE, 2, 2)
    stock.ship("sh", "1", ITEM, HERE, 1.5)
    stock.mention("so", [ITEM])
    other = Stock()
    other.load(json.loads(json.dumps(stock.dump())))
    assert other.levels(ITEM) == stock.levels(ITEM)
    assert other.openings(ITEM) == stock.openings(ITEM)
    assert other.is_used(ITEM)
    other.reverse("so")
    other.reverse("sh")
    assert other.total(ITEM) == Level("", 14, 14)


@pytest.mark.parametrize("seed", range(3))
def test_levels_are_the_sum_of_what_the_documents_say_last(seed: int) -> None:
    chance = random.Random(seed)
    stock = Stock()
    stock.open(ITEM, [Opening(HERE, 5, 1)])
    said: dict[tuple[str, str], tuple[str, int]] = {}
    works = {"ship": (stock.ship, 0, -1), "receive": (stock.receive, 0, 1), "bill": (stock.bill, 1, 0),
             "invoice": (stock.invoice, -1, 0), "adjust": (stock.adjust, 1, 1)}  # fmt: skip
    for _ in range(300):
        kind, document = chance.choice([*works]), str(chance.randrange(6))
        if chance.random() < 0.2:
            stock.reverse(f"{kind}{document}")
            said.pop((kind, document), None)
        else:
            place, quantity = chance.choice((HERE, THERE)), chance.randrange(9)
            works[kind][0](f"{kind}{document}", "1", ITEM, place, quantity)
            said[kind, document] = place, quantity
    for place, opened in ((HERE, 5), (THERE, 0)):
        here = [(works[kind], quantity) for (kind, _), (where, quantity) in said.items() if where == place]
        accounting = opened + sum(work[1] * quantity for work, quantity in here)
        physical = opened + sum(work[2] * quantity for work, quantity in here)
        assert stock.level(ITEM, place) == Level(place, accounting, physical)
