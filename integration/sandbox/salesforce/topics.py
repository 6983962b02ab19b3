"""Topic names and what they deliver."""

from __future__ import annotations

from dataclasses import dataclass, replace

from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_errors import BusError

ALL_CHANGES = "/data/ChangeEvents"


@dataclass(frozen=True)
class Topic:
    """A topic: the objects or platform events whose events it carries."""

    name: str
    sources: frozenset[str]
    schema_id: str
    can_publish: bool = False
    can_subscribe: bool = True

    @property
    def source(self) -> str:
        """The one platform event of a topic that can be published to."""
        (source,) = self.sources
        return source


class Topics:
    """Finds topics; names are case-sensitive."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def find(self, name: str) -> Topic:
        """Raises BusError for a blank name and for anything not selected for change events."""
        if not name.strip():
            raise BusError("topic.validation.empty")
        found = self._find(name)
        return replace(found, can_subscribe=not found.sources & self._org.hidden_objects)

    def _find(self, name: str) -> Topic:
        selected = self._org.options.event_entities
        several = self._org.options.switches.multi_topic_schema_id
        if name == ALL_CHANGES:
            return Topic(name, frozenset(selected), several)
        channel = self._org.options.event_channels.get(name.removeprefix("/data/"))
        if channel is not None and name.startswith("/data/"):
            return Topic(name, frozenset(channel), several)
        for entity in selected:
            definition = self._org.schema.object(entity)
            if name == f"/data/{definition.event_name}":
                return Topic(name, frozenset({definition.name}), self._org.events.shape(definition).schema_id)
        event = name.removeprefix("/event/")
        if name.startswith("/event/") and event in self._org.platform_schemas:
            return Topic(name, frozenset({event}), self._org.platform_schemas[event], can_publish=True)
        raise BusError(
            "topic.not.found", f"Topic {name} is unknown or its object is not selected for events."
        )
