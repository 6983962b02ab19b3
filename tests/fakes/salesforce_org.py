"""A Salesforce org in memory: records, people, the API's view, and one stream of change events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from integration.canonical.event import ArrivedEvent
from integration.canonical.values import Json
from integration.errors import DuplicateKey, Gone, Rejected
from integration.ports import Clock
from tests.fakes.salesforce_events import PERSON, Actor, Transaction, instant, is_told_as_difference
from tests.fakes.salesforce_values import COMPUTED, DEFAULTS, DERIVED, KEY_FIELD, REQUIRED, kept

PREFIX = {"Account": "001", "Contact": "003"}


@dataclass
class Row:
    """One record. `deleted_with`: the record whose deletion took it along, and whose return brings it back."""

    entity: str
    record_id: str
    fields: dict[str, Json]
    modified_at: int
    created_at: int = 0
    created_by: str = ""
    modified_by: str = ""
    deleted: bool = False
    deleted_at: int = 0
    deleted_with: str = ""
    merged_into: str = ""

    @property
    def told(self) -> dict[str, Json]:
        """All its fields as an event of the whole record tells them."""
        return {
            **self.fields,
            "OwnerId": self.created_by,
            "CreatedDate": instant(self.created_at),
            "CreatedById": self.created_by,
            "LastModifiedDate": instant(self.modified_at),
            "LastModifiedById": self.modified_by,
        }


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

    def delete(self, entity: str, record_id: str, actor: Actor = PERSON) -> None:
        """Soft delete; the Contacts of an Account go along."""
        row = self.living(entity, record_id)
        transaction = self._begin(actor)
        for one in (row, *(self.children(record_id) if entity == "Account" else ())):
            self._remove(transaction, one, record_id)
        self.log += transaction.events()

    def merge(
        self, entity: str, winner_id: str, loser_id: str, fields: Mapping[str, Json] | None = None
    ) -> None:
        """A person merges two records: children move, the winner takes `fields`, the loser's end is told
        last.
        """
        winner, loser = self.living(entity, winner_id), self.living(entity, loser_id)
        wanted = self._kept(entity, fields or {})
        transaction = self._begin(PERSON)
        for child in self.children(loser_id) if entity == "Account" else ():
            self._change(transaction, child, {"AccountId": winner_id})
        self._change(transaction, winner, wanted)
        self._remove(transaction, loser, loser_id)
        loser.merged_into = winner_id
        self.log += transaction.events()

    def undelete(self, entity: str, record_id: str) -> None:
        """A person takes a record out of the recycle bin, with what was deleted along with it."""
        transaction = self._begin(PERSON)
        group = [row for row in self.rows.values() if row.deleted and row.deleted_with == record_id]
        for row in sorted(group, key=lambda row: row.record_id != record_id):
            self._check_unique(row.entity, row.record_id, row.fields)
            row.deleted, row.deleted_with, row.merged_into = False, "", ""
            row.modified_at, row.modified_by = self._now(), PERSON.user_id
            transaction.tell(row.entity, row.record_id, "UNDELETE", row.told, row.modified_at)
        self.log += transaction.events()

    # ------------------------------------------------------------- the API

    def living(self, entity: str, record_id: str) -> Row:
        """The record. Raises Gone."""
        row = self.rows.get((entity, record_id))
        if row is None:
            raise Gone("salesforce.invalid_cross_reference_key", "the addressed record does not exist")
        if row.deleted:
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

    def save(self, entity: str, fields: Mapping[str, Json], record_id: str, actor: Actor) -> Row:
        """Create or change one record in a transaction of its own. Raises Rejected."""
        row = self.living(entity, record_id) if record_id else None
        given = self._kept(entity, fields)
        wanted = {**(row.fields if row else self._blank(entity)), **given}
        if missing := [name for name in REQUIRED[entity] if not wanted.get(name)]:
            raise Rejected("salesforce.required_field_missing", "", evidence={"fields": missing})
        self._check_unique(entity, record_id, wanted)
        transaction = self._begin(actor)
        if row is None:
            row = self._new(entity, wanted, actor)
            transaction.tell(entity, row.record_id, "CREATE", row.told, row.modified_at)
        else:
            self._change(transaction, row, given)
        self.log += transaction.events()
        return row

    def _new(self, entity: str, fields: dict[str, Json], actor: Actor) -> Row:
        record_id, now = f"{PREFIX[entity]}{next(self._numbers):012d}AAA", self._now()
        row = Row(entity, record_id, fields, now, now, actor.user_id, actor.user_id)
        self.rows[entity, record_id] = row
        return row

    def _blank(self, entity: str) -> dict[str, Json]:
        known = dict.fromkeys((*self.fields[entity], KEY_FIELD))
        return known | {name: value for name, value in DEFAULTS[entity].items() if name in known}

    def _kept(self, entity: str, fields: Mapping[str, Json]) -> dict[str, Json]:
        """The fields as they will be kept. Raises Rejected at the first one that is refused."""
        known = {*self.fields[entity], *DERIVED[entity], KEY_FIELD}
        given: dict[str, Json] = {}
        for name, value in fields.items():
            if name not in known:
                raise Rejected("salesforce.invalid_field", "no such field", evidence={"fields": [name]})
            if name in COMPUTED[entity]:
                code = "salesforce.invalid_field_for_insert_update"
                raise Rejected(code, "the field is computed", evidence={"fields": [name]})
            given[name] = kept(name, value)
        if parent := given.get("AccountId"):
            self._check_parent(str(parent))
        return given

    def _check_parent(self, account_id: str) -> None:
        row = self.rows.get(("Account", account_id))
        if row is None:
            code = "salesforce.invalid_cross_reference_key"
            raise Rejected(code, "no such parent", evidence={"fields": ["AccountId"]})
        if row.deleted:
            raise Gone("salesforce.entity_is_deleted", "the parent is deleted")

    def _check_unique(self, entity: str, record_id: str, fields: Mapping[str, Json]) -> None:
        key = fields.get(KEY_FIELD)
        owner = self.keyed(entity, str(key)) if key else None
        if owner is not None and owner.record_id != record_id:
            evidence = {"record_id": owner.record_id, "fields": [KEY_FIELD]}
            raise DuplicateKey("salesforce.duplicate_value", "", evidence=evidence)

    # ------------------------------------------------------------- changing

    def _begin(self, actor: Actor) -> Transaction:
        return Transaction(f"transaction-{next(self._transactions)}", actor, self.clock.now_ms())

    def _now(self) -> int:
        now = self.clock.now_ms()
        return now if self.millisecond_times else now - now % 1_000

    def _change(self, transaction: Transaction, row: Row, fields: Mapping[str, Json]) -> None:
        """The time of modification moves with every save; only one that changes something is told."""
        changed = {name: value for name, value in fields.items() if row.fields.get(name) != value}
        partial = is_told_as_difference(row.fields.get("Description"), changed.get("Description"))
        row.fields.update(changed)
        other = transaction.actor.user_id != row.modified_by
        row.modified_at, row.modified_by = self._now(), transaction.actor.user_id
        if changed:
            told = {**changed, "LastModifiedDate": instant(row.modified_at)}
            if other:
                told["LastModifiedById"] = row.modified_by
            transaction.tell(row.entity, row.record_id, "UPDATE", told, row.modified_at, partial=partial)

    def _remove(self, transaction: Transaction, row: Row, deleted_with: str) -> None:
        row.deleted, row.deleted_with, row.deleted_at = True, deleted_with, self._now()
        row.modified_at, row.modified_by = self._now(), transaction.actor.user_id
        transaction.tell(row.entity, row.record_id, "DELETE", {}, row.modified_at)
