"""When a direction is held because too much would change at once."""

from __future__ import annotations

import pytest

from integration.policy.brake import Brake, verdict

BRAKE = Brake()


@pytest.mark.parametrize("harm", [0, 1, 50])
def test_up_to_the_limit_nothing_is_held(harm: int) -> None:
    assert verdict(BRAKE, harm, lanes_changed=0, lanes_known=10) == ""


def test_one_deactivation_more_holds_and_says_how_many_within_how_long() -> None:
    assert verdict(BRAKE, 51, 0, 10) == (
        "51 deactivations, deletions or blanked fields within 10 minutes (limit 50)"
    )


@pytest.mark.parametrize(
    ("written", "known", "held"),
    [
        (200, 200, False),
        (201, 2_010, False),
        (201, 2_009, True),
        (1_000, 10_000, False),
        (1_001, 10_000, True),
    ],
    ids=["a small organisation", "exactly a tenth", "more than a tenth", "exactly, large", "more, large"],
)
def test_a_share_of_all_records_holds_where_there_are_enough_of_them(
    written: int, known: int, held: bool
) -> None:
    assert bool(verdict(BRAKE, 0, written, known)) is held


def test_the_share_is_told() -> None:
    assert verdict(BRAKE, 50, 300, 2_000) == (
        "300 of 2000 records changed from one side within 10 minutes (limit 10%)"
    )


def test_limits_and_window_are_settings() -> None:
    brake = Brake(window_ms=120_000, harm=2, share=0.5, least=3)
    assert verdict(brake, 2, 3, 4) == ""
    assert (
        verdict(brake, 3, 0, 4) == "3 deactivations, deletions or blanked fields within 2 minutes (limit 2)"
    )
    assert verdict(brake, 0, 4, 8) == ""
    assert verdict(brake, 0, 5, 8) == "5 of 8 records changed from one side within 2 minutes (limit 50%)"
