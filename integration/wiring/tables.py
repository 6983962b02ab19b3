"""Named tables of the systems, asked for outside of units of work and looked up inside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integration.ports import Clock

KEEP_MS = 3_600_000
CURRENCIES = "zoho_currency"


class SystemTables:
    """`ports.Tables`: `zoho_currency` gives the code of a currency id, and inverse the id of a code."""

    def __init__(self, currency_codes: Callable[[], Mapping[str, str]], clock: Clock) -> None:
        self._currency_codes = currency_codes
        self._clock = clock
        self._codes: Mapping[str, str] = {}
        self._ids: Mapping[str, str] = {}
        self._asked_at = -KEEP_MS

    def refresh(self) -> None:
        """Ask Zoho for its currencies, once an hour. Raises its fault."""
        now = self._clock.now_ms()
        if now - self._asked_at >= KEEP_MS:
            codes = dict(self._currency_codes())
            self._codes, self._ids = codes, {code: key for key, code in codes.items()}
            self._asked_at = now

    def lookup(self, name: str, key: str, *, inverse: bool) -> str | None:
        """The value for a key, or None."""
        if name != CURRENCIES:
            return None
        return (self._ids if inverse else self._codes).get(key)
