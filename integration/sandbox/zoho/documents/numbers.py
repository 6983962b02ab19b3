"""Document numbers: counted by the organisation, or a client's own where it says so."""

from __future__ import annotations

from collections.abc import Callable

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import ApiError, invalid_value, missing_value, too_long


class Numbering:
    """The counter of one kind of document: `SO-00001`, `SO-00002`, ..."""

    def __init__(self, key: str, prefix: str, digits: int, switches: Switches) -> None:
        self._key, self._prefix, self._digits, self._switches = key, prefix, digits, switches
        self.last = 0

    def first(self, sent: object, *, own: bool, taken: Callable[[str], bool]) -> str:
        """The number of a new document; `own` is the query's `ignore_auto_number_generation`.

        :raises ApiError: an own number that is missing, not asked for, too long or taken
        """
        if own:
            return self._own(sent, taken)
        if sent not in (None, "") and self._switches.zoho_own_number == "reject":
            raise self._not_asked_for()
        while True:
            self.last += 1
            number = f"{self._prefix}{self.last:0{self._digits}d}"
            if not taken(number):
                return number

    def changed(self, current: str, sent: object, *, own: bool, taken: Callable[[str], bool]) -> str:
        """The number after a write; the number it has may always be sent back.

        :raises ApiError: as for a new document
        """
        if sent == current:
            return current
        if own:
            return self._own(sent, taken)
        if self._switches.zoho_own_number == "reject":
            raise self._not_asked_for()
        return current

    def _own(self, sent: object, taken: Callable[[str], bool]) -> str:
        if sent in (None, ""):
            raise missing_value(self._key)
        if not isinstance(sent, str) or not sent.strip():
            raise invalid_value(self._key)
        if len(sent) > self._switches.zoho_number_length:
            raise too_long(self._key, self._switches.zoho_number_length)
        if taken(sent):
            raise ApiError(
                400, self._switches.zoho_number_taken_code, f'The number "{sent}" has already been used.'
            )
        return sent

    def _not_asked_for(self) -> ApiError:
        return ApiError(
            400,
            self._switches.zoho_own_number_code,
            "Auto-generation of numbers is on. Leave the number out or ignore_auto_number_generation.",
        )
