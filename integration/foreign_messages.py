"""Messages of libraries as a log may show them: readable, and without what may be somebody's data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from integration.redaction import MASK, scrub

TEMPLATES_TRUSTED = ("celery", "kombu", "gunicorn", "alembic", "tornado", "flower", "billiard")
"""Libraries whose message templates hold no data; of all others only the name and the level are kept."""
FOREIGN = "library message"
"""What stands for a message that may hold data."""
LEFT_OUT = "..."
"""What stands for an argument that may hold data."""
ARGUMENTS_KNOWN = frozenset(
    {
        "Context impl %s.", "Will assume %s DDL.", "Running %s", "Starting gunicorn %s",
        "Listening at: %s", "Listening at: %s (%s)", "Using worker: %s", "Handling signal: %s",
        "Shutting down: %s", "Hang up: %s", "Scheduler: Sending due task %s (%s)", "beat: Starting...",
    }
)  # fmt: skip
"""Messages in which only our own settings, processes and code are named."""

_PLACE = re.compile(r"%(?:\((?P<name>\w+)\))?[#0+ -]*(?P<width>\*|\d+)?(?:\.(?:\*|\d+))?(?P<kind>[a-zA-Z%])")
_LARGEST = 10_000_000
"""Figures below it are counts, seconds and process ids; larger ones may be somebody's number."""
_LONGEST = 80


def readable(logger: str, message: object, arguments: object, *, filled: bool = True) -> str:
    """The message of a library in the form of our event names; `FOREIGN` where nobody vouches for it.

    Of what was to be filled in figures stay, and everything in messages that are known; the rest is `...`.
    Not `filled`, nothing stays.
    """
    if not isinstance(message, str) or logger.split(".", maxsplit=1)[0] not in TEMPLATES_TRUSTED:
        return FOREIGN
    if arguments:
        known = message in ARGUMENTS_KNOWN
        message = _filled(message, arguments if filled else None, all_of_them=filled and known)
    elif message not in ARGUMENTS_KNOWN:
        # It may have been put together already, as gunicorn does with what a sender sent.
        message = message.partition(":")[0]
    # %-signs and punctuation would fail the test for an event name, which is stricter than a message needs.
    plain = "".join(
        character if character.isascii() and (character.isalnum() or character in " _.:/()-") else " "
        for character in scrub(message)
    )
    words = re.sub(r"\.{4,}", LEFT_OUT, " ".join(plain.split()))
    return re.sub(r"^[^A-Za-z]+", "", words)[:_LONGEST].rstrip() or MASK


def _filled(message: str, arguments: object, *, all_of_them: bool) -> str:
    given = iter(arguments if isinstance(arguments, tuple) else (arguments,))

    def fill(place: re.Match[str]) -> str:
        if place["kind"] == "%":
            return " "
        value = _argument(place, arguments, given)
        return str(value) if all_of_them or _is_figure(value) else LEFT_OUT

    return _PLACE.sub(fill, message)


def _argument(place: re.Match[str], arguments: object, given: Iterator[object]) -> object:
    if place["name"] and isinstance(arguments, Mapping):
        return arguments.get(place["name"])
    if place["width"] == "*":
        next(given, None)
    return next(given, None)


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
