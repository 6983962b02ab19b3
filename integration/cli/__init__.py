"""The command `zoho-salesforce`."""

from integration.cli import (
    cases,
    doctor,
    events,
    first_load,
    mapping,
    overrides,
    pairs,
    reconcile,
    records,
    running,
)
from integration.cli.program import main

__all__ = [
    "cases",
    "doctor",
    "events",
    "first_load",
    "main",
    "mapping",
    "overrides",
    "pairs",
    "reconcile",
    "records",
    "running",
]
