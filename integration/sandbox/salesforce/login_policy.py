"""What an administrator has decided about logins through the connected app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from integration.sandbox.errors import BadInstructionError


@dataclass(frozen=True)
class LoginPolicy:
    """Each is a decision whose refusal has an answer of its own at the token endpoint."""

    approved: bool = True
    """The users have approved the app, so that JWT bearer works without them."""
    app_access: bool = True
    """The users' profiles may use the app at all."""
    run_as: bool = True
    """The app has a user to run as for the client credentials."""
    logins: bool = True
    """The present hour and address are ones the users' profiles allow."""
    consent: bool = True
    """Whoever is asked in the web server flow says yes."""

    def changed(self, spec: Mapping[str, Any]) -> LoginPolicy:
        """:raises BadInstructionError: a decision that does not exist or is not true or false."""
        unknown = set(spec) - set(asdict(self))
        if unknown or not all(isinstance(value, bool) for value in spec.values()):
            raise BadInstructionError(f"a login policy has {sorted(asdict(self))}, each true or false")
        return replace(self, **spec)
