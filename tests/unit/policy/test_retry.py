"""How long to wait before a try."""

from __future__ import annotations

from random import Random

import pytest

from integration.policy.retry import BASE_MS, CAP_MS, MOST_ATTEMPTS, backoff_ms


class Chance(Random):
    """Answers with one end of what is asked for."""

    def __init__(self, end: str) -> None:
        super().__init__(1)
        self.end = end

    def randint(self, a: int, b: int) -> int:
        return a if self.end == "least" else b


@pytest.mark.parametrize(
    ("attempt", "most"), [(1, 2_000), (2, 4_000), (3, 8_000), (8, 256_000), (9, CAP_MS), (10**6, CAP_MS)]
)
def test_the_ceiling_doubles_with_every_try_up_to_a_cap(attempt: int, most: int) -> None:
    assert backoff_ms(attempt, Chance("most")) == most


@pytest.mark.parametrize("attempt", [1, 5, 50])
def test_the_floor_stays_so_that_many_waiters_spread_over_the_whole_time(attempt: int) -> None:
    assert backoff_ms(attempt, Chance("least")) == BASE_MS // 4


def test_waits_differ_between_waiters() -> None:
    chance = Random(3)
    assert len({backoff_ms(6, chance) for _ in range(50)}) > 40


def test_all_tries_together_last_longer_than_a_short_outage() -> None:
    assert sum(backoff_ms(n, Chance("most")) for n in range(1, MOST_ATTEMPTS + 1)) > 20 * 60_000
