"""Which objects have change events: a choice with limits."""

from __future__ import annotations

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.schema import Schema

_LINES = "OpportunityLineItem"
_WITHOUT_EVENTS = frozenset({"Organization", "CurrencyType", "OpportunityStage", "OrderStatus"})


def selected_entities(schema: Schema, options: OrgOptions) -> frozenset[str]:
    """The objects selected over all channels, each counted once.

    :raises BadInstructionError: unknown, without change events, or more than the org may select
    """
    switches = options.switches
    selected = frozenset(options.event_entities).union(*options.event_channels.values())
    unknown = sorted(name for name in selected if name not in {definition.name for definition in schema})
    if unknown:
        raise BadInstructionError(f"no objects {unknown} to select for change events")
    lacking = sorted(selected & _WITHOUT_EVENTS)
    if lacking:
        raise BadInstructionError(f"{lacking} have no change events")
    if _LINES in selected and not switches.line_item_events:
        raise BadInstructionError(
            f"whether {_LINES} has change events is not known;"
            " --switch salesforce_line_item_events=true selects it all the same"
        )
    if len(selected) > switches.event_entities_at_most:
        raise BadInstructionError(
            f"{len(selected)} objects are selected for change events, at most"
            f" {switches.event_entities_at_most} may be; select fewer in salesforce_event_entities or lift"
            f" the limit with --switch salesforce_event_entities_at_most={len(selected)}"
        )
    return selected
