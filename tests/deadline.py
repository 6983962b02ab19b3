"""Waiting for something another thread or process does: by condition and deadline, never by a fixed pause."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], seconds: float = 10.0, what: str = "") -> T:
    """Ask until the answer is true and give it back; after the deadline, AssertionError names `what`."""
    end = time.monotonic() + seconds
    pause = Event()
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            name = what or getattr(condition, "__name__", "condition")
            raise AssertionError(f"not within {seconds:g} s: {name} (last answer: {answer!r})")
        pause.wait(0.02)
