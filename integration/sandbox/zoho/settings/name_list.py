"""Names that get an id when somebody first uses them: units, brands, makers, reasons of adjustments."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from integration.sandbox.zoho.premises import Premises


class NameList:
    """Names by id; two that differ in case only are one."""

    def __init__(self, next_id: Callable[[], str], at_start: Iterable[tuple[str, str]] = ()) -> None:
        self._next_id, self._at_start = next_id, tuple(at_start)
        self.clear()

    def clear(self) -> None:
        """Only the names of the start."""
        self.load(self._at_start)

    def id_of(self, name: str) -> str:
        """The id of the name, a new one where nobody used it before; none for an empty name."""
        if not name:
            return ""
        form = name.casefold()
        if form not in self._ids:
            self._ids[form] = self._next_id()
            self._names[self._ids[form]] = name
        return self._ids[form]

    def name_of(self, own_id: str) -> str | None:
        """The name of that id."""
        return self._names.get(own_id)

    def knows(self, name: str) -> bool:
        """Whether somebody used the name before."""
        return name.casefold() in self._ids

    def dump(self) -> list[tuple[str, str]]:
        """Pairs of id and name."""
        return list(self._names.items())

    def load(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The names of a dump instead of the present ones."""
        self._names: dict[str, str] = dict(pairs)
        self._ids = {name.casefold(): own_id for own_id, name in self._names.items()}


def numbered(premises: Premises, first: int, names: Iterable[str]) -> list[tuple[str, str]]:
    """Names with ids that follow from the organisation alone."""
    prefix = premises.profile.id_prefix
    return [(f"{prefix}{first + 2 * number:012d}", name) for number, name in enumerate(names)]
