"""The machine codes of the event bus: suffixes of `error-code`, with a gRPC status and a text for each.

Which status goes with which code is known for a few only; the switch `bus_code_statuses` changes any of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from integration.sandbox.errors import BadInstructionError

STATUSES = frozenset(
    "CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED"
    " RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE"
    " DATA_LOSS UNAUTHENTICATED".split()
)


@dataclass(frozen=True)
class Code:
    """One row: the status it comes with, and what its message says when it is provoked."""

    status: str
    text: str


CODES = {
    "service.unavailable": Code("UNAVAILABLE", "The service is temporarily unavailable."),
    "service.auth.error": Code(
        "UNAUTHENTICATED", "Authentication failed: the session is invalid or expired."
    ),
    "service.auth.headers.invalid": Code("UNAUTHENTICATED", "A header of the call is blank or malformed."),
    "service.auth.refresh.invalid": Code("UNAUTHENTICATED", "The refreshed authentication is invalid."),
    "service.protection.triggered": Code("RESOURCE_EXHAUSTED", "Too many connections in a short time."),
    "service.protection.stream.limit.triggered": Code("RESOURCE_EXHAUSTED", "Too many requests on a stream."),
    "service.tenant.license": Code("PERMISSION_DENIED", "The org has no licence for this service."),
    "concurrent.client.limit.exceeded": Code("RESOURCE_EXHAUSTED", "Too many subscribers and publishers."),
    "topic.not.found": Code("NOT_FOUND", "The topic is unknown or its object is not selected for events."),
    "topic.meta.permission": Code("PERMISSION_DENIED", "The user has no access to the topic."),
    "schema.meta.permission": Code("PERMISSION_DENIED", "The user has no access to the schema."),
    "topic.api.unavailable": Code("UNAVAILABLE", "Topics cannot be read at the moment."),
    "schema.api.unavailable": Code("UNAVAILABLE", "Schemas cannot be read at the moment."),
    "topic.validation.empty": Code("INVALID_ARGUMENT", "The topic name is blank."),
    "schema.validation.failed": Code("INVALID_ARGUMENT", "The schema ID is blank or unknown."),
    "subscription.fetch.replayid.corrupted": Code(
        "INVALID_ARGUMENT", "The Replay ID validation failed. Ensure that the Replay ID is valid."
    ),
    "subscription.fetch.replayid.validation.failed": Code(
        "INVALID_ARGUMENT", "The Replay ID validation failed. A custom replay needs a replay ID."
    ),
    "subscription.fetch.replay.repeated": Code(
        "ABORTED", "A replay ID lower than one before was met; subscribe anew."
    ),
    "subscription.limit.exceeded": Code(
        "RESOURCE_EXHAUSTED", "The org's daily event delivery limit is used up."
    ),
    "subscription.fetch.overflow": Code("RESOURCE_EXHAUSTED", "More was asked for than is taken."),
    "subscription.fetch.requested.events.invalid": Code(
        "INVALID_ARGUMENT", "The number of requested events must be positive."
    ),
    "subscription.fetch.topic.mismatch": Code("INVALID_ARGUMENT", "The topic of a stream cannot change."),
    "subscription.fetch.request.invalid": Code("INVALID_ARGUMENT", "The request lacks what it needs."),
    "subscription.topic.cannot.subscribe": Code(
        "PERMISSION_DENIED", "The user may not subscribe to this topic."
    ),
    "subscription.internal.error": Code("INTERNAL", "The subscription failed."),
    "publish.stream.sweeper.timeout": Code("ABORTED", "No publish request arrived in time."),
    "publish.auth.refresh.invalid": Code("UNAUTHENTICATED", "The refreshed authentication is invalid."),
    "publish.event.count.invalid": Code("INVALID_ARGUMENT", "A publish request needs at least one event."),
    "publish.topic.mismatch": Code("INVALID_ARGUMENT", "The topic of a publish stream cannot change."),
    "publish.topic.validation.empty": Code("INVALID_ARGUMENT", "The topic name is blank."),
}


def pairings(text: str) -> dict[str, str]:
    """Statuses by code from the switch's `code=STATUS,...` over those of the table.

    :raises BadInstructionError: a code or status that does not exist
    """
    found = {suffix: code.status for suffix, code in CODES.items()}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        suffix, _, status = (part.strip() for part in pair.partition("="))
        if suffix not in CODES or status not in STATUSES:
            raise BadInstructionError(f"bus_code_statuses is code=STATUS with known names, not {pair!r}")
        found[suffix] = status
    return found


@dataclass
class Refusal:
    """A code that the next calls of a method end with (every method if it is blank)."""

    suffix: str
    method: str = ""
    times: int = 1


class Refusals:
    """The refusals still to come."""

    def __init__(self) -> None:
        self._waiting: list[Refusal] = []

    def add(self, refusal: Refusal) -> None:
        """:raises BadInstructionError: no such code."""
        if refusal.suffix not in CODES:
            raise BadInstructionError(f"the bus has no code {refusal.suffix!r}; it has {sorted(CODES)}")
        self._waiting.append(refusal)

    def take(self, method: str) -> str | None:
        """The code this call ends with, used up by one."""
        for refusal in self._waiting:
            if refusal.method in {"", method}:
                refusal.times -= 1
                if refusal.times <= 0:
                    self._waiting.remove(refusal)
                return refusal.suffix
        return None

    def clear(self) -> None:
        self._waiting.clear()
