"""Many rows in one statement.

PostgreSQL takes all rows as one JSON parameter, so that the statement is the same for any number of rows and
stays prepared. SQLite runs in our own process, where one call per row costs little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Row

from integration.stores.columns import CleanText, Json
from integration.stores.json_text import clean, dumps
from integration.stores.transaction import NOW_POSTGRES, Transaction

Rows = Sequence[Mapping[str, Any]]
"""Rows with the same keys: columns of the table."""


def insert(tx: Transaction, table: sa.Table, rows: Rows) -> list[int]:
    """Insert rows of a numbered table; returns their ids in order."""
    if not rows:
        return []
    if tx.is_postgres:
        found = tx.execute(
            _postgres_insert(table, tuple(rows[0]), "", ("id",)), {"rows": encoded(table, rows)}
        )
        # Numbers are drawn in the order of the rows, yet RETURNING promises no order.
        return sorted(found.scalars())
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(tx.execute(statement, list(rows)).scalars())


def add(tx: Transaction, table: sa.Table, rows: Rows) -> None:
    """Insert rows whose ids nobody asks for."""
    if not rows:
        return
    if tx.is_postgres:
        tx.execute(_postgres_insert(table, tuple(rows[0]), "", ()), {"rows": encoded(table, rows)})
    else:
        tx.execute(sa.insert(table), list(rows))


def insert_new(tx: Transaction, table: sa.Table, rows: Rows, returning: Sequence[str]) -> list[Row[Any]]:
    """Insert the rows that clash with none; returns the asked columns of those inserted."""
    if not rows:
        return []
    if tx.is_postgres:
        statement = _postgres_insert(table, tuple(rows[0]), "ON CONFLICT DO NOTHING", tuple(returning))
        return list(tx.execute(statement, {"rows": encoded(table, rows)}))
    lite = sqlite.insert(table).on_conflict_do_nothing().returning(*(table.c[name] for name in returning))
    return list(tx.execute(lite, list(rows)))


def upsert(
    tx: Transaction,
    table: sa.Table,
    rows: Rows,
    key: Sequence[str],
    *,
    added: Sequence[str] = (),
    keep: Sequence[str] = (),
    where: str = "",
    returning: Sequence[str] = (),
) -> list[Row[Any]]:
    """Insert rows or replace those of the same key.

    `added` columns are summed up with what stands, `keep` columns stay as they stand; `where` is the
    condition of the partial unique index.
    """
    if not rows:
        return []
    columns = tuple(rows[0])
    if tx.is_postgres:
        conflict = _on_conflict(table, columns, tuple(key), tuple(added), tuple(keep), where)
        statement = _postgres_insert(table, columns, conflict, tuple(returning))
        result = tx.execute(statement, {"rows": encoded(table, rows)})
        return list(result) if returning else []
    lite = sqlite.insert(table)
    replaced = [c for c in columns if c not in key and c not in added and c not in keep]
    values: dict[str, Any] = {c: lite.excluded[c] for c in replaced}
    values |= {c: table.c[c] + lite.excluded[c] for c in added}
    upserting = lite.on_conflict_do_update(
        index_elements=[table.c[c] for c in key], index_where=sa.text(where) if where else None, set_=values
    )
    if not returning:
        tx.execute(upserting, list(rows))
        return []
    return list(tx.execute(upserting.returning(*(table.c[c] for c in returning)), list(rows)))


def update(
    tx: Transaction, table: sa.Table, rows: Rows, key: Sequence[str] = ("id",), *, where: str = ""
) -> None:
    """Set the columns named in the rows where the key columns are equal, and where `where` holds as well."""
    if not rows:
        return
    if tx.is_postgres:
        statement = _postgres_update(table, tuple(rows[0]), tuple(key), where)
        tx.execute(statement, {"rows": encoded(table, rows)})
        return
    lite = sa.update(table).where(*(table.c[c] == sa.bindparam(f"key_{c}") for c in key))
    lite = lite.where(sa.text(where)) if where else lite
    lite = lite.values({c: sa.bindparam(c) for c in rows[0] if c not in key})
    keyed = [{f"key_{c}" if c in key else c: value for c, value in row.items()} for row in rows]
    tx.execute(lite, keyed)


def delete(tx: Transaction, table: sa.Table, rows: Rows) -> None:
    """Delete whatever is equal to one of the rows in all the columns these name."""
    if not rows:
        return
    if tx.is_postgres:
        tx.execute(_postgres_delete(table, tuple(rows[0])), {"rows": encoded(table, rows)})
        return
    lite = sa.delete(table).where(*(table.c[c] == sa.bindparam(f"key_{c}") for c in rows[0]))
    tx.execute(lite, [{f"key_{c}": value for c, value in row.items()} for row in rows])


@lru_cache(maxsize=16)
def adding_statement(
    table: sa.Table,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    added: str,
    returning: tuple[str, ...],
    timed: str,
) -> str:
    """`upsert` that only sums up `added`, as a raw cursor of psycopg takes it: its parameter is what
    `encoded` makes. A new row takes PostgreSQL's own time into its column `timed`.
    """
    keep = tuple(name for name in columns if name != added)
    conflict = _on_conflict(table, columns, key, (added,), keep, "")
    return _postgres_insert(table, columns, conflict, returning, timed).text.replace(":rows", "$1")


def encoded(table: sa.Table, rows: Rows) -> str:
    documents, texts = _special(table, tuple(rows[0]))
    encoded = []
    for row in rows:
        ready = dict(row)
        for name in documents:
            if ready[name] is not None:
                ready[name] = orjson.Fragment(dumps(ready[name]).encode())
        for name in texts:
            if ready[name] is not None:
                ready[name] = clean(ready[name])
        encoded.append(ready)
    return orjson.dumps(encoded).decode()


@lru_cache(maxsize=256)
def _special(table: sa.Table, columns: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The columns that hold documents, and those that hold text."""
    kinds = {name: table.c[name].type for name in columns}
    documents = [name for name, kind in kinds.items() if isinstance(kind, Json)]
    return documents, [name for name, kind in kinds.items() if isinstance(kind, CleanText)]


