"""Directions, holds, and what a pair looks like."""

from __future__ import annotations

import pytest

from integration.canonical.values import Side
from tests.unit.cli.conftest import Shop


@pytest.mark.parametrize(
    ("direction", "modes"),
    [
        ("salesforce-to-zoho", {"salesforce": "observe", "zoho": "live"}),
        ("zoho-to-salesforce", {"salesforce": "live", "zoho": "observe"}),
        ("both", {"salesforce": "live", "zoho": "live"}),
    ],
)
def test_mode_is_set_for_the_side_that_is_written_to(
    shop: Shop, direction: str, modes: dict[str, str]
) -> None:
    assert shop.told("pair", "mode", "main", direction, "live")["modes"] == modes


def test_a_released_side_is_not_held_again_for_what_was_written_before(shop: Shop) -> None:
    with shop.stores.begin(shop.pair_id) as uow:
        uow.pairs.hold(Side.ZOHO, "brake: 60 deactivations")
        held_at = uow.now
    assert shop.told("pair", "status")["held"]["zoho"] == "brake: 60 deactivations"
    assert shop.told("pair", "release", "zoho", "--author", "ada")["held"]["zoho"] == ""
    with shop.stores.reading(shop.pair_id) as uow:
        cursor = uow.cursors.get(Side.ZOHO, "brake")
    assert cursor is not None
    assert cursor.watermark >= held_at


def test_status_tells_that_the_first_load_is_missing(shop: Shop) -> None:
    assert shop.told("pair", "status")["first_load_done"] is False
    assert "not done: `first-load`" in shop.run("pair", "status").stdout
