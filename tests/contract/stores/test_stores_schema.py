"""Migrations and models make the same database, on both engines."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from integration.errors import Retryable
from integration.stores.engine import WRITING, EngineOptions, make_engine
from integration.stores.migrate import current_revision, newest_revision, upgrade
from integration.stores.tables import metadata

DESIGNED = {
    "pairs",
    "credentials",
    "inbox_events",
    "lanes",
    "changes",
    "waits",
    "intents",
    "snapshots",
    "bindings",
    "outbox_writes",
    "write_attempts",
    "dead_letters",
    "exceptions",
    "overrides",
    "cursors",
    "mapping_versions",
    "runs",
    "api_usage",
    "audit_log",
    "match_keys",
    "audit_values",
    "audit_segments",
    "alarms",
}


def _schema(url: str, schema: str = "public") -> dict[str, object]:
    """Columns, and indexes as the database itself writes them down."""
    engine = make_engine(url, EngineOptions(pool_size=1))
    try:
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            tables = sorted(name for name in inspector.get_table_names() if name != "alembic_version")
            columns = {t: [_column(c) for c in inspector.get_columns(t)] for t in tables}
            return {"columns": columns, "indexes": _indexes(connection)}
    finally:
        engine.dispose()


def _column(column: object) -> tuple[str, ...]:
    told = dict(column)  # type: ignore[call-overload]
    default = re.sub(r"nextval\('[^']*'", "nextval(", str(told["default"]))
    return str(told["name"]), str(told["type"]), str(told["nullable"]), default


def _indexes(connection: sa.Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        asked = (
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
    else:
        asked = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    return sorted(" ".join(row[0].split()) for row in connection.execute(sa.text(asked)))


def test_every_designed_table_is_there_and_belongs_to_a_pair() -> None:
    assert set(metadata.tables) == DESIGNED
    assert [t.name for t in metadata.sorted_tables if "pair_id" not in t.c and t.name != "pairs"] == []


def test_migrations_lead_to_the_models(database_url: str) -> None:
    assert upgrade(database_url) == newest_revision()
    engine = make_engine(database_url, EngineOptions(pool_size=1))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrations_make_the_very_indexes_and_defaults_of_the_models(
    database_url: str, tmp_path: Path
) -> None:
    """Alembic's comparison does not see the conditions of partial indexes, on which the fences rest."""
    upgrade(database_url)
    migrated = _schema(database_url)
    engine = make_engine(database_url, EngineOptions(pool_size=1))
    with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        metadata.drop_all(connection)
        metadata.create_all(connection)
    engine.dispose()
    assert migrated == _schema(database_url)
    assert any("WHERE" in index for index in migrated["indexes"])  # type: ignore[attr-defined]


def test_any_number_of_upgrades_at_once_is_one(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(upgrade, [database_url] * 4)) == {newest_revision()}
    assert current_revision(database_url) == newest_revision()


def test_a_database_that_is_away_is_retryable() -> None:
    with pytest.raises(Retryable) as raised:
        upgrade("postgresql://nobody:secret-word@127.0.0.1:1/none")
    assert "secret-word" not in f"{raised.value} {raised.value.evidence}"
