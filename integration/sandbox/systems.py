"""What the admin endpoint and the generator ask of a stand-in, whichever system it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

Json = dict[str, Any]


class Allowances(Protocol):
    """What a system lets its callers use."""

    @property
    def most(self) -> Mapping[str, int]:
        """What `left` tells when nothing is used."""
        ...

    def left(self) -> Mapping[str, int]:
        """How many calls and the like are left: `{"day_left": n, ...}`."""
        ...

    def leave(self, key: str, count: int) -> None:
        """As if all but so many were used; the key is one of `most`, the count no more than it says."""
        ...


class StandIn(Protocol):
    """State and behaviour of one system, without HTTP."""

    @property
    def allowances(self) -> Allowances:
        """Limits, and what is left of them."""
        ...

    def counts(self) -> Json:
        """By entity: `{"alive": n, "deleted": n}`."""
        ...

    def records(self, entity: str) -> list[Json]:
        """Every record as the API shows it, plus `deleted`."""
        ...

    def record(self, entity: str, record_id: str) -> Json:
        """One record as the API shows it, plus `deleted`. :raises NoSuchRecordError: never existed."""
        ...

    def edit(self, entity: str, record_id: str | None, fields: Mapping[str, Any]) -> Json:
        """A person creates (no id) or changes a record; answers it. :raises RefusedError: not allowed."""
        ...

    def delete(self, entity: str, record_id: str) -> None:
        """A person deletes a record. :raises RefusedError: not allowed."""
        ...

    def plant(self, entity: str, fields: Mapping[str, Any], age_days: float) -> str:
        """Put a record there as if it had long existed: no event, no webhook, old times. Answers its id."""
        ...

    def check_entity(self, entity: str) -> None:
        """:raises BadInstructionError: the system has no such entity"""
        ...

    def clock_was_set(self) -> None:
        """The system's clock has jumped."""
        ...

    def revoke_access_tokens(self) -> None:
        """Every access token given so far is dead."""
        ...

    def dump(self) -> Json:
        """Everything needed to go on after a restart, as JSON."""
        ...

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump."""
        ...

    def reset(self) -> None:
        """Back to an empty organisation; credentials stay."""
        ...


class Chances(Protocol):
    """How likely accidents are."""

    def configure(self, spec: Mapping[str, Any]) -> Json:
        """Other chances from now on. :raises BadInstructionError: nonsense."""
        ...

    def configured(self) -> Json:
        """The chances in force, and under `happened` what came of them."""
        ...


class Salesforce(StandIn, Protocol):
    """What only the Salesforce stand-in can be asked for."""

    @property
    def accidents(self) -> Chances:
        """What chance does to events."""
        ...

    def merge(self, entity: str, winner: str, losers: Iterable[str], fields: Mapping[str, Any]) -> Json:
        """A person merges records; answers the winner. :raises RefusedError: not allowed."""
        ...

    def unsupported(self) -> list[Json]:
        """What queries asked for that the stand-in's grammar has not, newest first."""
        ...


class Zoho(StandIn, Protocol):
    """What only the Zoho stand-in can be asked for."""

    def set_status(self, record_id: str, status: str, entity: str = "contact") -> Json:
        """A person presses a button, `active` for instance. :raises RefusedError: it does not work now."""
        ...


class Webhooks(Protocol):
    """The sender of webhooks as the admin endpoint sees it."""

    def configure(self, spec: Mapping[str, Any]) -> Json:
        """Other rules, chaos and retries from now on; answers them. :raises BadInstructionError: nonsense."""
        ...

    def set_chaos(self, chances: Mapping[str, Any], seed: int | None = None) -> Json:
        """Other chances from now on, drawn anew where a seed is given; answers those before."""
        ...

    def check_chaos(self, chances: Mapping[str, Any]) -> None:
        """:raises BadInstructionError: no such chance, or a value out of its range"""
        ...

    def configured(self) -> Json:
        """The rules, chaos and retries in force, without secrets."""
        ...

    def history(self, since: int, limit: int) -> Json:
        """Counts and the deliveries after `since`."""
        ...

    def resend(self, number: int) -> None:
        """Send a delivery of the history once more. :raises BadInstructionError: there is none."""
        ...

    def clear(self) -> None:
        """Forget the history and what is on its way."""
        ...
