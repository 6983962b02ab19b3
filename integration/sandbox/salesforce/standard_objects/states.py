"""The stages of opportunities and the states of orders, as an admin would have set them up."""

from __future__ import annotations

from dataclasses import dataclass

from integration.sandbox.errors import BadInstructionError

FORECAST_CATEGORIES = {
    "Pipeline": "Pipeline",
    "BestCase": "Best Case",
    "Forecast": "Commit",
    "Closed": "Closed",
    "Omitted": "Omitted",
}
"""Category → its name in the picklist that people see."""
DRAFT, ACTIVATED = "Draft", "Activated"
ORDER_STATUS_CODES = (DRAFT, ACTIVATED)


@dataclass(frozen=True)
class Stage:
    """A stage: what it makes of an opportunity; the probability is in percent."""

    name: str
    probability: float
    category: str
    closed: bool = False
    won: bool = False


STAGES = (
    Stage("Prospecting", 10, "Pipeline"),
    Stage("Qualification", 10, "Pipeline"),
    Stage("Needs Analysis", 20, "Pipeline"),
    Stage("Value Proposition", 50, "Pipeline"),
    Stage("Id. Decision Makers", 60, "Pipeline"),
    Stage("Perception Analysis", 70, "Pipeline"),
    Stage("Proposal/Price Quote", 75, "Pipeline"),
    Stage("Negotiation/Review", 90, "Pipeline"),
    Stage("Closed Won", 100, "Closed", closed=True, won=True),
    Stage("Closed Lost", 0, "Omitted", closed=True),
)


def order_states(text: str) -> dict[str, str]:
    """Status → StatusCode from `Draft=Draft,Activated=Activated`.

    :raises BadInstructionError: something else, or no status that is a draft
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        status, _, code = (piece.strip() for piece in part.partition("="))
        if not status or code not in ORDER_STATUS_CODES:
            raise BadInstructionError(
                "salesforce_order_statuses is a list of status=code, code being Draft or Activated,"
                f" not {part!r}"
            )
        found[status] = code
    if DRAFT not in found.values():
        raise BadInstructionError("salesforce_order_statuses needs a status that is a Draft")
    return found
