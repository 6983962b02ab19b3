"""What the organisation tells its workflow rules: something happened to a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Something happened to a record: `kind` is add, edit or delete, `source` api or user."""

    kind: str
    source: str
    entity: str
    record_id: str
