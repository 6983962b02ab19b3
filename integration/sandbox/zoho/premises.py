"""What every module of an organisation stands on: who it is, what time it is there, whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integration.sandbox.clock import Clock
from integration.sandbox.switches import Switches
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.custom_fields import CustomFields
from integration.sandbox.zoho.profile import Profile


@dataclass(frozen=True)
class Premises:
    """Shared by all modules; `fields` holds the custom fields by entity, `next_id` makes ids."""

    profile: Profile
    switches: Switches
    clock: Clock
    next_id: Callable[[], str]
    announce: Callable[[Change], None]
    fields: Mapping[str, CustomFields]

    def now(self) -> int:
        """The present in whole seconds since 1970, which is all that records remember."""
        return int(self.clock.now().timestamp())

    def visible_at(self) -> float:
        """When filters will see what is written now, in the clock's monotonic seconds."""
        return self.clock.monotonic() + self.clock.scaled(self.switches.zoho_search_lag_seconds)
