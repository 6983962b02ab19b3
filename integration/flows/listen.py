"""Listen: one process follows the event stream of a pair; the others stand by until its lease has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from integration.canonical.event import ArrivedEvent
from integration.canonical.values import Side
from integration.errors import ClaimLost, ConfigurationFault, Fault, Retryable, Unauthorized
from integration.flows.accept import accept_stream, open_generation, stream_position
from integration.ports.services import Services

ROLE = "listener"
LEASE_MS = 30_000
"""How long a pair goes without a listener after one was killed."""
CATCH_UP = "catch-up"


@dataclass(frozen=True)
class ListenerRole:
    """The right to store the stream of one pair, as long as `epoch` is the newest."""

    services: Services
    epoch: int
    lease_ms: int = LEASE_MS

    def sink(self, topic: str, events: Sequence[ArrivedEvent], replay_id: bytes) -> None:
        """Store a fetch with its place. Raises ClaimLost when another process listens by now."""
        try:
            accept_stream(self.services, topic, events, replay_id, self.epoch, self.lease_ms)
        except ClaimLost as fault:
            if fault.code == "listener.replaced":
                raise
            # Some other row was taken by somebody else meanwhile; the fetch comes again.
            raise Retryable(fault.code, "the fetch was not stored") from None

    def position(self, topic: str) -> bytes | None:
        """The place stored last."""
        return stream_position(self.services, topic)

    def position_lost(self, topic: str) -> None:
        """Number what comes anew, and have the hole read. Raises ClaimLost when another process listens."""
        open_generation(self.services, topic, self.epoch, self.lease_ms)
        self.services.bell.ring(CATCH_UP, self.services.pair_id)

    def fault(self, topic: str, fault: Fault) -> None:
        """People hear of what does not mend itself."""
        if isinstance(fault, Unauthorized | ConfigurationFault):
            self.services.alarm.alert(
                self.services.pair_id,
                f"listener.{fault.code}",
                f"the event stream {topic} cannot be followed: {fault.code}",
                fault.advice or "Run `zoho-salesforce doctor`. Changes are polled meanwhile, more rarely.",
            )

    def keep(self) -> bool:
        """Hold the role for another lease; False when another process has it."""
        with self.services.stores.begin(self.services.pair_id, "listener.hold") as uow:
            return uow.cursors.hold(Side.SALESFORCE, ROLE, self.epoch, self.lease_ms)

    def give_back(self) -> None:
        """Let another process begin at once."""
        with self.services.stores.begin(self.services.pair_id, "listener.release") as uow:
            uow.cursors.release(Side.SALESFORCE, ROLE, self.epoch)


def take_role(services: Services, holder: str, lease_ms: int = LEASE_MS) -> ListenerRole | None:
    """Become the listener of this pair; None while another process is."""
    with services.stores.begin(services.pair_id, "listener.claim") as uow:
        epoch = uow.cursors.claim(Side.SALESFORCE, ROLE, holder, lease_ms)
    return ListenerRole(services, epoch, lease_ms) if epoch is not None else None
