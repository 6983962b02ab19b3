"""What the flows need from outside, as Protocols; `wiring.py` fills them with the concrete parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.errors import Fault


@dataclass(frozen=True)
class ReadRequest:
    """Read one record whole; a root record comes with its children (Account with Contacts, contact with
    persons).
    """

    entity: str
    record_id: str


@dataclass(frozen=True)
class ReadAnswer:
    """The addressed record first, then its children.

    A record that is gone has `deleted` set (and `merged_into` when the system tells). `children_whole` is
    False when children were not read, so that none may be taken for gone. `fault` stands instead of records
    when this one read failed.
    """

    request: ReadRequest
    records: tuple[NativeRecord, ...] = ()
    children_whole: bool = True
    fault: Fault | None = None


@dataclass(frozen=True)
class FindRequest:
    """Look for records that may be the same: by our key first, then by name, e-mail, phone or web site
    (exact).
    """

    entity: str
    key: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""


@dataclass(frozen=True)
class FindAnswer:
    """Records found; `by_key` are those that carry our key. `whole` on each tells whether it is a summary."""

    request: FindRequest
    by_key: tuple[NativeRecord, ...] = ()
    others: tuple[NativeRecord, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True)
class WriteRequest:
    """One call on one record, in the target's own field names.

    `key` is our unique key for a create (the source record's id); the gateway knows the field it goes to.
    `children` are the native fields of child records made in the same create call.
    """

    entity: str
    operation: Operation
    record_id: str = ""
    parent_id: str = ""
    fields: Mapping[str, Json] = field(default_factory=dict)
    key: str = ""
    children: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True)
class WriteAnswer:
    """What the target said to one request: the record's id, and the record(s) as answered when it shows them.

    `fault` stands when this row failed; its siblings in the same call are not touched by it.
    """

    record_id: str = ""
    records: tuple[NativeRecord, ...] = ()
    created: bool = False
    fault: Fault | None = None


@dataclass(frozen=True)
class Page:
    """One page of a listing; `next_page` is empty at the end. Records may be summaries (`whole` False)."""

    records: tuple[NativeRecord, ...]
    next_page: str = ""


@dataclass(frozen=True)
class Deletions:
    """Deleted records, oldest first. What was deleted after `covered_ms` may not be told yet."""

    records: tuple[NativeRecord, ...]
    covered_ms: int


class Gateway(Protocol):
    """One connected system. Methods raise Fault when the whole call failed; single rows carry their own."""

    side: Side

    def batch_limit(self, operation: Operation, entity: str) -> int:
        """How many requests of this kind travel in one outside call."""

    def keyed(self, entity: str) -> bool:
        """Whether a create of this entity carries a key the system keeps unique, so that repeating it
        makes no second record.
        """

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """Read records whole, answers in the order of the requests."""

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """Search for records, answers in the order of the requests."""

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        """Send requests (all of one entity and operation), answers in order."""

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        """The records inside a stored event body of kind `record`, root first. Raises BadInput when
        unreadable.
        """

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """One page of records modified at or after `since_ms`; Salesforce ascending and whole, Zoho
        descending summaries.
        """

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:
        """Records deleted since then, where the system tells; else none, up to that time."""

    def list_page(self, entity: str, page: str) -> Page:
        """One page of all living records (Salesforce: whole, by id; Zoho: summaries)."""

    def open_documents(self, record_id: str) -> bool:
        """Whether a customer has transactions that forbid putting it away."""

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Those of the named native fields that this organisation does not have."""

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Native fields that may be written, as the organisation describes them."""

    def organization_id(self) -> str:
        """The id of the organisation behind this connection, as it tells itself."""


class Bell(Protocol):
    """Wakes workers; losing a ring costs seconds, never an event."""

    def ring(self, queue: str, pair_id: int) -> None:
        """Wake one worker of a queue. Never raises and never blocks longer than its short deadline."""

    def clear(self, queue: str, pair_id: int) -> None:
        """A worker's first act: let the next ring through."""


class Pace(Protocol):
    """One limiter per (pair, system), shared by all workers."""

    def take(self, work: WorkClass, calls: int = 1) -> AbstractContextManager[None]:
        """Hold a slot while calling. Raises Throttled when no slot is free within a short wait."""

    def pause(self, seconds: float, scope: str) -> None:
        """The other system said stop: nobody calls it for that long."""


class Alarm(Protocol):
    """Tells people; equal alarms within a while are one."""

    def alert(self, pair_id: int, kind: str, text: str, advice: str, count: int = 1) -> None:
        """Send or fold one alert raised outside of a unit of work. Never raises."""

    def due(self, pair_id: int) -> None:
        """Have what units of work have gathered told by now. Never raises."""


class Clock(Protocol):
    """Time as the line sees it."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""


@dataclass(frozen=True)
class RotatedGrant:
    """The refresh token that took the place of the one in the settings; `seed` is a digest of that one, so
    that a new one in the settings counts again.
    """

    refresh_token: str = field(repr=False)
    seed: str


@dataclass(frozen=True)
class StoredToken:
    """The access token the whole fleet shares; `epoch` rises with every refresh that was claimed.

    `organization_id` is empty where the token server did not tell it, `grant` None where the refresh token
    of the settings still serves.
    """

    access_token: str = field(repr=False)
    base_url: str
    expires_at_ms: int
    epoch: int
    organization_id: str = ""
    grant: RotatedGrant | None = None


class CredentialStore(Protocol):
    """Access tokens and the refresh lease of one (pair, system), encrypted at rest."""

    def current(self) -> StoredToken | None:
        """The token last stored, expired or not."""

    def claim_refresh(self, seen_epoch: int, lease_ms: int, window_ms: int, most: int) -> int | None:
        """Try to become the one who refreshes.

        Returns my epoch, or None when another holds the lease or the epoch moved past `seen_epoch`.
        Raises Throttled when `most` refreshes were claimed within the window.
        """

    def store(self, token: StoredToken) -> bool:
        """Keep a refreshed token; False when my epoch is not the newest any more.

        Even then its `grant` is kept unless a newer one is: the one before it is worth nothing any more.
        """

    def release(self, epoch: int, *, rest_ms: int = 0, sent: bool = True) -> None:
        """Give the lease back after a refresh that failed; nobody gets it before `rest_ms` are over.

        One that was never `sent` does not count within the window.
        """


class UsageStore(Protocol):
    """Granted calls per (pair, system) and day, counted in SQL before they are sent."""

    def add(self, work: WorkClass, calls: int, at_ms: int) -> None:
        """Count calls about to be sent."""

    def since(self, at_ms: int) -> int:
        """Calls granted at or after that instant."""
