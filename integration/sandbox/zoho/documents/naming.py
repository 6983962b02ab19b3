"""Things that exist because a document named them: delivery methods, carriers, salespersons."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Named:
    """Ids of names; a name gets its id when it is first used."""

    def __init__(self, next_id: Callable[[], str]) -> None:
        self._next_id = next_id
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """The id of the name; empty for an empty one."""
        if name and name not in self._ids:
            self._ids[name] = self._next_id()
            self._names[self._ids[name]] = name
        return self._ids.get(name, "")

    def name_of(self, named_id: str) -> str | None:
        """The name that has this id."""
        return self._names.get(named_id)

    def dump(self) -> dict[str, str]:
        """Ids by name."""
        return dict(self._ids)

    def load(self, state: Mapping[str, str]) -> None:
        """From a dump."""
        self._ids = dict(state)
        self._names = {named_id: name for name, named_id in self._ids.items()}

    def clear(self) -> None:
        """Forget every name."""
        self.load({})
