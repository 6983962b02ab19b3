"""What became of the webhooks, as the API tells it; the sender knows."""

from __future__ import annotations

from typing import Any, Protocol


class Deliveries(Protocol):
    """The history of what was sent."""

    def shown(self) -> list[dict[str, Any]]:
        """Every delivery that is still remembered, oldest first."""
        ...

    def send_again(self, history_id: str) -> None:
        """Send one of them once more. :raises ApiError: 404, it cannot be."""
        ...


class NoDeliveries:
    """An organisation that nobody sends webhooks for."""

    def shown(self) -> list[dict[str, Any]]:
        return []

    def send_again(self, history_id: str) -> None:
        """Nothing was ever sent, so no id is known."""
