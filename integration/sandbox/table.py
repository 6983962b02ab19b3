"""The addresses and secrets as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_table(about: Mapping[str, Any]) -> str:
    """One block per system, names left, values right."""
    lines: list[str] = []
    for name, part in about.items():
        rows = part.items() if isinstance(part, Mapping) else [(name, part)]
        if isinstance(part, Mapping):
            lines.append(name)
        width = max(len(key) for key, _ in rows)
        lines += [f"  {key:<{width}}  {value}" for key, value in rows]
    return "\n".join([*lines, "Stop with Ctrl-C."])
