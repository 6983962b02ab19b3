"""When a direction is held because too much would change at once."""

from __future__ import annotations

from dataclasses import dataclass

from integration.canonical.outcome import Operation
from integration.policy.state import Write


@dataclass(frozen=True)
class Brake:
    """Limits within one window; `least` keeps the share from biting in a small organisation."""

    window_ms: int = 600_000
    harm: int = 50
    share: float = 0.10
    least: int = 200


def harm_of(write: Write) -> int:
    """How much a write takes away: the record's activity or existence, and every field it blanks."""
    ends = write.operation in (Operation.DEACTIVATE, Operation.DELETE)
    return int(ends) + write.blanked


def verdict(brake: Brake, harm: int, lanes_changed: int, lanes_known: int) -> str:
    """Why to hold, or an empty text."""
    if harm > brake.harm:
        window = f"within {brake.window_ms // 60_000} minutes"
        return f"{harm} deactivations, deletions or blanked fields {window} (limit {brake.harm})"
    if lanes_changed > brake.least and lanes_changed > brake.share * lanes_known:
        return (
            f"{lanes_changed} of {lanes_known} records changed from one side within "
            f"{brake.window_ms // 60_000} minutes (limit {brake.share:.0%})"
        )
    return ""
