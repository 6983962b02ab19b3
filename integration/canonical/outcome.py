"""How an event can end, and the states before that."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """The one end of an event that a person can see."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    ECHO = "echo"
    STALE = "stale"
    FOLDED = "folded"
    OUT_OF_SCOPE = "out of scope"
    CONFLICT_KEPT = "conflict kept"
    DEAD_LETTER = "dead letter"
    EXCEPTION = "exception"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


class EventState(StrEnum):
    """Where an event stands: `received` not routed, `queued` in its lane, `waiting` folded and not ended,
    `ended`.
    """

    RECEIVED = "received"
    QUEUED = "queued"
    WAITING = "waiting"
    ENDED = "ended"


class Mode(StrEnum):
    """What one direction of a pair may do: nothing, everything but send, everything."""

    OFF = "off"
    OBSERVE = "observe"
    LIVE = "live"


class WorkClass(StrEnum):
    """Who goes first when a limit is short."""

    LOOKUP = "lookup"
    EVENT = "event"
    BATCH = "batch"


def most_urgent(classes: Iterable[WorkClass]) -> WorkClass:
    """The class of a call for several: the others ride along, as a call of their own would cost more."""
    asked = set(classes)
    return next(work for work in WorkClass if work in asked)


class BindingState(StrEnum):
    """`provisional`: one side only; `active`: both; `alias`: merged into another; `tombstone`: deleted at
    its source.
    """

    PROVISIONAL = "provisional"
    ACTIVE = "active"
    ALIAS = "alias"
    TOMBSTONE = "tombstone"


class WriteState(StrEnum):
    """Life of an outbox row."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    DEAD = "dead"


class Operation(StrEnum):
    """One outside call on one record; `find` is the look-up before a create."""

    FIND = "find"
    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    MAKE_PRIMARY = "make primary"
    DELETE = "delete"