@lru_cache(maxsize=256)
def _postgres_insert(
    table: sa.Table, columns: tuple[str, ...], conflict: str, returning: tuple[str, ...], timed: str = ""
) -> sa.TextClause:
    names = ", ".join(f'"{c}"' for c in columns)
    into, given = (f'{names}, "{timed}"', f"{names}, {NOW_POSTGRES}") if timed else (names, names)
    told = f" RETURNING {', '.join(chr(34) + c + chr(34) for c in returning)}" if returning else ""
    return sa.text(  # names of our own tables and columns; every value is in the parameter
        f"INSERT INTO {table.name} ({into}) SELECT {given} FROM {_given(table, columns)} {conflict}{told}"  # noqa: S608
    )


@lru_cache(maxsize=256)
def _postgres_update(
    table: sa.Table, columns: tuple[str, ...], key: tuple[str, ...], where: str
) -> sa.TextClause:
    sets = ", ".join(f'"{c}" = given."{c}"' for c in columns if c not in key)
    match = " AND ".join(f'{table.name}."{c}" = given."{c}"' for c in key)
    match += f" AND {where}" if where else ""
    return sa.text(f"UPDATE {table.name} SET {sets} FROM {_given(table, columns)} WHERE {match}")  # noqa: S608


@lru_cache(maxsize=256)
def _postgres_delete(table: sa.Table, columns: tuple[str, ...]) -> sa.TextClause:
    match = " AND ".join(f'{table.name}."{c}" = given."{c}"' for c in columns)
    return sa.text(f"DELETE FROM {table.name} USING {_given(table, columns)} WHERE {match}")  # noqa: S608


def _given(table: sa.Table, columns: tuple[str, ...]) -> str:
    declared = ", ".join(f'"{c}" {_type_name(table.c[c].type)}' for c in columns)
    return f"json_to_recordset(CAST(:rows AS json)) AS given({declared})"


@lru_cache(maxsize=256)
def _on_conflict(
    table: sa.Table,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    added: tuple[str, ...],
    keep: tuple[str, ...],
    where: str,
) -> str:
    replaced = [c for c in columns if c not in key and c not in added and c not in keep]
    sets = [f'"{c}" = excluded."{c}"' for c in replaced]
    sets += [f'"{c}" = {table.name}."{c}" + excluded."{c}"' for c in added]
    target = ", ".join(f'"{c}"' for c in key)
    return f"ON CONFLICT ({target}) {'WHERE ' + where if where else ''} DO UPDATE SET {', '.join(sets)}"


def _type_name(kind: sa.types.TypeEngine[Any]) -> str:
    if isinstance(kind, Json):
        return "json"
    if isinstance(kind, CleanText):
        return "text"
    return "boolean" if isinstance(kind, sa.Boolean) else "bigint"
