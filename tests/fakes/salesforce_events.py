"""What a Salesforce org tells of a transaction, in the form in which the connector hands it to the line."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Json, Side

KINDS = {"DELETE": EventKind.DELETE, "UNDELETE": EventKind.UNDELETE}
MERGED = ("UPDATE", "DELETE")
LONG_TEXT = 1_000


@dataclass(frozen=True)
class Actor:
    """Who saves, and the road it came by."""

    user_id: str
    origin: str


PERSON = Actor("005000000000001AAA", "com/salesforce/api/soap/61.0;client=SfdcInternalAPI/")
OURS = Actor("005000000000002AAA", "com/salesforce/api/rest/61.0;client=our-client")


@dataclass
class Told:
    """One event: its number in the transaction, and the records it is about.

    `partial`: a text came as a difference, so all it says is that the records changed.
    """

    number: int
    entity: str
    change: str
    fields: dict[str, Json]
    at: int
    record_ids: list[str]
    partial: bool = False

    @property
    def kind(self) -> EventKind:
        """What the connector makes of it."""
        return EventKind.GAP if self.partial else KINDS.get(self.change, EventKind.CHANGE)


@dataclass
class Transaction:
    """What one save tells; equal changes of several records are one event that names them all."""

    name: str
    actor: Actor
    at: int
    told: list[Told] = field(default_factory=list)
    _changes: int = 0

    def tell(
        self,
        entity: str,
        record_id: str,
        change: str,
        fields: dict[str, Json],
        modified_at: int,
        *,
        partial: bool = False,
    ) -> None:
        """One record changed; it takes a number of its own also where it is told with another."""
        self._changes += 1
        for earlier in self.told if change in MERGED else ():
            if (earlier.entity, earlier.change, earlier.fields) == (entity, change, fields):
                earlier.record_ids.append(record_id)
                return
        at = self.at if change == "DELETE" else modified_at
        self.told.append(Told(self._changes, entity, change, fields, at, [record_id], partial))

    def events(self) -> list[ArrivedEvent]:
        """As they come out of the stream: a row a record."""
        return [self._event(told, record_id) for told in self.told for record_id in told.record_ids]

    def _event(self, told: Told, record_id: str) -> ArrivedEvent:
        body: dict[str, Json] = {"change_type": told.change, "committed_at": self.at}
        if told.kind in (EventKind.CHANGE, EventKind.UNDELETE):
            body |= {"fields": json.loads(json.dumps(told.fields)), "create": told.change == "CREATE"}
        return ArrivedEvent(
            Side.SALESFORCE,
            f"{self.name}/{told.number}/{told.entity}/{record_id}",
            told.entity,
            record_id,
            told.kind,
            Channel.STREAM,
            told.at,
            body,
            author=self.actor.user_id,
            origin=self.actor.origin,
        )


def instant(epoch_ms: int) -> str:
    """`2018-10-27T15:00:00.000+0000`."""
    moment = datetime.fromtimestamp(epoch_ms // 1_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1_000:03d}+0000"


def is_told_as_difference(before: Json, after: Json) -> bool:
    """Whether an event carries a long text as a difference: only where little of it has changed."""
    if not isinstance(before, str) or not isinstance(after, str) or len(after) < LONG_TEXT:
        return False
    hunks = list(difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm=""))[2:]
    touched = [line for line in hunks if line[:1] in ("+", "-")]
    few = len(touched) <= 0.25 * len(after.split("\n"))
    return few and sum(map(len, touched)) <= 0.5 * len(after) and len("\n".join(hunks)) < len(after) - 80
