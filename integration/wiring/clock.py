"""Time and ids, as the running product has them."""

from __future__ import annotations

import random
import time


class SystemClock:
    """`ports.Clock` of this machine."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000


def new_id() -> str:
    """A correlation id: 32 hexadecimal digits that begin with the time, so that ids sort by age. A name, no
    secret; a forked process draws others than its parent.
    """
    return f"{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"
