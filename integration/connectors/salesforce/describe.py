"""What an org says about its objects, kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from integration.canonical.outcome import WorkClass
from integration.connectors.salesforce.client import Client, unreadable
from integration.errors import ConfigurationFault, Gone
from integration.ports import Clock


@dataclass(frozen=True)
class FieldInfo:
    """One field as describe tells it."""

    name: str
    type: str
    writable: bool
    filterable: bool
    external_id: bool
    unique: bool


class Describe:
    """Fields per object; asked again after `keep_seconds`, or at once after `forget`."""

    def __init__(self, client: Client, clock: Clock, keep_seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._keep_ms = int(keep_seconds * 1_000)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, Mapping[str, FieldInfo]]] = {}

    def fields(self, entity: str) -> Mapping[str, FieldInfo]:
        """Every field of an object by name. Raises ConfigurationFault when the org has no such object."""
        with self._lock:  # one asks, the others wait for the answer
            kept = self._known.get(entity)
            now = self._clock.now_ms()
            if kept is None or now - kept[0] > self._keep_ms:
                kept = self._known[entity] = (now, self._ask(entity))
            return kept[1]

    def names(self, entity: str) -> frozenset[str]:
        """Names of all fields."""
        return frozenset(self.fields(entity))

    def present(self, entity: str, wanted: Iterable[str]) -> list[str]:
        """Those of the wanted fields that exist, in the order wanted and each once."""
        names = self.names(entity)
        return [name for name in dict.fromkeys(wanted) if name in names]

    def absent(self, entity: str, wanted: Sequence[str]) -> list[str]:
        """Those of the wanted fields that do not exist."""
        names = self.names(entity)
        return [name for name in dict.fromkeys(wanted) if name not in names]

    def writable(self, entity: str) -> frozenset[str]:
        """Fields that may be written on create or update."""
        return frozenset(name for name, info in self.fields(entity).items() if info.writable)

    def types(self, entity: str) -> dict[str, str]:
        """Field types, as the stream decoder takes them."""
        return {name: info.type for name, info in self.fields(entity).items()}

    def forget(self, entity: str) -> None:
        """The org has answered that it does not know a field: ask again next time."""
        with self._lock:
            self._known.pop(entity, None)

    def _ask(self, entity: str) -> Mapping[str, FieldInfo]:
        try:
            answer = self._client.call(
                "GET", f"sobjects/{entity}/describe", WorkClass.LOOKUP, label=f"sobjects/{entity}/describe"
            )
        except Gone:
            raise ConfigurationFault(
                "salesforce.object_missing",
                f"the org has no object {entity}, or we may not see it",
                advice="Check the object's name, and that the integration user has access to it.",
            ) from None
        if not isinstance(answer, Mapping) or not isinstance(answer.get("fields"), list):
            raise unreadable("GET", "sobjects/describe")
        return {item["name"]: _info(item) for item in answer["fields"]}


def _info(item: Mapping[str, object]) -> FieldInfo:
    return FieldInfo(
        name=str(item["name"]),
        type=str(item["type"]),
        writable=bool(item.get("createable") or item.get("updateable")),
        filterable=bool(item.get("filterable", True)),
        external_id=bool(item.get("externalId")),
        unique=bool(item.get("unique")),
    )
