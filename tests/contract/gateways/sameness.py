"""Whether two implementations show the same: ids and times may differ, and everything else may not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integration.canonical.event import NativeRecord

_ID = re.compile(r"(00[0-9A-Z][A-Za-z0-9]{12,15}|\d{13,19})")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{3})?[+-]\d{4})?")


def form(value: Any) -> Any:
    """A value with its ids and times replaced by words for them."""
    if isinstance(value, Mapping):
        return {name: form(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [form(inner) for inner in value]
    if not isinstance(value, str):
        return value
    return "an id" if _ID.fullmatch(value) else _timeless(value)


def _timeless(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    return "a day" if not found[1] else f"a time{' with milliseconds' if found[2] else ''}"


def looks(records: Sequence[NativeRecord]) -> list[dict[str, Any]]:
    """What records look like, children included."""
    return [
        {
            "side": record.side,
            "entity": record.entity,
            "record_id": form(record.record_id),
            "image": form(record.image),
            "seconds": record.at % 1_000 == 0 and record.at > 0,
            "stamp": record.stamp == record.at if record.stamp else "no stamp",
            "parent_id": form(record.parent_id),
            "flags": (record.whole, record.deleted),
            "merged_into": form(record.merged_into),
        }
        for record in records
    ]
