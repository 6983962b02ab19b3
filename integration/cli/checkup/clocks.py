"""How far this machine's clock is from another one, by the Date header of an answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from integration.cli.checkup.finding import Finding, Ward

WARN_SECONDS = 10
FAIL_SECONDS = 120
"""A JWT of ours is valid for 180 s: with a clock that far off it is refused."""


def clock_skew(ward: Ward, headers: Mapping[str, str]) -> Finding:
    """Compare with the answer's Date header; it has whole seconds."""
    told = headers.get("Date", "")
    try:
        there = parsedate_to_datetime(told).timestamp()
    except (TypeError, ValueError):
        return ward.warn("clock", "the answer carries no readable Date header", "Compare the clocks by hand.")
    seconds = abs(time.time() - there)
    text = f"{max(0.0, seconds - 1):.0f} s apart"
    advice = "Let this machine take its time from a time server (NTP)."
    if seconds > FAIL_SECONDS:
        return ward.fail("clock", text, advice)
    return ward.warn("clock", text, advice) if seconds > WARN_SECONDS else ward.ok("clock", text)
