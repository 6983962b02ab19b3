"""Time and ids, as the running product has them."""

from __future__ import annotations

import secrets
import time


class SystemClock:
    """`ports.Clock` of this machine."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000


def new_id() -> str:
    """A correlation id: 32 hexadecimal digits that begin with the time, so that ids sort by age."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
