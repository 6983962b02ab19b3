"""`ports.Gateway` over a Salesforce org in memory."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.connectors.salesforce.ids import is_record_id, long_id
from integration.errors import BadInput, Fault, Gone, Rejected
from integration.ports import (
    Clock,
    Deletions,
    FindAnswer,
    FindRequest,
    Page,
    ReadAnswer,
    ReadRequest,
    WriteAnswer,
    WriteRequest,
)
from tests.fakes.calls import Calls, Kind
from tests.fakes.salesforce_events import OURS
from tests.fakes.salesforce_org import Row, SalesforceOrg
from tests.fakes.salesforce_values import COMPUTED, DERIVED, KEY_FIELD

MOST, MOST_FOUND = 200, 100
OVERLAP_MS = 30_000
DELETED_OVERLAP_MS, DELETED_REACH_MS = 300_000, 15 * 86_400_000 - 3_600_000
UPDATES = (Operation.UPDATE, Operation.ACTIVATE, Operation.DEACTIVATE)
EVIDENCE: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Account": {"name": ("Name",), "phone": ("Phone",), "website": ("Website",)},
    "Contact": {"name": ("Name",), "email": ("Email",), "phone": ("Phone", "MobilePhone")},
}
Answer = TypeVar("Answer")
Item = TypeVar("Item")


class FakeSalesforce:
    """One connected org: answers like the real connector, counts calls, fails where it is told to.

    `overlap_ms`: how far the first page of a delta reaches back. `replication_ms`: deletions are told by whole
    minutes only, when that minute is over.
    """

    side = Side.SALESFORCE
    deletions_lag_ms = 0
    """How far the list of deletions lags behind."""

    def __init__(
        self,
        clock: Clock,
        fields: Mapping[str, Sequence[str]],
        *,
        page_size: int = 2_000,
        overlap_ms: int = OVERLAP_MS,
        replication_ms: int = 60_000,
        absent: Sequence[str] = (),
    ) -> None:
        self.org = SalesforceOrg(
            clock, {e: [n for n in names if n not in absent] for e, names in fields.items()}
        )
        self.calls = Calls()
        self._clock = clock
        self._page_size = page_size
        self._overlap_ms, self._replication_ms = overlap_ms, replication_ms

    def batch_limit(self, operation: Operation, entity: str) -> int:
        """A Collections call takes 200 records."""
        return MOST_FOUND if operation is Operation.FIND else MOST

    def keyed(self, entity: str) -> bool:
        """The external id is unique."""
        return True

    # ------------------------------------------------------------- reading

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """One call per entity, one more for the Contacts of Accounts."""
        answers: dict[ReadRequest, ReadAnswer] = {}
        for entity in dict.fromkeys(r.entity for r in requests):
            mine = [r for r in dict.fromkeys(requests) if r.entity == entity]
            valid = [r for r in mine if is_record_id(r.record_id)]
            answers |= {r: ReadAnswer(r, fault=_bad_id(entity)) for r in mine if r not in valid}
            for run in _runs(valid, MOST):
                answers |= self._read(entity, run)
        return [answers[request] for request in requests]

    def _read(self, entity: str, requests: Sequence[ReadRequest]) -> dict[ReadRequest, ReadAnswer]:
        roots = self._call("read", entity, requests, self._root)
        children: dict[ReadRequest, list[NativeRecord]] = {}
        if entity == "Account" and any(not root.deleted for root in roots.values()):
            children = self._call("read", "Contacts of Accounts", requests, self._children)
        return {
            request: ReadAnswer(request, (root, *children.get(request, ())), children_whole=not root.deleted)
            for request, root in roots.items()
        }

    def _call(
        self, kind: Kind, what: str, requests: Sequence[ReadRequest], answer: Callable[[ReadRequest], Answer]
    ) -> dict[ReadRequest, Answer]:
        return self.calls.make(kind, what, len(requests), lambda: {r: answer(r) for r in requests})

    def _root(self, request: ReadRequest) -> NativeRecord:
        record_id = long_id(request.record_id)
        row = self.org.rows.get((request.entity, record_id))
        if row is None:
            return NativeRecord(Side.SALESFORCE, request.entity, record_id, deleted=True)
        return self._shown(row)

    def _children(self, request: ReadRequest) -> list[NativeRecord]:
        root = self.org.rows.get(("Account", long_id(request.record_id)))
        if root is None or root.deleted:
            return []
        return [self._shown(row) for row in self.org.children(root.record_id)]

    def _shown(self, row: Row) -> NativeRecord:
        image = {name: row.fields.get(name) for name in (*self.org.fields[row.entity], KEY_FIELD)}
        return NativeRecord(
            Side.SALESFORCE,
            row.entity,
            row.record_id,
            image,
            row.modified_at,
            parent_id=str(row.fields.get("AccountId") or ""),
            deleted=row.deleted,
            merged_into=row.merged_into,
            stamp=row.modified_at,
        )

    def find(self, requests: Sequence[FindRequest], work: WorkClass) -> list[FindAnswer]:
        """Many searches are one query, which sees what is committed."""
        answers = {r: FindAnswer(r) for r in requests}
        asked = [r for r in answers if r.key or any(getattr(r, kind) for kind in EVIDENCE[r.entity])]
        for run in _runs(asked, MOST_FOUND):
            found = self.calls.make("find", "query", len(run), lambda run=run: [self._find(r) for r in run])
            answers |= dict(zip(run, found, strict=True))
        return [answers[request] for request in requests]

    def _find(self, request: FindRequest) -> FindAnswer:
        by_key, others = [], []
        for row in self.org.alive(request.entity):
            if request.key and row.fields.get(KEY_FIELD) == request.key:
                by_key.append(self._shown(row))
            elif any(
                _same(getattr(request, kind), _text(row, name))
                for kind, names in EVIDENCE[request.entity].items()
                for name in names
            ):
                others.append(self._shown(row))
        return FindAnswer(request, tuple(by_key), tuple(others))

    # ------------------------------------------------------------- writing

    def write(self, requests: Sequence[WriteRequest], work: WorkClass) -> list[WriteAnswer]:
        """Up to 200 rows are one call; rows fail by themselves; ids are answered, never records."""
        for request in requests:
            _check_request(request)
        answers = {n: WriteAnswer(r.record_id, fault=_bad_id(r.entity)) for n, r in enumerate(requests)}
        good = [
            n for n, r in enumerate(requests) if r.operation is Operation.CREATE or is_record_id(r.record_id)
        ]
        runs = list(_runs(good, MOST))
        for run in runs:
            answered = self._write_run([requests[n] for n in run], alone=len(runs) == 1)
            answers |= dict(zip(run, answered, strict=True))
        return [answers[n] for n in range(len(requests))]

    def _write_run(self, run: Sequence[WriteRequest], *, alone: bool) -> list[WriteAnswer]:
        what = f"{run[0].operation} {run[0].entity}"
        try:
            return self.calls.make("write", what, len(run), lambda: [self._write(r) for r in run])
        except Fault as fault:
            if alone:
                raise
            return [WriteAnswer(request.record_id, fault=fault) for request in run]

    def _write(self, request: WriteRequest) -> WriteAnswer:
        try:
            return self._written(request)
        except Rejected as fault:
            if isinstance(fault, Gone) and request.operation is Operation.DELETE:
                return WriteAnswer(long_id(request.record_id))
            return WriteAnswer(request.record_id, fault=fault)

    def _written(self, request: WriteRequest) -> WriteAnswer:
        fields = {**request.fields, KEY_FIELD: request.key} if request.key else dict(request.fields)
        if request.operation is Operation.CREATE:
            known = self.org.keyed(request.entity, request.key) if request.key else None
            row = self.org.save(request.entity, fields, known.record_id if known else "", OURS)
            return WriteAnswer(row.record_id, created=known is None)
        record_id = long_id(request.record_id)
        if request.operation is Operation.DELETE:
            self.org.delete(request.entity, record_id, OURS)
        else:
            self.org.save(request.entity, fields, record_id, OURS)
        return WriteAnswer(record_id)

    # ------------------------------------------------------------- listing

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        """Salesforce sends fields, never whole records."""
        raise BadInput("salesforce.no_records", f"an event of {entity} holds no records of their own")

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """Ascending by time of modification, whole; the first page reaches back by the overlap."""
        rows = sorted(self.org.alive(entity), key=lambda r: (r.modified_at, r.record_id))
        after = _place(page) if page else (since_ms - self._overlap_ms - 1, "~")
        return self._page(entity, [r for r in rows if (r.modified_at, r.record_id) > after], by_time=True)

    def list_page(self, entity: str, page: str) -> Page:
        """All living records by id, whole."""
        if page and not is_record_id(page):
            raise _bad_page()
        return self._page(entity, [r for r in self.org.alive(entity) if r.record_id > page], by_time=False)

    def _page(self, entity: str, rows: Sequence[Row], *, by_time: bool) -> Page:
        def shown() -> Page:
            part = rows[: self._page_size]
            full = len(part) == self._page_size
            place = f"{part[-1].modified_at}|{part[-1].record_id}" if part and by_time else ""
            token = place if by_time else part[-1].record_id if part else ""
            return Page(tuple(self._shown(r) for r in part), token if full else "")

        return self.calls.make("list", entity, 1, shown)

    def deleted_since(self, entity: str, since_ms: int) -> Deletions:
        """Deleted records, a merge's losers among them; only a read tells which."""
        now = self._clock.now_ms()
        start = max(min(since_ms, now) - DELETED_OVERLAP_MS, now - DELETED_REACH_MS)
        first, last = (at - at % self._replication_ms for at in (start, now - self.deletions_lag_ms))

        def shown() -> Deletions:
            gone = [r for r in self.org.rows.values() if r.entity == entity and r.deleted]
            told = [
                NativeRecord(Side.SALESFORCE, entity, r.record_id, at=r.deleted_at, deleted=True)
                for r in sorted(gone, key=lambda r: (r.deleted_at, r.record_id))
                if first <= r.deleted_at < last
            ]
            return Deletions(tuple(told), last)

        return self.calls.make("list", f"deleted {entity}", 1, shown)

    # ------------------------------------------------------------- organisation

    def open_documents(self, record_id: str) -> bool:
        """Nothing forbids putting an account away."""
        return False

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Those this org does not have."""
        there = {*self.org.fields[entity], *DERIVED[entity], KEY_FIELD}
        return [name for name in dict.fromkeys(fields) if name not in there]

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Every field but the computed ones."""
        return frozenset({*self.org.fields[entity], KEY_FIELD} - COMPUTED[entity])

    def organization_id(self) -> str:
        """The org's id; a token that is not accepted shows here as well."""
        return self.calls.make("read", "organization", 1, lambda: "00D000000000001AAA")


