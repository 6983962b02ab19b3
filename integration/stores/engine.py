"""One engine per process, and what each database needs to be told."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url

from integration.errors import ClaimLost, ConfigurationFault, Fault, Rejected, Retryable
from integration.stores.json_text import dumps, loads

SQLITE_BUSY_MS = 60_000
"""A writer waits this long for its turn; units last milliseconds, so only a stuck process makes it fail."""
POSTGRES_LOCK_MS = 15_000
POSTGRES_IDLE_MS = 60_000
"""A process that is stopped in the middle of a unit loses its locks after this time."""
RETRYABLE_STATES = ("08", "25P03", "40", "53", "55P03", "57", "58")
"""SQLSTATEs that pass by themselves, by their beginning: connection, unit timed out, rollback (deadlock),
resources, lock not available, operator intervention (restart), system error."""
SQLITE_RETRYABLE = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_PROTOCOL",
    "SQLITE_IOERR",
    "SQLITE_FULL",
    "SQLITE_CANTOPEN",
    "SQLITE_NOMEM",
)
UNIQUE_VIOLATION = "23505"

WRITING = "writing_unit"
"""Execution option of a connection whose transaction writes."""


def database_url(url: str) -> URL:
    """The URL with our driver; `postgres://`, as hosts hand it out, is PostgreSQL too. Raises
    ConfigurationFault.
    """
    try:
        parsed = make_url(
            url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
        )
    except (sa.exc.ArgumentError, ValueError):  # the latter for a port, which it quotes
        raise ConfigurationFault("database.url", "this is not a database URL", where="DATABASE_URL") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise ConfigurationFault(
        "database.kind",
        "only PostgreSQL and SQLite files can be used",
        where="DATABASE_URL",
        advice="Use postgresql://user:password@host/name or sqlite:////absolute/path.db.",
    )


@dataclass(frozen=True)
class EngineOptions:
    """`pool_size`: threads of the process + 2; `sqlite_full_sync`: survive power loss, at half the speed."""

    pool_size: int = 10
    echo: bool = False
    sqlite_full_sync: bool = False


def make_engine(url: str, options: EngineOptions) -> Engine:
    """An engine for this process; nothing is connected yet. Parameters never show in errors or logs."""
    parsed = database_url(url)
    shared: dict[str, Any] = {
        "pool_size": options.pool_size,
        "max_overflow": 0,
        "pool_timeout": 30,
        "echo": options.echo,
        "hide_parameters": True,
        "json_serializer": dumps,
        "json_deserializer": loads,
    }
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(parsed, connect_args={"timeout": SQLITE_BUSY_MS / 1000}, **shared)
        _tell_sqlite(engine, full_sync=options.sqlite_full_sync)
        return engine
    engine = sa.create_engine(parsed, pool_recycle=1800, connect_args={"connect_timeout": 5}, **shared)
    event.listen(engine, "connect", _tell_postgres)
    return engine


def _tell_postgres(connection: psycopg.Connection[Any], _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {POSTGRES_LOCK_MS}")
        cursor.execute(f"SET idle_in_transaction_session_timeout = {POSTGRES_IDLE_MS}")
    connection.commit()


def _tell_sqlite(engine: Engine, *, full_sync: bool) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        # BEGIN is ours: the driver's own would start reading and upgrade later.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if full_sync else 'NORMAL'}")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def translate(error: sa.exc.SQLAlchemyError) -> Fault:
    """A database's error as ours. The message is not kept: it may quote rows."""
    if isinstance(error, sa.exc.TimeoutError):
        return Retryable("sql.pool", "no database connection became free in time")
    if not isinstance(error, sa.exc.DBAPIError):
        return Fault("sql.statement", type(error).__name__)
    original = error.orig
    if isinstance(original, psycopg.Error):
        return _translate_postgres(original, disconnected=error.connection_invalidated)
    return _translate_sqlite(original)


def translate_psycopg(error: psycopg.Error) -> Fault:
    """An error of a statement that went past SQLAlchemy, as ours."""
    return _translate_postgres(error, disconnected=False)


BUSY = "Try again; where it stays like this, find out which process holds the database."
AWAY = "Start the database, or correct DATABASE_URL."


def _translate_sqlite(original: BaseException | None) -> Fault:
    name = getattr(original, "sqlite_errorname", type(original).__name__)
    evidence = {"error": name}
    if name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
        return ClaimLost("sql.taken", "another record stands there already", evidence=evidence)
    if name == "SQLITE_ERROR":  # about the statement, which holds no data
        return Rejected("sql.statement", str(original), evidence=evidence)
    if name.startswith(SQLITE_RETRYABLE):
        return Retryable(
            "sql.unavailable", "the database did not take the work", advice=BUSY, evidence=evidence
        )
    return Rejected("sql.refused", "the database refuses this statement", evidence=evidence)


def _translate_postgres(original: psycopg.Error, *, disconnected: bool) -> Fault:
    state = original.sqlstate or ""
    evidence = {"sqlstate": state, "constraint": original.diag.constraint_name or ""}
    if state == UNIQUE_VIOLATION:
        return ClaimLost("sql.taken", "another record stands there already", evidence=evidence)
    if disconnected or state.startswith(RETRYABLE_STATES):
        return Retryable(
            "sql.unavailable", "the database did not take the work", advice=BUSY, evidence=evidence
        )
    if not state and isinstance(original, psycopg.OperationalError):
        return Retryable("sql.unreachable", "the database cannot be reached", advice=AWAY, evidence=evidence)
    if state.startswith("42"):  # about the statement (syntax, unknown names), which holds no data
        return Rejected("sql.statement", original.diag.message_primary or "", evidence=evidence)
    return Rejected("sql.refused", "the database refuses this statement", evidence=evidence)
