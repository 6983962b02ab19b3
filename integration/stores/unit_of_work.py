"""Units of work over SQL: one transaction each, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from time import monotonic

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine

from integration.canonical.event import ArrivedEvent
from integration.canonical.outcome import Mode
from integration.ports import stores as ports
from integration.ports.reports import ReportStore
from integration.ports.retention import RetentionStore
from integration.stores import bulk
from integration.stores.accepting import Door
from integration.stores.alarms import SqlAlarms
from integration.stores.audit import SqlAudit
from integration.stores.cases import SqlCases
from integration.stores.changes import SqlChanges
from integration.stores.credentials import SqlCredentials
from integration.stores.cursors import SqlCursors
from integration.stores.engine import WRITING, EngineOptions, make_engine, translate
from integration.stores.inbox import SqlInbox
from integration.stores.lane_counts import LaneCounts
from integration.stores.lane_locks import LaneLocks
from integration.stores.lane_memory import LaneMemory
from integration.stores.lanes import SqlLanes
from integration.stores.outbox import SqlOutbox
from integration.stores.overrides import SqlOverrides
from integration.stores.pairs import SqlPairs
from integration.stores.reports import SqlReports
from integration.stores.retention import SqlRetention
from integration.stores.sent_window import SentWindows
from integration.stores.tables_operation import pairs
from integration.stores.transaction import Transaction
from integration.stores.usage import SqlUsage

SLOW_SECONDS = 5.0

log = structlog.get_logger(__name__)


class SqlUnitOfWork(ports.UnitOfWork):
    """`UnitOfWork`: all stores of a pair over one transaction."""

    def __init__(self, tx: Transaction, counts: LaneCounts, sent: SentWindows) -> None:
        memory = LaneMemory()
        locks = LaneLocks(tx, memory)
        self.inbox: ports.InboxStore = SqlInbox(tx, locks)
        self.lanes: ports.LaneStore = SqlLanes(tx, memory, locks)
        self.changes: ports.ChangeStore = SqlChanges(tx, locks)
        self.outbox: ports.OutboxStore = SqlOutbox(tx, locks, counts, sent)
        self.cases: ports.CaseStore = SqlCases(tx)
        self.overrides: ports.OverrideStore = SqlOverrides(tx)
        self.audit: ports.AuditStore = SqlAudit(tx)
        self.cursors: ports.CursorStore = SqlCursors(tx)
        self.pairs: ports.PairStore = SqlPairs(tx, self.audit)
        self.alarms: ports.AlarmStore = SqlAlarms(tx)
        self.reports: ReportStore = SqlReports(tx)
        self.retention: RetentionStore = SqlRetention(tx)
        self._tx = tx

    @property
    def now(self) -> int:
        """The unit's time."""
        return self._tx.now


