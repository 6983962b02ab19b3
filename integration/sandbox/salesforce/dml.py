"""Create, update, delete, undelete and merge, with the checks of a strict org."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from integration.sandbox.salesforce import ids
from integration.sandbox.salesforce.api_errors import (
    ApiError,
    bad_json,
    bad_reference,
    deleted,
    duplicate_value,
    no_such_column,
    unknown_key_field,
    wrong_id,
)
from integration.sandbox.salesforce.ids import IdSource
from integration.sandbox.salesforce.rules import NO_RULES, rules_of
from integration.sandbox.salesforce.rules.saving import Rules, Saving, Scene, in_use, missing
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Value
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.transactions import Transaction
from integration.sandbox.salesforce.values import ValueReader

USER_DEFAULT = "$user"


class Records:
    """The saves of an org. Every method works inside a transaction the caller owns."""

    def __init__(self, store: Store, id_source: IdSource, switches: SalesforceSwitches) -> None:
        self._store = store
        self._ids = id_source
        self._switches = switches
        self._reader = ValueReader(trim=switches.trim_text)
        self._rules = rules_of(switches)

    # -- finding --------------------------------------------------------------------------------

    def addressed(self, definition: ObjectDef, record_id: str, *, write: bool = False) -> Row:
        """The live record a path or item names. Raises the API's answers for every other case."""
        if not ids.looks_like_id(record_id):
            raise unknown_key_field(record_id)
        long_id = ids.to_long(record_id)
        if long_id is None or not long_id.startswith(definition.key_prefix):
            raise wrong_id(f"{definition.label or definition.name} ID", record_id)
        row = self._store.table(definition.name).get(long_id)
        if row is None:
            if write:
                raise bad_reference(self._switches.unknown_record_status)
            raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
        if row.deleted:
            raise deleted(self._switches.entity_is_deleted_status)
        return row

    def key_field(self, definition: ObjectDef, name: str) -> FieldDef:
        """The external-id field of that name."""
        field = definition.find(name)
        if field is None or not field.external_id:
            raise unknown_key_field(name)
        return field

    def by_key(self, definition: ObjectDef, field: FieldDef, text: Any) -> list[Row]:
        """Live records whose external id is the value, which is read as that field's type."""
        value = self._reader.read(definition, field, text)
        return [] if value is None else self._store.table(definition.name).find(field, value)

    # -- saving ---------------------------------------------------------------------------------

    def create(self, txn: Transaction, definition: ObjectDef, incoming: Mapping[str, Any]) -> Row:
        self._allow(definition, allowed=definition.createable)
        given = self._read(definition, incoming, creating=True)
        values = {**self._blank(definition, txn), **given}
        saving = self._saving(txn, definition, None, values, given)
        self._settle(saving)
        record_id = self._ids.next(definition.key_prefix)
        for field in definition.numbered:
            values[field.name] = self._numbered(definition, field)
        values.update(self._birth(txn, record_id))
        return self._save(saving, record_id, "CREATE")

    def update(
        self, txn: Transaction, definition: ObjectDef, record_id: str, incoming: Mapping[str, Any]
    ) -> Row:
        row = self.addressed(definition, record_id, write=True)
        self._allow(definition, allowed=definition.updateable)
        given = self._read(definition, incoming, creating=False)
        values = row.changed(given)
        saving = self._saving(txn, definition, row, values, given)
        self._settle(saving)
        values.update(self._audit(txn))
        return self._save(saving, row.id, "UPDATE")

    def delete(self, txn: Transaction, definition: ObjectDef, record_id: str) -> None:
        """Soft delete; children whose look-up cascades go along and come back along."""
        row = self.addressed(definition, record_id, write=True)
        self._allow(definition, allowed=definition.deletable)
        self._remove(txn, definition, row, deleted_with=row.id)

    def undelete(self, txn: Transaction, definition: ObjectDef, record_id: str) -> None:
        """Brings a record back with what was deleted along with it and has every parent it needs."""
        found = self._store.table(definition.name).get(record_id)
        if found is None or not found.deleted:
            raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", fields=[])
        group = self._together(found)
        coming = {row.id for _, row in group}
        if found.id not in coming:
            raise ApiError("UNDELETE_FAILED", "A record that this one needs is deleted", fields=[])
        for owner, row in sorted(group, key=lambda pair: pair[1].id != record_id):
            lost = self._lost_parents(owner, row, coming)
            values = row.changed({"IsDeleted": False}, lost, self._audit(txn))
            self._check_unique(owner, row.id, values)
            txn.put(owner, Row(row.id, values), "UNDELETE")
        # Only now is everything back that the rules may look for.
        for owner, row in group:
            back = self._store.table(owner.name).get(row.id) or row
            self._rules_of(owner).back(self._scene(txn), back, along=row.id != record_id)

    def _together(self, found: Row) -> list[tuple[ObjectDef, Row]]:
        """The record and what its deletion took along, less what lacks a parent it cannot be without."""
        group = [
            (table.definition, row)
            for table in self._store.tables()
            for row in table.deleted_rows()
            # What was taken along by its parent may come back alone.
            if found.id in {row.id, row.deleted_with}
        ]
        while True:
            coming = {row.id for _, row in group}
            kept = [pair for pair in group if not self._orphaned(*pair, coming)]
            if len(kept) == len(group):
                return group
            group = kept

    def _orphaned(self, definition: ObjectDef, row: Row, coming: Container[Value]) -> bool:
        needed = (f for f in definition.references() if not f.nillable and f.on_parent_delete != "keep")
        values = (row.values[field.name] for field in needed)
        return any(value not in coming and self._store.live(value) is None for value in values)

    def _lost_parents(self, definition: ObjectDef, row: Row, coming: Container[Value]) -> dict[str, Value]:
        """Look-ups to empty: parents that stay deleted, and the winner of a merge."""
        held = (field for field in definition.references() if row.values[field.name] is not None)
        return {
            field.name: None
            for field in held
            if field.name == "MasterRecordId"
            or (
                field.nillable
                and field.on_parent_delete != "keep"
                and row.values[field.name] not in coming
                and self._store.live(row.values[field.name]) is None
            )
        }

    def merge(
        self,
        txn: Transaction,
        definition: ObjectDef,
        winner_id: str,
        losers: Iterable[str],
        fields: Mapping[str, Any],
    ) -> None:
        """Keeps the winner, soft-deletes up to two losers and moves what pointed to them."""
        loser_ids = list(losers)
        if not definition.mergeable or not 1 <= len(loser_ids) <= 2 or winner_id in loser_ids:
            raise ApiError(
                "INVALID_OPERATION", "merge takes one winner and one or two losers of Account or Contact"
            )
        winner = self.addressed(definition, winner_id, write=True)
        # Losers go first: a unique value may only move to the winner when its holder is gone.
        for loser_id in loser_ids:
            loser = self.addressed(definition, loser_id, write=True)
            self._reparent(txn, definition, loser.id, winner.id)
            values = loser.changed({"IsDeleted": True, "MasterRecordId": winner.id}, self._audit(txn))
            txn.put(definition, Row(loser.id, values, deleted_with=loser.id), "DELETE")
        self.update(txn, definition, winner.id, fields)

    def system_row(
        self, txn: Transaction, definition: ObjectDef, record_id: str, fields: Mapping[str, Value]
    ) -> Row:
        """A record that the platform itself keeps, such as a user; nothing is checked."""
        return Row(record_id, {**self._blank(definition, txn), **fields, **self._birth(txn, record_id)})

    # -- parts ----------------------------------------------------------------------------------

    def _allow(self, definition: ObjectDef, *, allowed: bool) -> None:
        if not allowed:
            raise ApiError(
                "INSUFFICIENT_ACCESS_OR_READONLY",
                f"insufficient access rights on object {definition.name}",
                status=self._switches.readonly_access_status,
                fields=[],
            )

    def _read(
        self, definition: ObjectDef, incoming: Mapping[str, Any], *, creating: bool
    ) -> dict[str, Value]:
        fields = self._writable(definition, incoming, creating=creating)
        return {field.name: self._link(field, self._value(definition, field, raw)) for field, raw in fields}

    def _value(self, definition: ObjectDef, field: FieldDef, raw: Any) -> Value:
        if field.type == "reference" and isinstance(raw, Mapping):
            raise bad_json(
                f"Cannot deserialize instance of reference from START_OBJECT value for {field.name}"
            )
        return self._reader.read(definition, field, raw)

    def _writable(
        self, definition: ObjectDef, incoming: Mapping[str, Any], *, creating: bool
    ) -> list[tuple[FieldDef, Any]]:
        found: list[tuple[FieldDef, Any]] = []
        blocked: list[str] = []
        for name, raw in incoming.items():
            if name == "attributes":
                continue
            field = definition.find(name)
            if field is None:
                relation = self._through_parent(definition, name, raw)
                found.append(relation)
                continue
            allowed = field.createable if creating else field.updateable
            (found.append((field, raw)) if allowed else blocked.append(field.name))
        if blocked:
            names = ", ".join(blocked)
            raise ApiError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {names}. Please check the security settings of this field"
                " and verify that it is read/write for your profile or permission set.",
                fields=blocked,
            )
        return found

    def _through_parent(self, definition: ObjectDef, name: str, raw: Any) -> tuple[FieldDef, Any]:
        """`"Account": {"Zoho_Id__c": "5"}` names the parent by its external id."""
        field = definition.relationship(name)
        keys = [key for key in raw if key != "attributes"] if isinstance(raw, Mapping) else []
        if field is None or len(keys) != 1 or not isinstance(raw, Mapping):
            raise no_such_column(name, definition.name)
        parent = self._store.schema.find(field.reference_to[0])
        if parent is None:
            raise no_such_column(name, definition.name)
        key = parent.find(keys[0])
        if key is None or not key.external_id:
            raise no_such_column(keys[0], parent.name)
        rows = self.by_key(parent, key, raw[keys[0]])
        if len(rows) != 1:
            place = f"field {key.name} in entity {parent.name}"
            message = f"Foreign key external ID: {raw[keys[0]]} not found for {place}"
            raise ApiError("INVALID_FIELD", message, fields=[])
        return field, rows[0].id

    def _link(self, field: FieldDef, value: Value) -> Value:
        """Checks that a look-up points to a live record of a permitted object."""
        if field.type != "reference" or value is None:
            return value
        found = self._store.get(str(value))
        target = self._store.schema.by_prefix(str(value))
        if target is not None and target.name not in field.reference_to:
            raise ApiError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"{field.shown_label}: id value of incorrect type: {value}",
                fields=[field.name],
            )
        if found is None:
            raise bad_reference(fields=[field.name])
        if found[1].deleted:
            raise deleted(400)
        # The parent's own text: thousands of children then share one.
        return found[1].id

    @staticmethod
    def _blank(definition: ObjectDef, txn: Transaction) -> dict[str, Value]:
        return {
            name: txn.actor.user_id if default == USER_DEFAULT else default
            for name, default in definition.defaults.items()
        }

    def _rules_of(self, definition: ObjectDef) -> Rules:
        return self._rules.get(definition.name, NO_RULES)

    def _scene(self, txn: Transaction) -> Scene:
        return Scene(txn, self._store, self._switches, self._audit(txn))

    def _saving(
        self,
        txn: Transaction,
        definition: ObjectDef,
        row: Row | None,
        values: dict[str, Value],
        given: Iterable[str],
    ) -> Saving:
        before = None if row is None else row.values
        audit = self._audit(txn)
        return Saving(txn, self._store, self._switches, audit, definition, before, values, frozenset(given))

    def _settle(self, saving: Saving) -> None:
        """Derives what follows from the values and refuses what the org would refuse."""
        rules = self._rules_of(saving.definition)
        rules.fill(saving)
        self._require(saving.definition, saving.values)
        rules.check(saving)

    def _numbered(self, definition: ObjectDef, field: FieldDef) -> str:
        number = self._ids.number(f"{definition.name}.{field.name}", field.auto_start)
        before, _, rest = field.auto_number.partition("{")
        zeros, _, after = rest.partition("}")
        return f"{before}{number:0{len(zeros)}d}{after}"

    @staticmethod
    def _require(definition: ObjectDef, values: Mapping[str, Value]) -> None:
        lacking = [name for name in definition.needed if values.get(name) is None]
        is_person = bool(values.get("LastName")) and definition.find("IsPersonAccount") is not None
        if is_person and "Name" in lacking:
            lacking.remove("Name")
        if lacking:
            raise missing(*lacking)

    def _stored_stamp(self, txn: Transaction) -> int:
        return txn.stamp if self._switches.audit_times_in_milliseconds else txn.stamp // 1000 * 1000

    def _audit(self, txn: Transaction) -> dict[str, Value]:
        stamp = self._stored_stamp(txn)
        return {"LastModifiedDate": stamp, "SystemModstamp": stamp, "LastModifiedById": txn.actor.user_id}

    def _birth(self, txn: Transaction, record_id: str) -> dict[str, Value]:
        audit = self._audit(txn)
        created = {"CreatedDate": audit["SystemModstamp"], "CreatedById": txn.actor.user_id}
        return {"Id": record_id, "IsDeleted": False, **created, **audit}

    def _save(self, saving: Saving, record_id: str, kind: str) -> Row:
        definition, values = saving.definition, saving.values
        self._derive(definition, values)
        self._check_unique(definition, record_id, values)
        self._check_loop(definition, record_id, values)
        row = Row(record_id, values)
        saving.txn.put(definition, row, kind)
        self._rules_of(definition).saved(saving, row)
        return row

    @staticmethod
    def _derive(definition: ObjectDef, values: dict[str, Value]) -> None:
        parts = definition.derived_name
        if definition.find("IsPersonAccount") is not None and values.get("LastName"):
            values["IsPersonAccount"] = True
            parts = ("FirstName", "LastName")
        if parts:
            values["Name"] = " ".join(str(values[part]) for part in parts if values[part])

    def _check_unique(self, definition: ObjectDef, record_id: str, values: Mapping[str, Value]) -> None:
        table = self._store.table(definition.name)
        for field in definition.unique_fields:
            value = values.get(field.name)
            if value is None:
                continue
            for other in table.find(field, value):
                if other.id != record_id:
                    raise duplicate_value(field.name, other.id)

    def _check_loop(self, definition: ObjectDef, record_id: str, values: Mapping[str, Value]) -> None:
        for field in definition.self_references:
            if values.get(field.name) == record_id:
                message = f"{field.shown_label}: a record cannot be its own parent"
                raise ApiError("CIRCULAR_DEPENDENCY", message, fields=[field.name])

    def _remove(self, txn: Transaction, definition: ObjectDef, row: Row, *, deleted_with: str) -> None:
        rules, scene = self._rules_of(definition), self._scene(txn)
        rules.deleting(scene, row, along=deleted_with != row.id)
        for owner, field, child in self._store.children(definition.name, row.id):
            if field.on_parent_delete == "restrict":
                plural = (owner.label_plural or f"{owner.name}s").lower()
                raise in_use(
                    row.values.get(definition.name_field), plural, [child.values.get(owner.name_field)]
                )
        values = row.changed({"IsDeleted": True}, self._audit(txn))
        txn.put(definition, Row(row.id, values, deleted_with=deleted_with), "DELETE")
        for owner, field, child in list(self._store.children(definition.name, row.id)):
            if field.on_parent_delete == "cascade":
                self._remove(txn, owner, child, deleted_with=deleted_with)
            elif field.on_parent_delete == "clear" and child.id != row.id:
                scene.change(owner.name, child, {field.name: None})
        rules.gone(scene, row)

    def _reparent(self, txn: Transaction, definition: ObjectDef, loser_id: str, winner_id: str) -> None:
        for owner, field, child in list(self._store.children(definition.name, loser_id)):
            if field.name == "MasterRecordId":
                continue
            # A winner below its own loser moves to the top: it cannot become its own parent.
            parent = None if child.id == winner_id else winner_id
            self._scene(txn).change(owner.name, child, {field.name: parent})
