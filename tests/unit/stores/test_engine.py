"""Which databases are taken, and what their errors become."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from integration.errors import ClaimLost, ConfigurationFault, Fault, Rejected, Retryable
from integration.stores.engine import database_url, translate


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ("postgres://u:p@h:5/db", "postgresql+psycopg://u:p@h:5/db"),
        ("postgresql://h/db", "postgresql+psycopg://h/db"),
        ("postgresql+psycopg://h/db", "postgresql+psycopg://h/db"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_urls_as_hosts_hand_them_out(told: str, taken: str) -> None:
    assert database_url(told).render_as_string(hide_password=False) == taken


@pytest.mark.parametrize(
    "told",
    ["", "nonsense", "mysql://h/db", "sqlite://", "sqlite:///:memory:", "postgresql://u:p@h:h/db/x"],
)
def test_other_urls_are_refused_without_repeating_them(told: str) -> None:
    with pytest.raises(ConfigurationFault) as raised:
        database_url(told)
    assert "h/db" not in str(raised.value)


def _postgres(state: str) -> sa.exc.DBAPIError:
    error = psycopg.errors.lookup(state)(f"Failing row contains (canary, {state})")
    return sa.exc.DBAPIError("INSERT …", {"name": "canary"}, error)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("40001", Retryable),
        ("40P01", Retryable),
        ("55P03", Retryable),
        ("57P01", Retryable),
        ("53300", Retryable),
        ("08006", Retryable),
        ("25P03", Retryable),
        ("23505", ClaimLost),
        ("23502", Rejected),
        ("22001", Rejected),
        ("25006", Rejected),
        ("54000", Rejected),
        ("42601", Rejected),
    ],
)
def test_every_state_says_what_happens_next(state: str, kind: type[Fault]) -> None:
    fault = translate(_postgres(state))
    assert type(fault) is kind
    assert "canary" not in f"{fault} {fault.evidence}"


def test_a_connection_that_was_never_made_is_retryable() -> None:
    refused = psycopg.OperationalError("connection to canary.example refused")
    fault = translate(sa.exc.OperationalError("", {}, refused))
    assert isinstance(fault, Retryable)
    assert "canary" not in str(fault)
    assert "DATABASE_URL" in fault.advice
    assert isinstance(translate(sa.exc.TimeoutError()), Retryable)


def _sqlite(action: str) -> Any:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE TABLE t (a INTEGER UNIQUE NOT NULL)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute(action)
    except sqlite3.Error as error:
        return sa.exc.DBAPIError.instance(action, {}, error, sqlite3.Error)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("action", "kind", "code"),
    [
        ("INSERT INTO t VALUES (1)", ClaimLost, "sql.taken"),
        ("INSERT INTO t VALUES (NULL)", Rejected, "sql.refused"),
        ("SELECT nothing", Rejected, "sql.statement"),
    ],
)
def test_sqlite_s_errors(action: str, kind: type[Fault], code: str) -> None:
    fault = translate(_sqlite(action))
    assert (type(fault), fault.code) == (kind, code)


def test_a_locked_sqlite_file_is_retryable(tmp_path: Any) -> None:
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    waiter = sqlite3.connect(tmp_path / "x.db", isolation_level=None, timeout=0)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as raised:
        waiter.execute("BEGIN IMMEDIATE")
    error = sa.exc.DBAPIError.instance("", {}, raised.value, sqlite3.Error)
    fault = translate(error)  # type: ignore[arg-type]
    assert isinstance(fault, Retryable)
    assert "Try again" in fault.advice
    holder.close()
    waiter.close()
