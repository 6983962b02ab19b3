"""`--load SYSTEM:ENTITY:FILE`: records from CSV files at the start, with progress for whoever waits."""

from __future__ import annotations

import sys
from pathlib import Path

from integration.sandbox.admin.desk import Desk
from integration.sandbox.csv_load import CsvLoad
from integration.sandbox.csv_rows import decoded
from integration.sandbox.errors import BadInstructionError

_TELL_EVERY = 2_000
_LINES_TOLD = 20


def load_file(desk: Desk, order: str) -> None:
    """Load one file; lines that are refused are told and do not stop the others.

    :raises BadInstructionError: no such system, entity or file, or a file without a header
    """
    system, entity, name = _parts(order)
    try:
        text = decoded(Path(name).read_bytes())
    except OSError as error:
        raise BadInstructionError(f"{name} cannot be read: {error}") from error
    load = CsvLoad(desk.system(system), entity)
    try:
        for number in load.run(text, {}):
            if number % _TELL_EVERY == 0:
                sys.stderr.write(f"{system} {entity}: {number:,} lines\n")
    except BadInstructionError as error:
        raise BadInstructionError(f"{name}: {error}") from error
    for refused in load.refused[:_LINES_TOLD]:
        sys.stderr.write(f"{name}, line {refused['line']}: {refused['reason']}\n")
    sys.stderr.write(f"{system} {entity}: {load.made:,} made, {load.refusals:,} lines refused\n")


def _parts(order: str) -> tuple[str, str, str]:
    parts = order.split(":", 2)
    if len(parts) != 3 or not all(parts):
        raise BadInstructionError(f"--load takes SYSTEM:ENTITY:FILE, not {order!r}")
    return parts[0], parts[1], parts[2]
