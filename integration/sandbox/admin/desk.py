"""What the admin endpoint works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from integration.sandbox.call_log import CallLog
from integration.sandbox.clock import SystemClock
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import Faults
from integration.sandbox.plan_player import PlanPlayer
from integration.sandbox.systems import Json, Salesforce, StandIn, Webhooks, Zoho

if TYPE_CHECKING:
    from integration.sandbox.kept_state import KeptState


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
    clocks: Mapping[str, SystemClock] = field(default_factory=dict)
    kept: KeptState | None = None
    incidents: frozenset[str] = frozenset()
    player: PlanPlayer = field(init=False)

    def __post_init__(self) -> None:
        self.player = PlanPlayer(self)

    def system(self, name: str) -> StandIn:
        """The stand-in of that name. :raises BadInstructionError: there is none."""
        found: StandIn | None = {"zoho": self.zoho, "salesforce": self.salesforce}.get(name)
        if found is None:
            raise BadInstructionError(f"there is no system {name!r} here")
        return found

    def systems(self) -> dict[str, StandIn]:
        """The stand-ins that were started."""
        org: dict[str, StandIn] = {} if self.salesforce is None else {"salesforce": self.salesforce}
        return {**org, "zoho": self.zoho}

    def set_clock(self, name: str, seconds: float) -> None:
        """A system's clock is so many seconds ahead from now on."""
        self.clocks[name].skew(seconds)
        self.system(name).clock_was_set()

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
        """Empty both systems, set their clocks right, forget plan, calls, faults, webhooks."""
        self.player.end()
        for name, system in self.systems().items():
            system.reset()
            self.set_clock(name, 0.0)
        for part in (self.faults, self.call_log, self.webhooks):
            part.clear()
        self.truth = {}
