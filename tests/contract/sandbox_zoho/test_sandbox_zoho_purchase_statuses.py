"""The statuses of a purchase order, without a server."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.sandbox.switches import Switches, assigned
from integration.sandbox.zoho.purchases.statuses import Counted, Progress, Statuses, statuses_of

Line = tuple[int, int, int]


def _counted(received: int, billed: int, quantity: int = 4, *, goods: bool = True) -> Counted:
    return Counted(Decimal(quantity), Progress(Decimal(received), Decimal(billed)), goods)


@pytest.mark.parametrize(
    ("stage", "lines", "expected"),
    [
        ("draft", [_counted(0, 0)], ("draft", "draft", "", "")),
        ("pending_approval", [_counted(0, 0)], ("pending_approval", "pending_approval", "", "")),
        ("approved", [_counted(0, 0)], ("approved", "approved", "", "")),
        ("cancelled", [_counted(0, 0)], ("cancelled", "cancelled", "", "")),
        ("issued", [_counted(0, 0)], ("issued", "issued", "to_be_received", "to_be_billed")),
        ("issued", [_counted(1, 0)],
         ("partially_received", "issued", "partially_received", "to_be_billed")),
        ("issued", [_counted(4, 0), _counted(0, 0)],
         ("partially_received", "issued", "partially_received", "to_be_billed")),
        ("issued", [_counted(4, 0)], ("received", "issued", "received", "to_be_billed")),
        ("issued", [_counted(4, 3)], ("received", "issued", "received", "partially_billed")),
        ("issued", [_counted(0, 3)], ("issued", "issued", "to_be_received", "partially_billed")),
        ("issued", [_counted(0, 4)], ("billed", "issued", "to_be_received", "billed")),
        ("issued", [_counted(1, 4)], ("billed", "issued", "partially_received", "billed")),
        ("issued", [_counted(4, 4)], ("billed", "closed", "received", "billed")),
        ("issued", [_counted(4, 4), _counted(0, 4, goods=False)],
         ("billed", "closed", "received", "billed")),
        ("issued", [_counted(0, 4, goods=False)], ("billed", "closed", "to_be_received", "billed")),
        ("issued", [_counted(4, 0), _counted(0, 0, goods=False)],
         ("received", "issued", "received", "to_be_billed")),
    ],
)  # fmt: skip
def test_statuses_follow_from_stage_receives_and_bills(
    stage: str, lines: list[Counted], expected: tuple[str, ...]
) -> None:
    assert statuses_of(stage, lines, Switches()) == Statuses(*expected)


def test_the_headline_may_stay_with_the_goods() -> None:
    switches = assigned(Switches(), {"zoho_purchase_headline": "received"})
    assert statuses_of("issued", [_counted(4, 4)], switches).status == "received"
    assert statuses_of("issued", [_counted(0, 4)], switches).status == "issued"
