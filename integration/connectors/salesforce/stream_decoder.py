"""Fetched events as inbox rows, each read with the schema it was written with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from integration.canonical.event import ArrivedEvent
from integration.connectors.salesforce import pubsub_api_pb2 as pb
from integration.connectors.salesforce.change_events import arrived_events, entity_of, undecodable_event
from integration.connectors.salesforce.decode import EventSchema, FieldTypes, decode_event, parse_schema
from integration.connectors.salesforce.stream_calls import EventBus
from integration.errors import BadInput, ConfigurationFault
from integration.ports import Clock, StoredToken

TypesOf = Callable[[str], FieldTypes]
"""Describe's field types of an entity."""

_NO_SUCH_SCHEMA = frozenset(
    {
        "salesforce.stream.schema.validation.failed",
        "salesforce.stream.not_found",
        "salesforce.stream.invalid_argument",
    }
)
"""Answers that stay the same however often they are asked for; other troubles end the stream and are tried
again.
"""


class StreamDecoder:
    """Decodes for all topics of one org. Schemas are kept by their id: a changed field gives a new id in
    mid-stream.
    """

    def __init__(self, bus: EventBus, clock: Clock, types_of: TypesOf) -> None:
        self._bus = bus
        self._clock = clock
        self._types_of = types_of
        self._schemas: dict[str, tuple[EventSchema, FieldTypes]] = {}

    async def events(
        self, topic: str, fetched: Iterable[pb.ConsumerEvent], token: StoredToken
    ) -> list[ArrivedEvent]:
        """Inbox rows in stream order. An event that cannot be read becomes one raw row.

        Raises Retryable, Unauthorized or Throttled when a schema cannot be had now.
        """
        rows: list[ArrivedEvent] = []
        for consumed in fetched:
            try:
                schema, types = await self._schema(consumed.event.schema_id, token)
                rows += arrived_events(decode_event(schema, consumed.event.payload, types))
            except BadInput as fault:
                rows.append(self._raw(topic, consumed, fault))
        return rows

    async def _schema(self, schema_id: str, token: StoredToken) -> tuple[EventSchema, FieldTypes]:
        known = self._schemas.get(schema_id)
        if known is None:
            schema = parse_schema(schema_id, await self._schema_json(schema_id, token))
            known = self._schemas[schema_id] = (schema, await self._types(schema))
        return known

    async def _schema_json(self, schema_id: str, token: StoredToken) -> str:
        try:
            return await self._bus.schema_json(token, schema_id)
        except ConfigurationFault as fault:
            if fault.code not in _NO_SUCH_SCHEMA:
                raise
            raise BadInput("salesforce.schema_missing", "the event bus has no such schema") from None

    async def _types(self, schema: EventSchema) -> FieldTypes:
        """Describe is asked only where annotations are missing: by type alone a date looks like any other
        number.
        """
        if schema.annotated:
            return {}
        return await asyncio.to_thread(self._types_of, entity_of(schema.name))

    def _raw(self, topic: str, consumed: pb.ConsumerEvent, fault: BadInput) -> ArrivedEvent:
        event = consumed.event
        return undecodable_event(
            topic,
            event.id,
            event.schema_id,
            event.payload,
            consumed.replay_id,
            fault.code,
            self._clock.now_ms(),
        )
