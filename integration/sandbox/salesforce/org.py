"""One simulated org: its state, what the API does to it and what people do to it; no HTTP, no gRPC."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError, NoSuchRecordError, RefusedError
from integration.sandbox.salesforce.allowances import Allowances
from integration.sandbox.salesforce.api import RestApi
from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.automations import Automations, FlowRecords
from integration.sandbox.salesforce.avro_schema import EventSchemas, platform_event_schema
from integration.sandbox.salesforce.bulk import BulkApi
from integration.sandbox.salesforce.bus_codes import Refusals
from integration.sandbox.salesforce.change_events import ChangeEvents
from integration.sandbox.salesforce.collections_api import CollectionsApi
from integration.sandbox.salesforce.cometd.clients import Clients
from integration.sandbox.salesforce.commits import Commits
from integration.sandbox.salesforce.event_accidents import EventAccidents
from integration.sandbox.salesforce.event_log import EventLog
from integration.sandbox.salesforce.event_selection import selected_entities
from integration.sandbox.salesforce.ids import IdSource
from integration.sandbox.salesforce.locators import Locators
from integration.sandbox.salesforce.login_policy import LoginPolicy
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.record_faults import RecordFaults
from integration.sandbox.salesforce.rules.price_book import standard_book
from integration.sandbox.salesforce.schema import ObjectDef, SchemaError, field_from
from integration.sandbox.salesforce.seeding import system_records
from integration.sandbox.salesforce.sessions import Sessions
from integration.sandbox.salesforce.soql_run import Queries
from integration.sandbox.salesforce.standard_objects import build_schema
from integration.sandbox.salesforce.streams import Streams
from integration.sandbox.salesforce.tables import Row, Store
from integration.sandbox.salesforce.transactions import Actor, Transaction
from integration.sandbox.salesforce.usage import RollingCount
from integration.sandbox.salesforce.values import to_millis

Json = dict[str, Any]
_DAY_MILLIS = 86_400_000


class SalesforceOrg:
    """State and behaviour of one org. Single-threaded: every method runs to its end undisturbed."""

    def __init__(self, options: OrgOptions, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.schema = build_schema(options)
        rng = random.Random(options.seed)
        self._ids = IdSource()
        self.org_id = self._ids.next("00D")
        self._user_ids = {name: self._ids.next("005") for name in (options.username, options.person_username)}
        self.store = Store(self.schema)
        self.saves = FlowRecords(self.store, self._ids, options.switches)
        self.queries = Queries(self.store, options.switches, self.stamp)
        self.locators = Locators(self._ids, options.switches, clock.monotonic)
        self.sessions = Sessions(options, clock, self.org_id, self._user_ids)
        self.record_faults = RecordFaults()
        self.automations = self.saves.flows = Automations(self.schema)
        self.api_calls = RollingCount(clock.day_seconds, clock.monotonic)
        self.deliveries = RollingCount(clock.day_seconds, clock.monotonic)
        self.allowances = Allowances(self)
        self.log = EventLog(options.event_retention_seconds, lambda: clock.unskewed().timestamp(), rng)
        self.schemas = EventSchemas(multi_as_array=options.switches.multi_picklist_as_array)
        self.accidents = EventAccidents(self.log, options.seed)
        entities = selected_entities(self.schema, options)
        self.events = ChangeEvents(
            self.log, self.schemas, entities, options.switches, rng, self.accidents.pass_on
        )
        self.platform_schemas = {
            name: self.schemas.add(platform_event_schema(name)) for name in options.platform_events
        }
        self.streams = Streams()
        self.streams_opened = RollingCount(clock.scaled(60.0), clock.monotonic)
        self.refusals = Refusals()
        self.hidden_objects: set[str] = set()
        """Objects on which the integration user lacks View All."""
        self.cometd = Clients(clock.monotonic)
        self.sessions.on_end = self._wake_subscribers
        self.sessions.is_active = self._is_active
        self.api = RestApi(self)
        self.collections = CollectionsApi(self, self.api)
        self.bulk = BulkApi(self, self._ids)
        commits = Commits(self)
        self.transaction, self.one_transaction = commits.transaction, commits.one_transaction
        self._last_stamp = 0
        self._added_fields: list[Json] = []
        self._seed_system_records()

    # -- users and time -------------------------------------------------------------------------

    @property
    def integration_user(self) -> str:
        return self._user_ids[self.options.username]

    @property
    def person_user(self) -> str:
        return self._user_ids[self.options.person_username]

    def _wake_subscribers(self) -> None:
        self.streams.wake_all()
        self.cometd.wake_all()

    def _is_active(self, user_id: str) -> bool:
        row = self.store.table("User").get(user_id)
        return row is None or bool(row.values["IsActive"])

    def person(self) -> Actor:
        """Somebody working in Lightning; the trailing slash of its client id is real."""
        origin = f"com/salesforce/api/soap/{self.options.api_version};client=SfdcInternalAPI/"
        return Actor(self.person_user, origin)

    def stamp(self) -> int:
        """The present in epoch milliseconds; goes back only when the clock is set, as commits are ordered."""
        self._last_stamp = max(self._last_stamp, to_millis(self.clock.now()))
        return self._last_stamp

    def check_entity(self, entity: str) -> None:
        """:raises BadInstructionError: there is no such object"""
        self._object(entity)

    def clock_was_set(self) -> None:
        """The clock may be behind what it was: records get older times than those before them."""
        self._last_stamp = 0

    # -- people ---------------------------------------------------------------------------------

    def edit(self, entity: str, record_id: str | None, fields: Mapping[str, Any]) -> Json:
        """A person creates (no id) or changes a record; answers it. :raises RefusedError: not allowed."""
        definition = self._object(entity)
        with self._refusals(), self.transaction(self.person()) as txn:
            if record_id is None:
                row = self.saves.create(txn, definition, fields)
            else:
                row = self.saves.update(txn, definition, record_id, fields)
        return self._shown(definition, row)

    def edit_together(
        self, entity: str, record_ids: Iterable[str], fields: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        """A person changes several records in one transaction; answers the headers of its events."""
        definition = self._object(entity)
        with self._refusals(), self.transaction(self.person()) as txn:
            for record_id in record_ids:
                self.saves.update(txn, definition, record_id, fields)
        return txn.told

    def delete(self, entity: str, record_id: str) -> None:
        """A person deletes a record. :raises RefusedError: not allowed."""
        definition = self._object(entity)
        with self._refusals(), self.transaction(self.person()) as txn:
            self.saves.delete(txn, definition, record_id)

    def undelete(self, entity: str, record_id: str) -> None:
        """A person takes a record out of the recycle bin. :raises RefusedError: not allowed."""
        definition = self._object(entity)
        with self._refusals(), self.transaction(self.person()) as txn:
            self.saves.undelete(txn, definition, record_id)

    def merge(self, entity: str, winner: str, losers: Iterable[str], fields: Mapping[str, Any]) -> Json:
        """A person merges one or two records into the winner. :raises RefusedError: not allowed."""
        definition = self._object(entity)
        with self._refusals(), self.transaction(self.person()) as txn:
            self.saves.merge(txn, definition, winner, losers, fields)
        return self.record(entity, winner)

    def empty_recycle_bin(self) -> int:
        """Removes every soft-deleted record for good; no event tells of it. Answers how many."""
        gone = 0
        for table in self.store.tables():
            for row in table:
                if row.deleted:
                    table.drop(row.id)
                    gone += 1
        return gone

    def plant(self, entity: str, fields: Mapping[str, Any], age_days: float) -> str:
        """Put a record there as if it had long existed: no event, old times. Answers its id."""
        definition = self._object(entity)
        stamp = self.stamp() - int(age_days * _DAY_MILLIS)
        # No event will name the transaction, and a key is what costs most about one.
        txn = Transaction(self.store, self.person(), stamp, key="")
        with self._refusals():
            try:
                row = self.saves.create(txn, definition, fields)
            except ApiError:
                txn.roll_back()
                raise
        self.store.table(definition.name).note_touched(row.stamp, row.id)
        return row.id

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except ApiError as error:
            raise RefusedError(str(error), error.body) from error

    # -- administrators -------------------------------------------------------------------------

    def add_field(self, entity: str, field: Mapping[str, Any]) -> ObjectDef:
        """An administrator adds a field: records have it empty, events a new schema.

        :raises BadInstructionError: no such object, no such attribute, or the name is taken
        """
        definition = self._object(entity)
        try:
            added = field_from(field)
        except (SchemaError, TypeError) as error:
            raise BadInstructionError(str(error)) from error
        if definition.find(added.name) is not None or not added.custom:
            raise BadInstructionError(f"{added.name!r} is taken or no name of a custom field")
        wider = definition.with_fields([added])
        self.schema.put(wider)
        self.store.redefine(wider)
        self._added_fields.append({"object": definition.name, "field": dict(field)})
        return wider

    def _drop_added_fields(self) -> None:
        for raw in self._added_fields:
            narrow = self._object(raw["object"]).without_fields([raw["field"]["name"]])
            self.schema.put(narrow)
        self._added_fields.clear()

    # -- reading state --------------------------------------------------------------------------

    def counts(self) -> Json:
        """How many records of each entity, alive and deleted."""
        found: Json = {}
        for table in self.store.tables():
            deleted = sum(row.deleted for row in table)
            found[table.definition.name] = {"alive": len(table) - deleted, "deleted": deleted}
        return found

    def records(self, entity: str) -> list[Json]:
        """Every record as the API shows it, plus `deleted`."""
        definition = self._object(entity)
        return [self._shown(definition, row) for row in self.store.table(definition.name)]

    def record(self, entity: str, record_id: str) -> Json:
        """One record as the API shows it, plus `deleted`. :raises NoSuchRecordError: never existed."""
        definition = self._object(entity)
        row = self.store.table(definition.name).get(record_id)
        if row is None:
            raise NoSuchRecordError("salesforce", definition.name, record_id)
        return self._shown(definition, row)

    def unsupported(self) -> list[Json]:
        """What queries asked for that the grammar has not: feature, count and the newest example."""
        return self.queries.unsupported.listed()

    def _shown(self, definition: ObjectDef, row: Row) -> Json:
        return {**self.api.shown(definition, row, self.options.api_version), "deleted": row.deleted}

    def _object(self, entity: str) -> ObjectDef:
        definition = self.schema.find(entity)
        if definition is None:
            raise BadInstructionError(f"the org has no object {entity!r}")
        return definition

    def revoke_access_tokens(self) -> None:
        """Every access token given so far is dead."""
        self.sessions.revoke_access_tokens()

    # -- whole state ----------------------------------------------------------------------------

    def dump(self) -> Json:
        """Everything needed to go on after a restart, as JSON."""
        return {
            "ids": self._ids.dump(),
            "records": {table.definition.name: table.dump() for table in self.store.tables()},
            "log": self.log.dump(),
            "accidents": self.accidents.dump(),
            "automations": self.automations.dump(),
            "added_fields": self._added_fields,
            "hidden_objects": sorted(self.hidden_objects),
            "schemas": self.schemas.dump(),
            "sessions": self.sessions.dump(),
            "last_stamp": self._last_stamp,
            "used": self.allowances.dump(),
            "unsupported": self.unsupported(),
            "bulk": self.bulk.dump(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump of an org with the same options."""
        self._ids.load(state["ids"])
        self._drop_added_fields()
        for raw in state.get("added_fields", ()):
            self.add_field(raw["object"], raw["field"])
        self.store.clear()
        for name, rows in state["records"].items():
            self.store.table(self.schema.object(name).name).load(rows)
        self.log.load(state["log"])
        if "accidents" in state:
            self.accidents.load(state["accidents"])
        self.automations.load(state.get("automations", ()))
        self.hidden_objects = set(state.get("hidden_objects", ()))
        # Their positions belong to a log that is no more.
        self.cometd.forget_all()
        self.schemas.load(state["schemas"])
        self.sessions.load(state["sessions"])
        self._last_stamp = int(state["last_stamp"])
        self.allowances.load(state.get("used", {}))
        self.queries.unsupported.load(state.get("unsupported", ()))
        self.bulk.load(state.get("bulk", {}))

    def reset(self) -> None:
        """Back to an empty organisation; credentials stay, ids and event positions go on."""
        self._drop_added_fields()
        self.store.clear()
        self._seed_system_records()
        self.log.forget_all()
        self.accidents.configure({})
        self.automations.clear()
        self.refusals.clear()
        self.cometd.clear()
        self.sessions.policy = LoginPolicy()
        self.hidden_objects.clear()
        self.streams_opened.clear()
        self.locators.clear()
        self.queries.unsupported.clear()
        self.record_faults.clear()
        self.bulk.clear()
        self.allowances.clear()

    @property
    def standard_price_book(self) -> str:
        """The id of the one standard price book."""
        book = standard_book(self.store)
        return "" if book is None else book.id

    def _seed_system_records(self) -> None:
        txn = Transaction(self.store, Actor(self.integration_user, ""), self.stamp())
        for object_name, fixed_id, fields in system_records(self.options, self.org_id, self._user_ids):
            definition = self.schema.object(object_name)
            record_id = fixed_id or self._ids.next(definition.key_prefix)
            row = self.saves.system_row(txn, definition, record_id, fields)
            self.store.table(object_name).put(row)
            self.store.table(object_name).note_touched(row.stamp, row.id)