class SqlStores(ports.Stores):
    """`Stores` over one database. Nothing is connected before the first unit; a forked child makes its own
    connections.

    `keys`: Fernet keys, the first encrypts, all decrypt; needed for credentials only. `clock`: epoch
    milliseconds to go by instead of the database's clock, where all users of the database share one process.
    """

    def __init__(
        self,
        url: str,
        *,
        settle_ms: int = 60_000,
        keys: Sequence[str] = (),
        echo: bool = False,
        pool_size: int = 10,
        sqlite_full_sync: bool = False,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._url = url
        self._clock = clock
        self._settle_ms = settle_ms
        self._keys = tuple(keys)
        self._options = EngineOptions(pool_size, echo, sqlite_full_sync)
        self._engine: Engine | None = None
        self._owner = 0
        self._making = Lock()
        self._counts = LaneCounts()
        self._sent = SentWindows()
        self._own_door: tuple[Engine, Door] | None = None

    @property
    def engine(self) -> Engine:
        """The engine of this process."""
        if self._engine is None or self._owner != os.getpid():
            with self._making:
                if self._engine is None or self._owner != os.getpid():
                    if self._engine is not None:
                        self._engine.dispose(close=False)  # these connections belong to the parent
                    self._engine, self._owner = make_engine(self._url, self._options), os.getpid()
        return self._engine

    def close(self) -> None:
        """Give all idle connections back."""
        if self._own_door is not None:
            self._own_door[1].close()
        if self._engine is not None and self._owner == os.getpid():
            self._engine.dispose()

    @contextmanager
    def begin(self, pair_id: int, name: str = "") -> Iterator[SqlUnitOfWork]:
        """A writing unit; `name` says in logs what is committed.

        Raises Retryable when the database does not take it, ClaimLost when another unit was first.
        """
        began = monotonic()
        with self._transaction(pair_id, writing=True) as tx:
            yield SqlUnitOfWork(tx, self._counts, self._sent)
            tx.flush()
        seconds = monotonic() - began
        if seconds > SLOW_SECONDS:
            log.warning("store.slow_unit", unit=name, seconds=round(seconds, 2), pair_id=pair_id)

    @contextmanager
    def reading(self, pair_id: int) -> Iterator[SqlUnitOfWork]:
        """A unit that only reads, all as of one moment; it neither waits for writers nor holds them up."""
        with self._transaction(pair_id, writing=False) as tx:
            yield SqlUnitOfWork(tx, self._counts, self._sent)
            tx.flush()  # rows somebody tried to store are refused loudly

    def accept(
        self, pair_id: int, events: Sequence[ArrivedEvent], correlation_ids: Sequence[str]
    ) -> tuple[list[int], int]:
        """`SqlInbox.add` as a unit of its own; on PostgreSQL a single statement, with nothing around it.

        Raises Retryable when the database does not take it.
        """
        if self._clock is not None or self.engine.dialect.name != "postgresql":
            with self.begin(pair_id, "accept") as uow:
                return uow.inbox.add(events, correlation_ids)
        return self._door().accept(pair_id, events, correlation_ids)

    def _door(self) -> Door:
        engine = self.engine
        if self._own_door is None or self._own_door[0] is not engine:
            with self._making:
                if self._own_door is None or self._own_door[0] is not engine:
                    self._own_door = engine, Door(engine)
        return self._own_door[1]

    @contextmanager
    def _transaction(self, pair_id: int, *, writing: bool) -> Iterator[Transaction]:
        with translated():
            tx = self._opened(pair_id, writing=writing)
            with tx.connection, tx.ending:
                yield tx

    def _opened(self, pair_id: int, *, writing: bool) -> Transaction:
        """A transaction that has read its time.

        A pooled connection that died meanwhile is found out by that, and replaced once: it did nothing.
        """
        try:
            return self._begun(self._connect(writing=writing), pair_id)
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._begun(self._connect(writing=writing), pair_id)

    def _begun(self, connection: Connection, pair_id: int) -> Transaction:
        try:
            return Transaction(connection, pair_id, self._settle_ms, self._clock)
        except BaseException:
            connection.close()
            raise

    def _connect(self, *, writing: bool) -> Connection:
        connection = self.engine.connect()
        if writing:
            return connection.execution_options(**{WRITING: True})
        if self.engine.dialect.name == "postgresql":
            return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return connection

    def pair_ids(self) -> list[int]:
        """All pairs."""
        with self._transaction(0, writing=False) as tx:
            return [row.id for row in tx.rows(sa.select(pairs.c.id).order_by(pairs.c.id))]

    def ensure_pair(self, name: str, mode: Mode = Mode.OBSERVE) -> int:
        """The id of the pair of that name; a new one gets that mode for both sides."""
        with self._transaction(0, writing=True) as tx:
            row = {"name": name, "mode_salesforce": mode.value, "mode_zoho": mode.value, "created_at": tx.now}
            bulk.insert_new(tx, pairs, [row], ("id",))
            return int(tx.execute(sa.select(pairs.c.id).where(pairs.c.name == name)).scalar_one())

    def credentials(self, pair_id: int, system: str) -> SqlCredentials:
        """The shared access token of one system. Raises ConfigurationFault when there is no usable key."""
        return SqlCredentials(self._transaction, self._keys, pair_id, system)

    def usage(self, pair_id: int, system: str) -> SqlUsage:
        """The counted calls of one system."""
        return SqlUsage(self._transaction, pair_id, system)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the database's errors as ours, without what they quote."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise translate(error) from None
