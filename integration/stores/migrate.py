"""Bring a database to the newest schema; safe to call from any number of processes at once."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from integration.stores.engine import WRITING, EngineOptions, make_engine
from integration.stores.unit_of_work import translated

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 7_206_241_830_115
"""Any number, the same in every process: PostgreSQL's advisory lock for upgrades."""


def upgrade(url: str) -> str:
    """Run all migrations the database has not seen, in one transaction; returns its revision then."""
    return _run(url, "upgrade")


def current_revision(url: str) -> str:
    """The revision a database is at, empty before the first upgrade."""
    return _run(url, "")


def newest_revision() -> str:
    """The revision this release needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def _run(url: str, what: str) -> str:
    engine = make_engine(url, EngineOptions(pool_size=1))
    try:
        with (
            translated(),
            engine.connect().execution_options(**{WRITING: True}) as connection,
            connection.begin(),
        ):
            if what == "upgrade":
                _upgrade(connection)
            return MigrationContext.configure(connection).get_current_revision() or ""
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))  # a second release waits for the first
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