def _text(row: Row, name: str) -> str:
    if name == "Name" and row.entity == "Contact":
        return " ".join(str(row.fields[part]) for part in ("FirstName", "LastName") if row.fields.get(part))
    return str(row.fields.get(name) or "")


def _same(wanted: str, found: str) -> bool:
    return bool(wanted) and _folded(wanted) == _folded(found)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _runs(items: Sequence[Item], most: int) -> Iterator[Sequence[Item]]:
    """What travels in one call each."""
    return (items[start : start + most] for start in range(0, len(items), most))


def _check_request(request: WriteRequest) -> None:
    """Raises ValueError for what no flow may ask of this system."""
    if request.children:
        raise ValueError("children of a Salesforce record are written one by one")
    if request.operation not in (*UPDATES, Operation.CREATE, Operation.DELETE):
        raise ValueError(f"Salesforce has no operation {request.operation.value!r}")


def _bad_id(entity: str) -> Rejected:
    return Rejected("salesforce.malformed_id", f"not an id of {entity}")


def _bad_page() -> BadInput:
    return BadInput("salesforce.bad_page", "not a page of this listing")


def _place(page: str) -> tuple[int, str]:
    stamp, _, last_id = page.partition("|")
    if not stamp.isdecimal() or not is_record_id(last_id):
        raise _bad_page()
    return int(stamp), last_id
