"""The schemas of events over REST: by id, and the current one by the name of the event."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from integration.sandbox.salesforce.api_errors import ApiError, not_found
from integration.sandbox.salesforce.org import SalesforceOrg

_BASE = "/services/data/v{version}"
_SLASH = "{slash:/?}"
_FORMATS = frozenset({"COMPACT", "EXPANDED"})


class EventSchemaRoutes:
    """Two addresses for the same schemas that GetSchema of the event bus tells."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{_BASE}/event/eventSchema/{{id}}{_SLASH}", self.by_id),
            web.get(f"{_BASE}/sobjects/{{event}}/eventSchema{_SLASH}", self.by_event),
        ]

    async def by_id(self, request: web.Request) -> web.Response:
        return self._answer(request, request.match_info["id"])

    async def by_event(self, request: web.Request) -> web.Response:
        return self._answer(request, self._current(request.match_info["event"]))

    def _current(self, event: str) -> str:
        """The id of the event's present schema. Raises NOT_FOUND for what sends no events."""
        if event in self._org.platform_schemas:
            return self._org.platform_schemas[event]
        for entity in self._org.events.entities:
            definition = self._org.schema.object(entity)
            if definition.event_name == event:
                return self._org.events.shape(definition).schema_id
        raise not_found()

    def _answer(self, request: web.Request, schema_id: str) -> web.Response:
        text = self._org.schemas.text(schema_id)
        if text is None:
            raise not_found()
        shape = request.query.get("payloadFormat", self._org.options.switches.event_schema_format).upper()
        if shape not in _FORMATS:
            raise ApiError("INVALID_FIELD", f"payloadFormat is one of {', '.join(sorted(_FORMATS))}")
        schema = json.loads(text)
        return web.json_response({**(schema if shape == "COMPACT" else _expanded(schema)), "uuid": schema_id})


def _expanded(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of the whole message as CometD delivers it, around the schema of the payload."""
    event = {"type": "record", "name": "Event", "fields": [{"name": "replayId", "type": "long"}]}
    fields = [
        {"name": "schema", "type": "string"},
        {"name": "payload", "type": schema},
        {"name": "event", "type": event},
    ]
    data = {"type": "record", "name": "Data", "namespace": "", "fields": fields}
    return {
        "name": schema["name"],
        "namespace": schema["namespace"],
        "type": "expanded-record",
        "fields": [{"name": "data", "type": data}, {"name": "channel", "type": "string"}],
    }
