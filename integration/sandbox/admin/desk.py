"""What the admin endpoint works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.call_log import CallLog
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import Faults
from integration.sandbox.systems import Json, Salesforce, StandIn, Webhooks, Zoho


@dataclass
class Desk:
    """Both systems and all that surrounds them; `salesforce` is None where only Zoho was started."""

    zoho: Zoho
    webhooks: Webhooks
    faults: Faults
    call_log: CallLog
    salesforce: Salesforce | None = None
    provoke: Callable[[Mapping[str, Any]], Json] | None = None
    switches: Sequence[Json] = ()
    about: Json = field(default_factory=dict)
    truth: Json = field(default_factory=dict)

    def system(self, name: str) -> StandIn:
        """The stand-in of that name. :raises BadInstructionError: there is none."""
        found: StandIn | None = {"zoho": self.zoho, "salesforce": self.salesforce}.get(name)
        if found is None:
            raise BadInstructionError(f"there is no system {name!r} here")
        return found

    def org(self) -> Salesforce:
        """The Salesforce stand-in. :raises BadInstructionError: it was not started."""
        if self.salesforce is None:
            raise BadInstructionError("there is no system 'salesforce' here")
        return self.salesforce

    def happen(self, incident: Mapping[str, Any]) -> Json:
        """Let something go wrong with Salesforce's events. :raises BadInstructionError: unknown kind."""
        if self.provoke is None:
            raise BadInstructionError("there is no system 'salesforce' here")
        return self.provoke(incident)

    def reset(self) -> None:
        """Empty both systems, forget calls, faults and webhooks."""
        for system in (self.zoho, self.salesforce):
            if system is not None:
                system.reset()
        for part in (self.faults, self.call_log, self.webhooks):
            part.clear()
        self.truth = {}
