"""Reading records whole, and searching for them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import WorkClass
from integration.connectors.salesforce import soql
from integration.connectors.salesforce.client import Client
from integration.connectors.salesforce.config import GatewayConfig
from integration.connectors.salesforce.describe import Describe
from integration.connectors.salesforce.ids import is_record_id, long_id
from integration.connectors.salesforce.records import CHILDREN, PARENTS, gone, record_of, system_columns
from integration.errors import ConfigurationFault, Rejected
from integration.ports import FindAnswer, FindRequest, ReadAnswer, ReadRequest

MOST_READ = 200
MOST_FOUND = 100

UNKNOWN_FIELD = "salesforce.invalid_field"


class Table:
    """One object as this connection sees it: the columns to ask for, rows made records."""

    def __init__(self, client: Client, describe: Describe, config: GatewayConfig) -> None:
        self._client = client
        self._describe = describe
        self._config = config

    def image_fields(self, entity: str) -> list[str]:
        """Mapped fields the org has, without the id."""
        wanted = [name for name in self._config.fields.get(entity, ()) if name != "Id"]
        return self._describe.present(entity, wanted)

    def columns(self, entity: str, more: Iterable[str] = ()) -> list[str]:
        """Columns of a whole read, and some more."""
        system = system_columns(entity, self._describe.names(entity), self._config.key_field)
        return list(dict.fromkeys([*system, *self.image_fields(entity), *more]))

    def rows(
        self,
        entity: str,
        query: soql.Query,
        work: WorkClass,
        *,
        deleted_too: bool = False,
        more: Iterable[str] = (),
    ) -> list[tuple[NativeRecord, Mapping[str, object]]]:
        """Records of a query over an object's columns, each with its raw row.

        A field that has vanished since describe was asked is found out once, by asking describe again.
        """
        try:
            return self._rows(entity, query, work, more, deleted_too=deleted_too)
        except Rejected as fault:
            if fault.code != UNKNOWN_FIELD:
                raise
            self._describe.forget(entity)
        return self._rows(entity, query, work, more, deleted_too=deleted_too)

    def _rows(
        self, entity: str, query: soql.Query, work: WorkClass, more: Iterable[str], *, deleted_too: bool
    ) -> list[tuple[NativeRecord, Mapping[str, object]]]:
        fields = self.image_fields(entity)
        found = self._client.query(query(self.columns(entity, more)), work, deleted_too=deleted_too)
        return [(record_of(entity, row, fields), row) for row in found]

    def records(
        self, entity: str, query: soql.Query, work: WorkClass, *, deleted_too: bool = False
    ) -> list[NativeRecord]:
        """Records of a query over an object's columns."""
        return [record for record, _ in self.rows(entity, query, work, deleted_too=deleted_too)]

    def by_ids(
        self, entity: str, field_name: str, ids: Iterable[str], work: WorkClass, *, deleted_too: bool
    ) -> list[NativeRecord]:
        """Records whose id, or whose parent's id, is one of these; in as few calls as addresses allow."""
        found: list[NativeRecord] = []
        columns = self.columns(entity)
        for run in soql.fitting(
            ids, MOST_READ, lambda some: soql.select(columns, entity, soql.is_in(field_name, some))
        ):
            query = soql.over(entity, soql.is_in(field_name, run))
            found += self.records(entity, query, work, deleted_too=deleted_too)
        return found


