"""Decoded change events as rows for the inbox, one per record id. Pure."""

from __future__ import annotations

import base64

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Json, Side
from integration.connectors.salesforce.decode import DecodedEvent
from integration.connectors.salesforce.ids import NO_RECORD

_KINDS = {
    "CREATE": EventKind.CHANGE,
    "UPDATE": EventKind.CHANGE,
    "DELETE": EventKind.DELETE,
    "UNDELETE": EventKind.UNDELETE,
    "GAP_OVERFLOW": EventKind.OVERFLOW,
}
"""Everything else (GAP_*, and types not known yet) says only that the record changed: a gap."""


def arrived_events(event: DecodedEvent) -> list[ArrivedEvent]:
    """Inbox rows of one change event; a merged event of many records gives many rows with the same fields.

    `at` is the record's modification time where the event has it, else the time of the commit.
    """
    return [_arrived(event, record_id) for record_id in event.record_ids]


def _arrived(event: DecodedEvent, record_id: str) -> ArrivedEvent:
    kind = _kind(event, record_id)
    return ArrivedEvent(
        side=Side.SALESFORCE,
        key=f"{event.transaction_key}/{event.sequence}/{event.entity}/{record_id}",
        entity=event.entity,
        record_id="" if kind is EventKind.OVERFLOW else record_id,
        kind=kind,
        channel=Channel.STREAM,
        at=event.committed_at if event.modified_at is None else event.modified_at,
        body=_body(event, kind),
        author=event.author,
        origin=event.origin,
    )


def _kind(event: DecodedEvent, record_id: str) -> EventKind:
    if record_id.endswith("*") or record_id == NO_RECORD:
        return EventKind.OVERFLOW  # a key prefix with a star: any record of the entity
    if event.partial:
        return EventKind.GAP  # reading the record is simpler than patching it
    return _KINDS.get(event.change_type, EventKind.GAP)


def _body(event: DecodedEvent, kind: EventKind) -> dict[str, Json]:
    body: dict[str, Json] = {"change_type": event.change_type, "committed_at": event.committed_at}
    if kind in {EventKind.CHANGE, EventKind.UNDELETE}:
        body["fields"] = event.fields
        body["create"] = event.change_type == "CREATE"
    return body


def undecodable_event(
    topic: str, event_id: str, schema_id: str, payload: bytes, replay_id: bytes, reason: str, now_ms: int
) -> ArrivedEvent:
    """An event nobody could read, kept as it came (base64) so that it can be read again after a repair."""
    return ArrivedEvent(
        side=Side.SALESFORCE,
        key=f"undecodable/{event_id or replay_id.hex()}",
        entity=entity_of(topic),
        record_id="",
        kind=EventKind.UNDECODABLE,
        channel=Channel.STREAM,
        at=now_ms,
        body={
            "payload": base64.b64encode(payload).decode(),
            "schema_id": schema_id,
            "topic": topic,
            "replay_id": replay_id.hex(),
            "reason": reason,
        },
    )


def entity_of(topic: str) -> str:
    """The entity a channel is about; empty for channels of many entities."""
    name = topic.rpartition("/")[2]
    if name.endswith("__ChangeEvent"):
        return name.removesuffix("__ChangeEvent") + "__c"
    return name.removesuffix("ChangeEvent") if name.endswith("ChangeEvent") else ""


def topic_of(entity: str) -> str:
    """The channel that carries the changes of one entity."""
    if entity.endswith("__c"):
        return f"/data/{entity.removesuffix('__c')}__ChangeEvent"
    return f"/data/{entity}ChangeEvent"
