"""How long to wait before a try, and when to stop trying."""

from __future__ import annotations

from random import Random

BASE_MS = 1_000
CAP_MS = 300_000
MOST_ATTEMPTS = 12


def backoff_ms(attempt: int, chance: Random) -> int:
    """Full jitter: anything from nothing to the doubled base, `attempt` counted from 1."""
    ceiling = min(CAP_MS, BASE_MS * 2 ** min(attempt, 20))
    return chance.randint(BASE_MS // 4, ceiling)