class Reader:
    """Full reads: roots with their children."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """Read records whole, answers in the order of the requests.

        A record the org does not show at all is reported as deleted: purged and invisible look the same
        from outside.
        """
        answers: dict[ReadRequest, ReadAnswer] = {}
        for entity in dict.fromkeys(request.entity for request in requests):
            mine = [request for request in dict.fromkeys(requests) if request.entity == entity]
            valid = [request for request in mine if is_record_id(request.record_id)]
            answers |= {request: _bad_id(request) for request in mine if request not in valid}
            answers |= self._read(entity, valid, work) if valid else {}
        return [answers[request] for request in requests]

    def _read(
        self, entity: str, requests: Sequence[ReadRequest], work: WorkClass
    ) -> dict[ReadRequest, ReadAnswer]:
        ids = list(dict.fromkeys(long_id(request.record_id) for request in requests))
        found = self._table.by_ids(entity, "Id", ids, work, deleted_too=True)
        roots = {record.record_id: record for record in found}
        alive = [record_id for record_id in ids if record_id in roots and not roots[record_id].deleted]
        children = self._children(entity, alive, work)
        answers = {}
        for request in requests:
            record_id = long_id(request.record_id)
            root = roots.get(record_id) or gone(entity, record_id)
            answers[request] = ReadAnswer(
                request, (root, *children.get(record_id, ())), children_whole=not root.deleted
            )
        return answers

    def _children(
        self, entity: str, parent_ids: Sequence[str], work: WorkClass
    ) -> dict[str, list[NativeRecord]]:
        child = CHILDREN.get(entity)
        if child is None or not parent_ids:
            return {}
        grouped: dict[str, list[NativeRecord]] = {}
        for record in self._table.by_ids(child, PARENTS[child], parent_ids, work, deleted_too=False):
            grouped.setdefault(record.parent_id, []).append(record)
        return {
            parent: sorted(found, key=lambda record: record.record_id) for parent, found in grouped.items()
        }


def _bad_id(request: ReadRequest) -> ReadAnswer:
    fault = Rejected(
        "salesforce.malformed_id", f"not an id of {request.entity}", advice="Repair the binding."
    )
    return ReadAnswer(request, fault=fault)


@dataclass(frozen=True)
class _Search:
    """What one request looks for: our key, and values by field."""

    request: FindRequest
    evidence: Mapping[str, str] = field(default_factory=dict)


class Finder:
    """Searches by our key, name, e-mail, phone and web site; many requests in one query."""

    def __init__(self, table: Table, describe: Describe, config: GatewayConfig) -> None:
        self._table = table
        self._describe = describe
        self._config = config

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """Search, answers in the order of the requests. Raises ConfigurationFault when the key field is
        missing.
        """
        answers: dict[FindRequest, FindAnswer] = {}
        for entity in dict.fromkeys(request.entity for request in requests):
            mine = dict.fromkeys(request for request in requests if request.entity == entity)
            searches = [_Search(request, self._evidence(request)) for request in mine]
            for run in soql.fitting(searches, MOST_FOUND, self._query_of(entity)):
                answers |= self._answers(entity, run, work)
        return [answers[request] for request in requests]

    def _evidence(self, request: FindRequest) -> dict[str, str]:
        wanted = {
            name: str(getattr(request, kind))
            for kind, names in self._config.match_fields.get(request.entity, {}).items()
            for name in names
            if getattr(request, kind)
        }
        known = self._describe.fields(request.entity)
        evidence = {name: text for name, text in wanted.items() if name in known and known[name].filterable}
        if request.key:
            if self._config.key_field not in known:
                raise ConfigurationFault(
                    "salesforce.key_field_missing",
                    f"{request.entity} has no field {self._config.key_field}",
                    advice="Create it as a text field of 255, external id and unique, visible to our user.",
                )
            evidence[self._config.key_field] = request.key
        return evidence

    def _compared(self, entity: str) -> list[str]:
        """Fields a row is told apart by, mapped or not."""
        kinds = self._config.match_fields.get(entity, {})
        return self._describe.present(entity, (name for names in kinds.values() for name in names))

    def _query_of(self, entity: str) -> Callable[[Sequence[_Search]], str]:
        columns = self._table.columns(entity, self._compared(entity))
        return lambda run: soql.select(columns, entity, _any_of(run))

    def _answers(self, entity: str, run: Sequence[_Search], work: WorkClass) -> dict[FindRequest, FindAnswer]:
        where = _any_of(run)
        if not where:
            return {search.request: FindAnswer(search.request) for search in run}
        rows = self._table.rows(entity, soql.over(entity, where), work, more=self._compared(entity))
        return {search.request: self._matching(search, rows) for search in run}

    def _matching(
        self, search: _Search, rows: Iterable[tuple[NativeRecord, Mapping[str, object]]]
    ) -> FindAnswer:
        by_key: list[NativeRecord] = []
        others: list[NativeRecord] = []
        for record, row in rows:
            hits = {name for name, text in search.evidence.items() if _same(text, row.get(name))}
            if self._config.key_field in hits:
                by_key.append(record)
            elif hits:
                others.append(record)
        return FindAnswer(search.request, tuple(by_key), tuple(others))


def _any_of(run: Sequence[_Search]) -> str:
    """Every value any of the searches looks for, field by field."""
    values: dict[str, dict[str, None]] = {}
    for search in run:
        for name, text in search.evidence.items():
            values.setdefault(name, {})[text] = None
    return " OR ".join(soql.is_in(name, texts) for name, texts in values.items())


def _same(left: str, right: object) -> bool:
    return isinstance(right, str) and _folded(left) == _folded(right)


def _folded(text: str) -> str:
    """How the query compared it: case and outer blanks do not count."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
