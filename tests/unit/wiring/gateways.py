"""A gateway that answers what the wiring asks, and can be away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from integration.canonical.values import Side
from integration.errors import Retryable
from integration.ports import Gateway


class Askable:
    """Knows its organisation and its fields; counts what it is asked."""

    def __init__(
        self, side: Side, *, absent: frozenset[str] = frozenset(), organization: str = "org-1"
    ) -> None:
        self.side = side
        self.absent = absent
        self.organization = organization
        self.away = False
        self.asked: list[str] = []

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        self._note(entity)
        return [name for name in fields if name in self.absent]

    def organization_id(self) -> str:
        self._note("organization")
        return self.organization

    def _note(self, what: str) -> None:
        if self.away:
            raise Retryable("network.connect", "the system could not be reached")
        self.asked.append(what)


def as_gateways(*askable: Askable) -> Any:
    """As the wiring takes them."""
    return {one.side: cast("Gateway", one) for one in askable}
