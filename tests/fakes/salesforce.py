"""`ports.Gateway` over a Salesforce org in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from integration.canonical.event import NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json, Side
from integration.errors import BadInput, Gone, Rejected
from integration.ports import (
    Clock,
    FindAnswer,
    FindRequest,
    Page,
    ReadAnswer,
    ReadRequest,
    WriteAnswer,
    WriteRequest,
)
from tests.fakes.calls import Calls, Kind
from tests.fakes.salesforce_org import KEY_FIELD, OURS, Row, SalesforceOrg

MOST = 200
UPDATES = (Operation.UPDATE, Operation.ACTIVATE, Operation.DEACTIVATE)
EVIDENCE = {
    "Account": {"name": ("Name",), "phone": ("Phone",), "website": ("Website",)},
    "Contact": {"name": ("Name",), "email": ("Email",), "phone": ("Phone", "MobilePhone")},
}
Answer = TypeVar("Answer")


class FakeSalesforce:
    """One connected org: answers like the real connector, counts calls, fails where it is told to."""

    side = Side.SALESFORCE

    def __init__(
        self,
        clock: Clock,
        fields: Mapping[str, Sequence[str]],
        *,
        page_size: int = 2_000,
        absent: Sequence[str] = (),
    ) -> None:
        self.org = SalesforceOrg(
            clock, {e: [n for n in names if n not in absent] for e, names in fields.items()}
        )
        self.calls = Calls()
        self._page_size = page_size

    def batch_limit(self, operation: Operation, entity: str) -> int:
        """A Collections call takes 200 records."""
        return 100 if operation is Operation.FIND else MOST

    def keyed(self, entity: str) -> bool:
        """The external id is unique."""
        return True

    # ------------------------------------------------------------- reading

    def read(self, requests: Sequence[ReadRequest], work: WorkClass) -> list[ReadAnswer]:
        """One call per entity, one more for the Contacts of Accounts."""
        answers: dict[ReadRequest, ReadAnswer] = {}
        for entity in dict.fromkeys(r.entity for r in requests):
            mine = [r for r in requests if r.entity == entity]
            for request, record in self._call("read", entity, mine, self._root).items():
                answers[request] = ReadAnswer(request, (record,), children_whole=not record.deleted)
            if entity == "Account" and any(not answers[r].records[0].deleted for r in mine):
                for request, children in self._call(
                    "read", "Contacts of Accounts", mine, self._children
                ).items():
                    [root] = answers[request].records
                    answers[request] = ReadAnswer(request, (root, *children), children_whole=not root.deleted)
        return [answers[request] for request in requests]

    def _call(
        self, kind: Kind, what: str, requests: Sequence[ReadRequest], answer: Callable[[ReadRequest], Answer]
    ) -> dict[ReadRequest, Answer]:
        return self.calls.make(kind, what, len(requests), lambda: {r: answer(r) for r in requests})

    def _root(self, request: ReadRequest) -> NativeRecord:
        row = self.org.rows.get((request.entity, request.record_id))
        if row is None:
            return NativeRecord(Side.SALESFORCE, request.entity, request.record_id, deleted=True)
        return self._shown(row)

    def _children(self, request: ReadRequest) -> list[NativeRecord]:
        root = self.org.rows.get(("Account", request.record_id))
        return (
            []
            if root is None or root.deleted
            else [self._shown(r) for r in self.org.children(request.record_id)]
        )

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
        return self.calls.make("find", "query", len(requests), lambda: [self._find(r) for r in requests])

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
        answers: list[WriteAnswer] = []
        for start in range(0, len(requests), MOST):
            part = requests[start : start + MOST]
            what = f"{part[0].operation} {part[0].entity}"
            answers += self.calls.make(
                "write", what, len(part), lambda part=part: [self._write(r) for r in part]
            )
        return answers

    def _write(self, request: WriteRequest) -> WriteAnswer:
        if request.children:
            raise ValueError("children of a Salesforce record are written one by one")
        try:
            return self._written(request)
        except Rejected as fault:
            if isinstance(fault, Gone) and request.operation is Operation.DELETE:
                return WriteAnswer(request.record_id)
            return WriteAnswer(request.record_id, fault=fault)

    def _written(self, request: WriteRequest) -> WriteAnswer:
        fields = {**request.fields, KEY_FIELD: request.key} if request.key else dict(request.fields)
        if request.operation is Operation.CREATE:
            known = self.org.keyed(request.entity, request.key) if request.key else None
            row = self.org.save(request.entity, fields, known.record_id if known else "", OURS)
            return WriteAnswer(row.record_id, created=known is None)
        if request.operation is Operation.DELETE:
            self.org.delete(request.entity, request.record_id, OURS)
        elif request.operation in UPDATES:
            self.org.save(request.entity, fields, request.record_id, OURS)
        else:
            raise ValueError(f"Salesforce has no operation {request.operation.value!r}")
        return WriteAnswer(request.record_id)

    # ------------------------------------------------------------- listing

    def records_of(self, event_body: Mapping[str, Json], entity: str) -> list[NativeRecord]:
        """Salesforce sends fields, never whole records."""
        raise BadInput("salesforce.no_records", f"an event of {entity} holds no records of their own")

    def changed_since(self, entity: str, since_ms: int, page: str) -> Page:
        """Ascending by time of modification, whole."""
        rows = sorted(self.org.alive(entity), key=lambda r: (r.modified_at, r.record_id))
        stamp, _, last = page.partition("|")
        after = (int(stamp), last) if page else (since_ms - 1, "~")
        return self._page(entity, [r for r in rows if (r.modified_at, r.record_id) > after], by_time=True)

    def list_page(self, entity: str, page: str) -> Page:
        """All living records by id, whole."""
        return self._page(entity, [r for r in self.org.alive(entity) if r.record_id > page], by_time=False)

    def _page(self, entity: str, rows: Sequence[Row], *, by_time: bool) -> Page:
        def shown() -> Page:
            part = rows[: self._page_size]
            full = len(part) == self._page_size
            place = f"{part[-1].modified_at}|{part[-1].record_id}" if part and by_time else ""
            token = place if by_time else part[-1].record_id if part else ""
            return Page(tuple(self._shown(r) for r in part), token if full else "")

        return self.calls.make("list", entity, 1, shown)

    def deleted_since(self, entity: str, since_ms: int) -> list[NativeRecord]:
        """Deleted records, a merge's losers among them; only a read tells which."""

        def shown() -> list[NativeRecord]:
            gone = [
                r
                for (e, _), r in self.org.rows.items()
                if e == entity and r.deleted and r.deleted_at >= since_ms
            ]
            return [
                NativeRecord(Side.SALESFORCE, entity, r.record_id, at=r.modified_at, deleted=True)
                for r in sorted(gone, key=lambda r: r.deleted_at)
            ]

        return self.calls.make("list", f"deleted {entity}", 1, shown)

    # ------------------------------------------------------------- organisation

    def open_documents(self, record_id: str) -> bool:
        """Nothing forbids putting an account away."""
        return False

    def absent_fields(self, entity: str, fields: Sequence[str]) -> list[str]:
        """Those this org does not have."""
        return [name for name in dict.fromkeys(fields) if name not in {*self.org.fields[entity], KEY_FIELD}]

    def writable_fields(self, entity: str) -> frozenset[str]:
        """Every field but the computed ones."""
        return frozenset({*self.org.fields[entity], KEY_FIELD} - {"IsPersonAccount"})

    def organization_id(self) -> str:
        """The org's id; a token that is not accepted shows here as well."""
        return self.calls.make("read", "organization", 1, lambda: "00D000000000001AAA")


def _text(row: Row, name: str) -> str:
    if name == "Name" and row.entity == "Contact":
        return " ".join(str(row.fields[part]) for part in ("FirstName", "LastName") if row.fields.get(part))
    return str(row.fields.get(name) or "")


def _same(wanted: str, found: str) -> bool:
    return bool(wanted) and wanted.strip().casefold() == found.strip().casefold()
