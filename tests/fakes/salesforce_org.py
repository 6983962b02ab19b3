"""A Salesforce org in memory: records, people, the API's view, and one stream of change events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from integration.canonical.event import ArrivedEvent, Channel, EventKind
from integration.canonical.values import Json, Side
from integration.errors import DuplicateKey, Gone, Rejected
from integration.ports import Clock

KEY_FIELD = "Zoho_Id__c"
PREFIX = {"Account": "001", "Contact": "003"}
DEFAULTS: dict[str, dict[str, Json]] = {
    "Account": {"Is_Active__c": True},
    "Contact": {"Is_Active__c": True, "Is_Primary__c": False},
}
REQUIRED = {"Account": ("Name",), "Contact": ("LastName",)}
LENGTHS = {"Name": 255, "FirstName": 40, "LastName": 80, "Email": 80, "Phone": 40, "BillingCity": 40}
PERSON, OURS = "com/salesforce/api/soap/61.0;client=SfdcInternalAPI/", "client=our-client"


@dataclass
class Row:
    """One record."""

    entity: str
    record_id: str
    fields: dict[str, Json]
    modified_at: int
    deleted: bool = False
    deleted_at: int = 0
    merged_into: str = ""


@dataclass
class SalesforceOrg:
    """State and behaviour; `fields` are the field names each entity has.

    `millisecond_times`: whether LastModifiedDate knows milliseconds; it has whole seconds by default, as the
    REST API shows them.
    """

    clock: Clock
    fields: Mapping[str, Sequence[str]]
    millisecond_times: bool = False
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    log: list[ArrivedEvent] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _transactions: Iterator[int] = field(default_factory=lambda: count(1))

    # ------------------------------------------------------------- people

    def edit(self, entity: str, fields: Mapping[str, Json], record_id: str = "") -> str:
        """A person creates (no id) or changes a record; answers its id."""
        return self.save(entity, fields, record_id, PERSON).record_id

    def delete(self, entity: str, record_id: str, origin: str = PERSON) -> None:
        """Soft delete; the Contacts of an Account go along, told one by one."""
        row = self.living(entity, record_id)
        transaction = self._begin()
        gone = [row, *(self.children(record_id) if entity == "Account" else ())]
        for one in gone:
            self._remove(one)
            self._tell(transaction, one, EventKind.DELETE, "DELETE", {}, origin)

    def merge(
        self, entity: str, winner_id: str, loser_id: str, fields: Mapping[str, Json] | None = None
    ) -> None:
        """A person merges two records: children move, the winner takes `fields`, the loser is deleted
        last.
        """
        winner, loser = self.living(entity, winner_id), self.living(entity, loser_id)
        transaction = self._begin()
        for child in self.children(loser_id) if entity == "Account" else ():
            self._change(transaction, child, {"AccountId": winner_id}, PERSON)
        if fields:
            self._change(transaction, winner, fields, PERSON)
        self._remove(loser)
        loser.merged_into = winner_id
        self._tell(transaction, loser, EventKind.DELETE, "DELETE", {}, PERSON)

    def undelete(self, entity: str, record_id: str) -> None:
        """A person takes a record out of the recycle bin."""
        row = self.rows[entity, record_id]
        row.deleted, row.modified_at = False, self._now()
        self._tell(self._begin(), row, EventKind.UNDELETE, "UNDELETE", dict(row.fields), PERSON)

    # ------------------------------------------------------------- the API

    def living(self, entity: str, record_id: str) -> Row:
        """The record. Raises Gone."""
        row = self.rows.get((entity, record_id))
        if row is None or row.deleted:
            raise Gone("salesforce.entity_is_deleted", "the record is deleted")
        return row

    def alive(self, entity: str) -> list[Row]:
        """All living records of an entity by id."""
        found = (r for (name, _), r in self.rows.items() if name == entity and not r.deleted)
        return sorted(found, key=lambda row: row.record_id)

    def children(self, account_id: str) -> list[Row]:
        """Living Contacts of an Account."""
        return [row for row in self.alive("Contact") if row.fields.get("AccountId") == account_id]

    def keyed(self, entity: str, key: str) -> Row | None:
        """The living record that carries a key."""
        return next((row for row in self.alive(entity) if row.fields.get(KEY_FIELD) == key), None)

    def save(self, entity: str, fields: Mapping[str, Json], record_id: str, origin: str) -> Row:
        """Create or change one record in a transaction of its own. Raises Rejected."""
        row = self.living(entity, record_id) if record_id else None
        wanted = {**(row.fields if row else self._blank(entity)), **fields}
        self._check(entity, record_id, fields, wanted)
        transaction = self._begin()
        if row is not None:
            self._change(transaction, row, fields, origin)
            return row
        new = Row(entity, f"{PREFIX[entity]}{next(self._numbers):012d}AAA", wanted, self._now())
        self.rows[entity, new.record_id] = new
        self._tell(transaction, new, EventKind.CHANGE, "CREATE", dict(new.fields), origin)
        return new

    def _blank(self, entity: str) -> dict[str, Json]:
        return {**dict.fromkeys(self.fields[entity]), KEY_FIELD: None, **DEFAULTS[entity]}

    def _check(
        self, entity: str, record_id: str, fields: Mapping[str, Json], wanted: Mapping[str, Json]
    ) -> None:
        known = {*self.fields[entity], KEY_FIELD}
        if unknown := sorted(set(fields) - known):
            raise Rejected("salesforce.invalid_field", "no such field", evidence={"fields": unknown})
        if missing := [name for name in REQUIRED[entity] if not wanted.get(name)]:
            raise Rejected("salesforce.required_field_missing", "", evidence={"fields": missing})
        if long := [n for n, most in LENGTHS.items() if len(str(fields.get(n) or "")) > most]:
            raise Rejected("salesforce.string_too_long", "", evidence={"fields": long})
        owner = self.keyed(entity, str(wanted.get(KEY_FIELD) or "")) if wanted.get(KEY_FIELD) else None
        if owner is not None and owner.record_id != record_id:
            raise DuplicateKey("salesforce.duplicate_value", "", evidence={"record_id": owner.record_id})
        parent = fields.get("AccountId")
        if isinstance(parent, str) and parent and ("Account", parent) not in self.rows:
            raise Rejected("salesforce.invalid_cross_reference_key", "", evidence={"fields": ["AccountId"]})

    # ------------------------------------------------------------- events

    def _begin(self) -> str:
        return f"transaction-{next(self._transactions)}"

    def _now(self) -> int:
        now = self.clock.now_ms()
        return now if self.millisecond_times else now - now % 1_000

    def _change(self, transaction: str, row: Row, fields: Mapping[str, Json], origin: str) -> None:
        changed = {name: value for name, value in fields.items() if row.fields.get(name) != value}
        row.fields.update(changed)
        row.modified_at = self._now()
        self._tell(transaction, row, EventKind.CHANGE, "UPDATE", changed, origin)

    def _remove(self, row: Row) -> None:
        row.deleted, row.modified_at, row.deleted_at = True, self._now(), self.clock.now_ms()

    def _tell(
        self, transaction: str, row: Row, kind: EventKind, change: str, fields: dict[str, Json], origin: str
    ) -> None:
        body: dict[str, Json] = {"change_type": change, "committed_at": self.clock.now_ms()}
        if kind is not EventKind.DELETE:
            told: dict[str, Json] = {**fields, "LastModifiedDate": row.modified_at}
            body |= {"fields": told, "create": change == "CREATE"}
        sequence = sum(event.key.startswith(f"{transaction}/") for event in self.log) + 1
        self.log.append(
            ArrivedEvent(
                Side.SALESFORCE,
                f"{transaction}/{sequence}/{row.entity}/{row.record_id}",
                row.entity,
                row.record_id,
                kind,
                Channel.STREAM,
                self.clock.now_ms() if kind is EventKind.DELETE else row.modified_at,
                body,
                author="005000000000001AAA",
                origin=origin,
            )
        )
