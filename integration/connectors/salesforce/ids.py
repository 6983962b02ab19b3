"""Record ids in the one form we store: 18 characters."""

from __future__ import annotations

_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT, _LONG = 15, 18

NO_RECORD = "000000000000000AAA"
"""Stands in overflow events where a record id would be."""


def long_id(record_id: str) -> str:
    """The 18-character form of a record id; text of another length comes back as it is.

    The three added characters tell which of the first 15 are upper case, five to a character, first one
    lowest.
    """
    if len(record_id) != _SHORT:
        return record_id
    groups = (record_id[start : start + 5] for start in range(0, _SHORT, 5))
    return record_id + "".join(
        _CHECKSUM[sum("A" <= letter <= "Z" and 1 << place for place, letter in enumerate(group))]
        for group in groups
    )


def is_record_id(text: str) -> bool:
    """Whether the text can be a record id: shape and checksum. One that cannot would spoil a query for
    many.
    """
    if len(text) not in {_SHORT, _LONG} or not text.isascii() or not text.isalnum():
        return False
    return len(text) == _SHORT or long_id(text[:_SHORT]) == text


def organization_of(access_token: str) -> str:
    """The org id an opaque access token starts with; empty when it has another form."""
    head, mark, _ = access_token.partition("!")
    return long_id(head) if mark and head.startswith("00D") else ""
